package platform

import (
	"errors"
	"strings"
	"testing"
	"time"

	"postroom/sage"
	"postroom/watcher/simulation/gate"
)

func TestAllWeatherHappensAndIsOver(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		var computer Clock
		w := &Weather{
			Platform: r.platform, Computer: &computer, Keyring: r.keyring, Companies: []string{"Acme Ltd"}, Scope: "customers",
			Events: 200, Span: time.Hour,
		}
		if err := w.Run(r.gate.Process("weather")); err != nil {
			t.Fatal(err)
		}
		seen := 0
		for kind := range r.gate.Counts() {
			if strings.HasPrefix(kind, "weather.") {
				seen++
			}
		}
		if want := len(w.events()); seen < want {
			t.Errorf("%d of %d kinds of weather happened", seen, want)
		}
		if computer.Offset() == 0 || len(r.platform.Snapshots()) != 1 {
			t.Error("no clock was set, or no list published")
		}
		if _, err := r.session.Latest(r.t.Context(), "products", ""); !errors.Is(err, sage.ErrNothingThere) {
			t.Errorf("after the weather: %v", err)
		}
		if !r.platform.Installations()[0].On {
			t.Error("Sage 50 is still off")
		}
	})
}

func TestWeatherEndsWithItsProcess(t *testing.T) {
	bubble(t, Options{}, func(r *rig) {
		p := r.gate.Process("weather")
		w := &Weather{Platform: r.platform, Companies: []string{"Acme Ltd"}, Events: 1000, Span: 1000 * time.Hour}
		time.AfterFunc(time.Hour, p.Kill)
		if err := w.Run(p); !errors.Is(err, gate.ErrDead) {
			t.Error(err)
		}
	})
}
