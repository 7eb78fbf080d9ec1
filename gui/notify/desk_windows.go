package notify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"git.sr.ht/~jackmordaunt/go-toast/wintoast"
)

// callTime is how long Show waits for Windows. The call itself goes on; the next pop-up is refused until it is over.
const callTime = 5 * time.Second

// app names Postroom to Windows. The GUID is Postroom's own, so that a click comes back to this program.
var app = wintoast.AppData{AppID: ourName, GUID: "{6A1F1B0B-3C4E-4B0F-9C39-5D0B6E6A2F71}"}

// OpenDesk opens the Windows Runtime's toasts. Calls of COM are made on one thread of their own.
func OpenDesk(o DeskOptions) Desk {
	d := &toastDesk{work: make(chan string), answers: make(chan error, 1), ended: make(chan struct{})}
	wintoast.SetActivationCallback(func(_, argument string, _ []wintoast.UserData) {
		if o.Clicked != nil {
			o.Clicked(activated(argument))
		}
	})
	go d.run()
	return d
}

type toastDesk struct {
	work    chan string
	answers chan error
	ended   chan struct{}
	late    bool // an answer is still awaited from before
}

// run makes the calls, with no option: wintoast's fall-back would turn the document into a PowerShell script.
func (d *toastDesk) run() {
	defer close(d.ended)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for doc := range d.work {
		err := wintoast.SetAppData(app)
		if err == nil {
			err = wintoast.Push(doc)
		}
		d.answers <- err
	}
}

var errBusy = errors.New("windows has not answered about the pop-up before")

func (d *toastDesk) Show(ctx context.Context, p Popup) error {
	if d.late {
		select {
		case <-d.answers:
			d.late = false
		default:
			return errBusy
		}
	}
	d.work <- toast(p) // at once: run waits for it whenever no answer is awaited
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	select {
	case err := <-d.answers:
		if err != nil {
			return fmt.Errorf("showing a pop-up: %w", err)
		}
		return nil
	case <-ctx.Done():
		d.late = true
		return fmt.Errorf("showing a pop-up: %w", ctx.Err())
	}
}

// Close lets the thread end; one that hangs in a call of Windows is not waited for.
func (d *toastDesk) Close() error {
	close(d.work)
	if !d.late {
		<-d.ended
	}
	return nil
}
