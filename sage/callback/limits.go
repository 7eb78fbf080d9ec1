package callback

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	maxCallers  = 1024        // callers that are counted apart
	forgetEvery = time.Second // looking for quiet ones among them costs more than a call may
)

// limits counts calls per caller, in bounded memory. When there are more callers than it counts apart, those that
// have been quiet longest are forgotten; when all are busy, newcomers share one count.
type limits struct {
	limit rate.Limit
	burst int

	mu     sync.Mutex // guards what follows
	counts map[string]*rate.Limiter
	shared *rate.Limiter
	forgot time.Time // when quiet callers were looked for last
}

func newLimits(limit rate.Limit, burst int) *limits {
	return &limits{
		limit: limit, burst: burst,
		counts: map[string]*rate.Limiter{}, shared: rate.NewLimiter(limit, burst),
	}
}

// allow reports whether the caller may call now.
func (l *limits) allow(caller string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	count, ok := l.counts[caller]
	if !ok {
		if len(l.counts) >= maxCallers {
			l.forget(now)
		}
		if len(l.counts) >= maxCallers {
			return l.shared.AllowN(now, 1)
		}
		count = rate.NewLimiter(l.limit, l.burst)
		l.counts[caller] = count
	}
	return count.AllowN(now, 1)
}

// forget drops the callers whose count is what a newcomer's would be.
func (l *limits) forget(now time.Time) {
	if passed := now.Sub(l.forgot); passed >= 0 && passed < forgetEvery {
		return // a clock that was set back does not stop it for long
	}
	l.forgot = now
	for caller, count := range l.counts {
		if count.TokensAt(now) >= float64(l.burst) {
			delete(l.counts, caller)
		}
	}
}

// address is the caller's: of IPv6 the network, since one caller has all the addresses in it.
func address(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	ip := at.Addr().Unmap()
	if ip.Is4() {
		return ip.String()
	}
	network, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return ""
	}
	return network.String()
}
