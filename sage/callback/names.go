package callback

import (
	"slices"

	"postroom/sage"
)

// names are those by which a registration's calls are read: of its own profiles first, then the usual ones. The error
// says that there may be others.
func (l *Listener) names(r Registration) (sage.Callbacks, error) {
	if l.opts.Callbacks == nil {
		return l.usual, nil
	}
	own, err := l.opts.Callbacks(r)
	all := sage.Callbacks{}
	for _, c := range own {
		all = join(all, c)
	}
	return join(all, l.usual), err
}

// join adds names to be tried when none of those before has a value. What stands in a query for one of both stands
// there for both.
func join(a, b sage.Callbacks) sage.Callbacks {
	return sage.Callbacks{
		Approval: sage.ApprovalCall{
			Form:          query(a.Approval.Form, b.Approval.Form),
			Key:           slices.Concat(a.Approval.Key, b.Approval.Key),
			Passcode:      slices.Concat(a.Approval.Passcode, b.Approval.Passcode),
			ApplicationID: slices.Concat(a.Approval.ApplicationID, b.Approval.ApplicationID),
			Domain:        slices.Concat(a.Approval.Domain, b.Approval.Domain),
			Company:       slices.Concat(a.Approval.Company, b.Approval.Company),
			Expires:       slices.Concat(a.Approval.Expires, b.Approval.Expires),
		},
		Notification: sage.NotificationCall{
			Form:          query(a.Notification.Form, b.Notification.Form),
			ApplicationID: slices.Concat(a.Notification.ApplicationID, b.Notification.ApplicationID),
			Domain:        slices.Concat(a.Notification.Domain, b.Notification.Domain),
			Scope:         slices.Concat(a.Notification.Scope, b.Notification.Scope),
			FileID:        slices.Concat(a.Notification.FileID, b.Notification.FileID),
			Timestamp:     slices.Concat(a.Notification.Timestamp, b.Notification.Timestamp),
			DownloadURL:   slices.Concat(a.Notification.DownloadURL, b.Notification.DownloadURL),
		},
	}
}

func query(a, b sage.Form) sage.Form {
	if b == sage.FormQuery {
		return b
	}
	return a
}

// inQuery tells whether the values of a call stand in its query. A custom path may be called for either purpose.
func inQuery(c sage.Callbacks, kind call) bool {
	return kind != notification && c.Approval.Form == sage.FormQuery || kind != approval && c.Notification.Form == sage.FormQuery
}
