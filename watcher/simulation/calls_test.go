package simulation

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"postroom/sage/callback"
	"postroom/sage/sandbox"
	"postroom/watcher"
	"postroom/watcher/simulation/platform"
)

// callbacksAt is the address at which the engine listens for the platform's calls.
const callbacksAt = "127.0.0.1:8700"

// token is what stands in the address to which the platform tells of new lists, of the n-th company.
func token(n int) string { return fmt.Sprintf("token-of-company-%d", n) }

// mark tells one application from another.
func mark(n int) string { return fmt.Sprintf("application-%d", n) }

// announced has a company's application told of new lists.
func announced(s sandbox.Setup, n int) sandbox.Setup {
	s.NotificationURL = "http://" + callbacksAt + callback.NotificationPath + token(n)
	return s
}

// listening has an account's engine listen for that.
func listening(a watcher.Account, n int) watcher.Account {
	a.CallbackListen, a.ApplicationMark = callbacksAt, mark(n)
	return a
}

// layCallbacks records the addresses that the platform was told, as onboarding does.
func (w *world) layCallbacks() error {
	registrations := make(map[string]any)
	for n := range w.companies {
		registrations[fmt.Sprint("registration", n)] = map[string]any{
			"token": token(n), "platform": platform.BaseURL, "domain": "ecommerce", "applicationMark": mark(n), "proven": true, "createdAt": time.Now(),
		}
	}
	book, err := json.Marshal(map[string]any{"registrations": registrations})
	if err != nil {
		return err
	}
	return w.disk.Lay(filepath.Join(home, "callbacks.json"), book)
}
