package bot

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/poll"
)

// schedule polls at once and then whenever the cron expression says so. A poll
// that takes longer than the gap to the next does not hold it up: the regions
// that it is still at are passed over.
//
// It walks a cron.Schedule itself instead of running a cron.Cron, because the
// latter knows only the machine's clock.
type schedule struct {
	cron   cron.Schedule
	zone   *time.Location
	clock  clock.Clock
	poller *poll.Poller
	seen   func(context.Context, poll.Report) // how each poll went
	pulse  *pulse
	log    *slog.Logger

	gap atomic.Int64 // between the last two scheduled times, in nanoseconds
}

func (s *schedule) run(stop, _ context.Context) {
	var polls sync.WaitGroup
	defer polls.Wait()
	for {
		now := s.clock.Now()
		next := s.cron.Next(now.In(s.zone))
		s.gap.Store(int64(next.Sub(now)))
		ended := s.pulse.polling(now, next)
		// A poll writes whole pages or nothing, so there is nothing to drain.
		polls.Go(func() {
			defer ended()
			if report := s.poller.Run(stop); stop.Err() == nil {
				s.seen(stop, report)
			}
		})
		select {
		case <-stop.Done():
			return
		case <-s.clock.After(next.Sub(now)):
		}
	}
}

// stale tells whether a region that was last looked at then should have been
// looked at again by now.
func (s *schedule) stale(last time.Time) bool {
	return s.clock.Now().Sub(last) > 2*time.Duration(s.gap.Load())+late
}
