package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"time"

	"postroom/watcher"
)

const (
	headerTimeout = 10 * time.Second // for a request's head; a client of ours sends it at once
	goodbye       = 2 * time.Second  // calls under way get this long to be answered when the agent stops
)

// Serve makes the engine reachable for this user at the home's address until ctx ends, and then answers what is
// under way and returns nil. It returns an error that is watcher.ErrBusy when another agent answers there already.
func Serve(ctx context.Context, engine Engine, home string) error {
	listener, err := listenIn(ctx, home)
	if err != nil {
		return err
	}
	return ServeOn(ctx, engine, listener)
}

// ServeOn is Serve on a listener that Listen made, for a caller that must know when the address is bound.
// It closes the listener.
func ServeOn(ctx context.Context, engine Engine, listener net.Listener) error {
	server := &http.Server{
		Handler:           Handler(engine),
		ReadHeaderTimeout: headerTimeout,
		MaxHeaderBytes:    16 << 10,
		// A call ends with the agent, and so does every stream of events.
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		_ = server.Close() // a call that does not heed its context is cut off
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving %s: %w", listener.Addr(), err)
	}
	return nil
}

// Handler answers the calls of the wire with the engine. Who may reach it is the listener's business.
func Handler(engine Engine) http.Handler {
	mux := http.NewServeMux()
	serveQueries(mux, engine)
	serveCommands(mux, engine)
	serveOnboarding(mux, engine)
	mux.Handle("GET "+eventsPath, streamEvents(engine))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(versionHeader, engine.AgentVersion())
		mux.ServeHTTP(w, r)
	})
}

func serveQueries(mux *http.ServeMux, engine Engine) {
	callOverview.serve(mux, func(ctx context.Context, _ none) (watcher.Overview, error) { return engine.Overview(ctx) })
	callConnections.serve(mux, func(ctx context.Context, _ none) ([]watcher.Connection, error) {
		return engine.Connections(ctx)
	})
	callRenewals.serve(mux, byID(engine.Renewals))
	callTransfers.serve(mux, engine.Transfers)
	callTransfer.serve(mux, byID(engine.Transfer))
	callLists.serve(mux, byID(engine.Lists))
	callListChanges.serve(mux, byID(engine.ListChanges))
	callOutcomes.serve(mux, func(ctx context.Context, in textArgs) ([]watcher.RecordOutcome, error) {
		return engine.Outcomes(ctx, in.ID, in.Text)
	})
	callDoctor.serve(mux, func(ctx context.Context, _ none) ([]watcher.Finding, error) { return engine.Doctor(ctx) })
	callSupport.serve(mux, func(ctx context.Context, in supportArgs) (watcher.Support, error) {
		return engine.Support(ctx, in.Names)
	})
	callSettings.serve(mux, func(ctx context.Context, _ none) (watcher.Settings, error) { return engine.Settings(ctx) })
}

func serveCommands(mux *http.ServeMux, engine Engine) {
	callRetry.serve(mux, doByID(engine.Retry))
	callSendAgain.serve(mux, doByID(engine.SendAgain))
	callCancel.serve(mux, doByID(engine.Cancel))
	callResolve.serve(mux, do(func(ctx context.Context, in resolveArgs) error {
		return engine.Resolve(ctx, in.ID, in.Send, in.Scope)
	}))
	callList.serve(mux, do(func(ctx context.Context, in listArgs) error { return engine.ResolveList(ctx, in.ID, in.Gone) }))
	callHold.serve(mux, doByID(engine.Hold))
	callRetryAll.serve(mux, byID(engine.RetryAll))
	callCorrect.serve(mux, byID(engine.SendCorrected))
	callDismiss.serve(mux, doByID(engine.Dismiss))
	callAddFiles.serve(mux, do(func(ctx context.Context, in addFilesArgs) error {
		return engine.AddFiles(ctx, in.Company, in.Scope, in.Paths)
	}))
	callPlace.serve(mux, func(ctx context.Context, in addFilesArgs) ([]watcher.Placed, error) {
		return engine.Place(ctx, in.Company, in.Scope, in.Paths)
	})
	callCheckNow.serve(mux, doBare(engine.CheckNow))
	callPause.serve(mux, doBare(engine.Pause))
	callResume.serve(mux, doBare(engine.Resume))
	callPauseCompany.serve(mux, doByID(engine.PauseCompany))
	callResumeCompany.serve(mux, doByID(engine.ResumeCompany))
	callQuiet.serve(mux, do(func(ctx context.Context, in quietArgs) error { return engine.Quiet(ctx, in.Minutes) }))
	callRotate.serve(mux, do(func(ctx context.Context, in rotateArgs) error {
		return engine.Rotate(ctx, in.Company, in.Domain)
	}))
	callRenewSecret.serve(mux, doByID(engine.RenewSecret))
	callDisconnect.serve(mux, doByID(engine.Disconnect))
	callForgetting.serve(mux, byID(engine.Forgetting))
	callForget.serve(mux, do(func(ctx context.Context, in forgetArgs) error { return engine.Forget(ctx, in.Company, in.How) }))
	callKeepCompany.serve(mux, doByID(engine.KeepCompany))
	callSaveSettings.serve(mux, do(engine.SaveSettings))
	callUnlockVault.serve(mux, do(func(ctx context.Context, in passphraseArgs) error {
		return engine.UnlockVault(ctx, in.Passphrase)
	}))
	callStatusPage.serve(mux, func(ctx context.Context, _ none) (watcher.StatusPage, error) { return engine.StatusPage(ctx) })
	callRaise.serve(mux, do(func(ctx context.Context, in pathsArgs) error { return engine.Raise(ctx, in.Paths) }))
	callShow.serve(mux, do(engine.Show))
	callFirstFrame.serve(mux, doBare(engine.FirstFrame))
	callStop.serve(mux, doBare(engine.Stop))
}

