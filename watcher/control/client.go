package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"postroom/watcher"
)

// ErrNoAgent says that no agent answers at the home's address, or that it went away before it had answered.
var ErrNoAgent = errors.New("no agent is running")

// dialPatience bounds the wait for a local socket to be accepted; an agent that is alive accepts at once.
const dialPatience = 5 * time.Second

// Client calls the agent of one home. It holds no connection between calls and may be used by many goroutines.
type Client struct {
	http    *http.Client
	version atomic.Pointer[string] // of the agent that answered last
}

var _ Engine = (*Client)(nil)

// Dial finds the agent of the home. The error is ErrNoAgent when none answers; an agent that starts later is
// reached by dialling again, one that restarts is reached by the same Client.
func Dial(home string) (*Client, error) {
	client := New(home)
	ctx, cancel := context.WithTimeout(context.Background(), dialPatience)
	defer cancel()
	conn, err := dial(ctx, home)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	return client, conn.Close()
}

// New makes a Client without asking whether the agent is there.
func New(home string) *Client {
	return newClient(func(ctx context.Context) (net.Conn, error) { return dial(ctx, home) })
}

func newClient(dial func(context.Context) (net.Conn, error)) *Client {
	return &Client{http: &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				ctx, cancel := context.WithTimeout(ctx, dialPatience)
				defer cancel()
				conn, err := dial(ctx)
				if err != nil {
					return nil, fmt.Errorf("%w: %w", ErrNoAgent, err)
				}
				return conn, nil
			},
			// A local connection costs next to nothing; one kept open would have to be doubted after every pause.
			DisableKeepAlives:  true,
			DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// do makes the call and waits for its answer as long as ctx allows.
func (c call[In, Out]) do(ctx context.Context, client *Client, in In) (Out, error) {
	var out Out
	body, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("calling %s: %w", c.name, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://postroom"+pathPrefix+c.name, bytes.NewReader(body))
	if err != nil {
		return out, fmt.Errorf("calling %s: %w", c.name, err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.http.Do(request)
	if err != nil {
		return out, lost(ctx, c.name, err)
	}
	defer func() { _ = response.Body.Close() }()
	client.heard(response)
	data, err := io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	switch {
	case err != nil:
		return out, lost(ctx, c.name, err)
	case len(data) > maxResponse:
		return out, fmt.Errorf("calling %s: the answer is larger than %d bytes", c.name, maxResponse)
	case response.StatusCode != http.StatusOK:
		return out, fmt.Errorf("calling %s: %w", c.name, readFailure(response.StatusCode, data))
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return out, fmt.Errorf("calling %s: reading the answer: %w", c.name, err)
	}
	return out, nil
}

// heard notes which version answers. An agent from before versions were told is none that is known.
func (c *Client) heard(response *http.Response) {
	version := response.Header.Get(versionHeader)
	c.version.Store(&version)
}

// AgentVersion is the version of the agent that answered last, "" while none has told. It asks nobody.
func (c *Client) AgentVersion() string {
	if version := c.version.Load(); version != nil {
		return *version
	}
	return ""
}

// lost tells a caller who gave up from an agent that is not there.
func lost(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("calling %s: %w", name, context.Cause(ctx))
	}
	if !errors.Is(err, ErrNoAgent) {
		err = fmt.Errorf("%w: %w", ErrNoAgent, err)
	}
	return fmt.Errorf("calling %s: %w", name, err)
}

func readFailure(status int, data []byte) error {
	var f failure
	if json.Unmarshal(data, &f) != nil || (f.Message == "" && f.Problem == nil) {
		return fmt.Errorf("the agent answered with status %d", status)
	}
	return f.err()
}

// The calls of Engine, in its order.

func (c *Client) Overview(ctx context.Context) (watcher.Overview, error) {
	return callOverview.do(ctx, c, none{})
}

func (c *Client) Connections(ctx context.Context) ([]watcher.Connection, error) {
	return callConnections.do(ctx, c, none{})
}

func (c *Client) Renewals(ctx context.Context, connection string) ([]watcher.Renewal, error) {
	return callRenewals.do(ctx, c, idArgs{connection})
}

func (c *Client) Transfers(ctx context.Context, q watcher.Query) (watcher.Page, error) {
	return callTransfers.do(ctx, c, q)
}

func (c *Client) Transfer(ctx context.Context, id string) (watcher.Detail, error) {
	return callTransfer.do(ctx, c, idArgs{id})
}

func (c *Client) Lists(ctx context.Context, company string) ([]watcher.List, error) {
	return callLists.do(ctx, c, idArgs{company})
}

func (c *Client) ListChanges(ctx context.Context, id string) ([]watcher.RecordChange, error) {
	return callListChanges.do(ctx, c, idArgs{id})
}

func (c *Client) Retry(ctx context.Context, id string) error {
	return done(callRetry.do(ctx, c, idArgs{id}))
}

func (c *Client) SendAgain(ctx context.Context, id string) error {
	return done(callSendAgain.do(ctx, c, idArgs{id}))
}

func (c *Client) Cancel(ctx context.Context, id string) error {
	return done(callCancel.do(ctx, c, idArgs{id}))
}

func (c *Client) Resolve(ctx context.Context, id string, send bool, scope string) error {
	return done(callResolve.do(ctx, c, resolveArgs{ID: id, Send: send, Scope: scope}))
}

func (c *Client) Outcomes(ctx context.Context, id, text string) ([]watcher.RecordOutcome, error) {
	return callOutcomes.do(ctx, c, textArgs{ID: id, Text: text})
}

func (c *Client) ResolveList(ctx context.Context, id string, gone bool) error {
	return done(callList.do(ctx, c, listArgs{ID: id, Gone: gone}))
}

func (c *Client) Hold(ctx context.Context, id string) error {
	return done(callHold.do(ctx, c, idArgs{id}))
}

func (c *Client) RetryAll(ctx context.Context, company string) (int, error) {
	return callRetryAll.do(ctx, c, idArgs{company})
}

func (c *Client) SendCorrected(ctx context.Context, id string) (watcher.Placed, error) {
	return callCorrect.do(ctx, c, idArgs{id})
}

func (c *Client) Dismiss(ctx context.Context, id string) error {
	return done(callDismiss.do(ctx, c, idArgs{id}))
}

func (c *Client) AddFiles(ctx context.Context, company, scope string, paths []string) error {
	return done(callAddFiles.do(ctx, c, addFilesArgs{Company: company, Scope: scope, Paths: paths}))
}

func (c *Client) Place(ctx context.Context, company, scope string, paths []string) ([]watcher.Placed, error) {
	return callPlace.do(ctx, c, addFilesArgs{Company: company, Scope: scope, Paths: paths})
}

func (c *Client) CheckNow(ctx context.Context) error { return done(callCheckNow.do(ctx, c, none{})) }

func (c *Client) Pause(ctx context.Context) error { return done(callPause.do(ctx, c, none{})) }

func (c *Client) Resume(ctx context.Context) error { return done(callResume.do(ctx, c, none{})) }

func (c *Client) PauseCompany(ctx context.Context, company string) error {
	return done(callPauseCompany.do(ctx, c, idArgs{company}))
}

func (c *Client) ResumeCompany(ctx context.Context, company string) error {
	return done(callResumeCompany.do(ctx, c, idArgs{company}))
}

func (c *Client) Quiet(ctx context.Context, minutes int) error {
	return done(callQuiet.do(ctx, c, quietArgs{minutes}))
}

func (c *Client) Rotate(ctx context.Context, company, domain string) error {
	return done(callRotate.do(ctx, c, rotateArgs{Company: company, Domain: domain}))
}

func (c *Client) RenewSecret(ctx context.Context, connection string) error {
	return done(callRenewSecret.do(ctx, c, idArgs{connection}))
}

func (c *Client) Disconnect(ctx context.Context, connection string) error {
	return done(callDisconnect.do(ctx, c, idArgs{connection}))
}

func (c *Client) Forgetting(ctx context.Context, company string) (watcher.Forgetting, error) {
	return callForgetting.do(ctx, c, idArgs{company})
}

func (c *Client) Forget(ctx context.Context, company string, how watcher.ForgetHow) error {
	return done(callForget.do(ctx, c, forgetArgs{Company: company, How: how}))
}

func (c *Client) KeepCompany(ctx context.Context, company string) error {
	return done(callKeepCompany.do(ctx, c, idArgs{company}))
}

func (c *Client) Doctor(ctx context.Context) ([]watcher.Finding, error) {
	return callDoctor.do(ctx, c, none{})
}

func (c *Client) Support(ctx context.Context, names bool) (watcher.Support, error) {
	return callSupport.do(ctx, c, supportArgs{names})
}

func (c *Client) Settings(ctx context.Context) (watcher.Settings, error) {
	return callSettings.do(ctx, c, none{})
}

func (c *Client) SaveSettings(ctx context.Context, s watcher.Settings) error {
	return done(callSaveSettings.do(ctx, c, s))
}

func (c *Client) Drafts(ctx context.Context) ([]watcher.Draft, error) {
	return callDrafts.do(ctx, c, none{})
}

func (c *Client) Draft(ctx context.Context, id string) (watcher.Draft, error) {
	return callDraft.do(ctx, c, idArgs{id})
}

func (c *Client) NewDraft(ctx context.Context, in watcher.DraftInput) (watcher.Draft, error) {
	return callNewDraft.do(ctx, c, in)
}

func (c *Client) Reconnect(ctx context.Context, connection string) (watcher.Draft, error) {
	return callReconnect.do(ctx, c, idArgs{connection})
}

func (c *Client) UpdateDraft(ctx context.Context, id string, step watcher.DraftStep, in watcher.DraftInput) (watcher.Draft, error) {
	return callUpdateDraft.do(ctx, c, updateArgs{ID: id, Step: step, Input: in})
}

func (c *Client) Register(ctx context.Context, id string) (watcher.Draft, error) {
	return callRegister.do(ctx, c, idArgs{id})
}

func (c *Client) SetIDs(ctx context.Context, id, developerID, applicationID string) (watcher.Draft, error) {
	return callSetIDs.do(ctx, c, idsArgs{ID: id, Developer: developerID, Application: applicationID})
}

func (c *Client) RequestPasscode(ctx context.Context, id string) (watcher.Draft, error) {
	return callRequestPasscode.do(ctx, c, idArgs{id})
}

func (c *Client) PasteKey(ctx context.Context, id, key string) (watcher.Draft, error) {
	return callPasteKey.do(ctx, c, keyArgs{ID: id, Key: key})
}

func (c *Client) Test(ctx context.Context, id string) (watcher.Draft, error) {
	return callTest.do(ctx, c, idArgs{id})
}

func (c *Client) DropDraft(ctx context.Context, id string) error {
	return done(callDropDraft.do(ctx, c, idArgs{id}))
}

func (c *Client) Practice(ctx context.Context) (watcher.Draft, error) {
	return callPractice.do(ctx, c, none{})
}

func (c *Client) UnlockVault(ctx context.Context, passphrase string) error {
	return done(callUnlockVault.do(ctx, c, passphraseArgs{passphrase}))
}

func (c *Client) StatusPage(ctx context.Context) (watcher.StatusPage, error) {
	return callStatusPage.do(ctx, c, none{})
}

func (c *Client) Raise(ctx context.Context, paths []string) error {
	return done(callRaise.do(ctx, c, pathsArgs{paths}))
}

func (c *Client) Show(ctx context.Context, what watcher.Target) error {
	return done(callShow.do(ctx, c, what))
}

func (c *Client) FirstFrame(ctx context.Context) error {
	return done(callFirstFrame.do(ctx, c, none{}))
}

func (c *Client) Stop(ctx context.Context) error { return done(callStop.do(ctx, c, none{})) }

func done(_ none, err error) error { return err }
