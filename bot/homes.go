package bot

import (
	"context"
	"log/slog"
	"time"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/clock"
	"ecs-migrate/store"
)

// homesEvery is how long a Home tab may show what has changed since, and
// homesAtLeast how often the time left and the like are looked at where nothing
// has.
const (
	homesEvery   = 5 * time.Second
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
	for {
		select {
		case <-stop.Done():
			return
		case <-k.clock.After(homesEvery):
		}
		// Every change is a commit; that not each commit is a change costs a look.
		if n, now := k.store.Commits(), k.clock.Now(); n != seen || now.Sub(last) >= homesAtLeast {
			seen, last = n, now
			if err := safely(func() error { k.acts.RefreshHomes(stop); return nil }); err != nil {
				k.log.Error("keeping the Home tabs up to date tripped", "err", err)
			}
		}
	}
}
