package journal

import "time"

// List is one snapshot of customers, products, ... received from Sage. Paths are relative to the company's folder.
type List struct {
	ID         string // UUIDv7
	Connection string
	Company    string
	Scope      string
	FileID     string    // the platform's
	Timestamp  time.Time // the platform's
	Path       string    // where this version lies
	Changes    string    // where what changed in it lies, "" when nothing is known
	ReceivedAt time.Time
	Records    int
	Added      int
	Changed    int
	Removed    int
	First      bool
	Problem    *Problem // does not match its contract, shrunken, empty
}

// Watermark is how far the polling of one list is.
type Watermark struct {
	Connection string
	Scope      string
	FileID     string
	Timestamp  time.Time
	ETag       string
	CheckedAt  time.Time
}

// Link is what is known of a connection apart from its account: its key's health and when the platform last spoke.
type Link struct {
	Connection string
	KeyState   string
	Since      time.Time // when KeyState began
	RenewedAt  time.Time
	CheckedAt  time.Time
	SeenAt     time.Time
}

// Change is one thing to put into the journal.
type Change interface{ change() }

// The changes.
type (
	// Added is a new transfer.
	Added struct {
		Transfer Transfer
		Entries  []Entry
		Numbers  []string // of its records, as a person may look for them
	}
	// Stepped is a transfer that went a step on. What identifies its content and its place (name, hash, size,
	// identity, connection, scope, sequence) is as it was: use Rewritten to change that.
	Stepped struct {
		Transfer Transfer
		Entries  []Entry
	}
	// Rewritten is a transfer changed in any field but ID and sequence: its file was edited, or its scope decided.
	Rewritten struct {
		Transfer Transfer
		Entries  []Entry
		Numbers  []string // of its records; nil: as they were
	}
	// Forgotten are transfers that the history shows no more. What identifies their content stays, and where they lie;
	// what was told of them goes. One that is not closed, or that needs a person, is left as it is.
	Forgotten struct{ Sequences []int64 }
	// Erased are transfers of which nothing is to stay. One that is not closed, or that needs a person, is left as it is,
	// and so is the newest of all, whose number is never given again.
	Erased struct{ Sequences []int64 }
	// Exchanged are calls to the platform about a transfer, the oldest first.
	Exchanged struct {
		Sequence  int64
		Exchanges []Exchange
	}
	// Listed is a list, new or changed.
	Listed struct{ List List }
	// Marked is a list's watermark.
	Marked struct{ Watermark Watermark }
	// Linked is what is known of a connection.
	Linked struct{ Link Link }
	// Renewed is a line of a connection's timeline.
	Renewed struct {
		Connection string
		Entry      Entry
	}
	// Severed are connections that are gone: what is known of them goes, their timelines too. Transfers stay.
	Severed struct{ Connections []string }
	// Unlisted is a company whose lists the history shows no more. Their files stay.
	Unlisted struct{ Company string }
	// Setting is a value of the engine's own, such as a pause. An empty Value removes it.
	Setting struct{ Key, Value string }
)

func (Added) change()     {}
func (Stepped) change()   {}
func (Rewritten) change() {}
func (Forgotten) change() {}
func (Erased) change()    {}
func (Exchanged) change() {}
func (Listed) change()    {}
func (Marked) change()    {}
func (Linked) change()    {}
func (Renewed) change()   {}
func (Severed) change()   {}
func (Unlisted) change()  {}
func (Setting) change()   {}
