package bot

import (
	"context"
	"log/slog"
	"time"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/clock"
	"ecs-migrate/store"
)

const (
	// homesEvery is how long a Home tab may show what has changed since, where few
	// do and little is open.
	homesEvery = 5 * time.Second
	// homesShare is how many times as long as a round read there is none: it reads
	// all that is open. What Slack takes of it is nobody's load here.
	homesShare = 10
	// homesAtLeast is how often the time left and the like are looked at where
	// nothing has changed, and how long there is no round at most.
	homesAtLeast = time.Minute
)

// homeKeeper keeps the Home tabs up to date that were opened lately.
type homeKeeper struct {
	acts  *handlers.Handlers
	store *store.Store
	clock clock.Clock
	log   *slog.Logger
}

func (k *homeKeeper) run(stop, _ context.Context) {
	var seen uint64
	var last time.Time
	more, rest := false, homesEvery
	for {
		select {
		case <-stop.Done():
			return
		case <-k.clock.After(rest):
		}
		rest = homesEvery
		// Every change is a commit; that not each commit is a change costs a look.
		if n, now := k.store.Commits(), k.clock.Now(); more || n != seen || now.Sub(last) >= homesAtLeast {
			seen, last, more = n, now, false
			var read time.Duration
			if err := safely(func() error { read, more = k.acts.RefreshHomes(stop); return nil }); err != nil {
				k.log.Error("keeping the Home tabs up to date tripped", "err", err)
			}
			rest = min(max(homesEvery, homesShare*read), homesAtLeast)
		}
	}
}