func serveOnboarding(mux *http.ServeMux, engine Engine) {
	callDrafts.serve(mux, func(ctx context.Context, _ none) ([]watcher.Draft, error) { return engine.Drafts(ctx) })
	callDraft.serve(mux, byID(engine.Draft))
	callNewDraft.serve(mux, engine.NewDraft)
	callReconnect.serve(mux, byID(engine.Reconnect))
	callUpdateDraft.serve(mux, func(ctx context.Context, in updateArgs) (watcher.Draft, error) {
		return engine.UpdateDraft(ctx, in.ID, in.Step, in.Input)
	})
	callRegister.serve(mux, byID(engine.Register))
	callSetIDs.serve(mux, func(ctx context.Context, in idsArgs) (watcher.Draft, error) {
		return engine.SetIDs(ctx, in.ID, in.Developer, in.Application)
	})
	callRequestPasscode.serve(mux, byID(engine.RequestPasscode))
	callPasteKey.serve(mux, func(ctx context.Context, in keyArgs) (watcher.Draft, error) {
		return engine.PasteKey(ctx, in.ID, in.Key)
	})
	callTest.serve(mux, byID(engine.Test))
	callDropDraft.serve(mux, doByID(engine.DropDraft))
	callPractice.serve(mux, func(ctx context.Context, _ none) (watcher.Draft, error) { return engine.Practice(ctx) })
}

// byID, do, doByID and doBare bring an engine's method into the form of a call.
func byID[Out any](f func(context.Context, string) (Out, error)) func(context.Context, idArgs) (Out, error) {
	return func(ctx context.Context, in idArgs) (Out, error) { return f(ctx, in.ID) }
}

func do[In any](f func(context.Context, In) error) func(context.Context, In) (none, error) {
	return func(ctx context.Context, in In) (none, error) { return none{}, f(ctx, in) }
}

func doByID(f func(context.Context, string) error) func(context.Context, idArgs) (none, error) {
	return do(func(ctx context.Context, in idArgs) error { return f(ctx, in.ID) })
}

func doBare(f func(context.Context) error) func(context.Context, none) (none, error) {
	return do(func(ctx context.Context, _ none) error { return f(ctx) })
}

// serve answers the call with f.
func (c call[In, Out]) serve(mux *http.ServeMux, f func(context.Context, In) (Out, error)) {
	mux.HandleFunc("POST "+pathPrefix+c.name, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := readBody(w, r, &in); err != nil {
			answer(w, http.StatusBadRequest, failure{Kind: "invalid", Message: err.Error()})
			return
		}
		out, err := f(r.Context(), in)
		if err != nil {
			f, status := toFailure(err)
			slog.Debug("a call was refused", "call", c.name, "error", err)
			answer(w, status, f)
			return
		}
		answer(w, http.StatusOK, out)
	})
}

// readBody takes one JSON value of at most maxRequest bytes. Fields it does not know are passed over, so that a
// newer window can speak to an older agent.
func readBody(w http.ResponseWriter, r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return errors.New("the body is not application/json")
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	if err := decoder.Decode(into); err != nil {
		// The decoder's own words may quote the body, and with it a passphrase.
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return errors.New("the body is too large")
		}
		return errors.New("the body does not fit the call")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body has more than one value")
	}
	return nil
}

func answer(w http.ResponseWriter, status int, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		slog.Error("an answer could not be written as JSON", "error", err)
		status, data = http.StatusInternalServerError, []byte(`{"message":"the answer could not be written"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(data); err != nil {
		slog.Debug("a client left before its answer", "error", err)
	}
}
