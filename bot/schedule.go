package bot

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/poll"
)

// schedule polls at once and then whenever the cron expression says so. A poll
// that takes longer than the gap to the next is never doubled: the next one
// begins at the first scheduled time after its end.
//
// It walks a cron.Schedule itself instead of running a cron.Cron, because the
// latter knows only the machine's clock.
type schedule struct {
	cron   cron.Schedule
	zone   *time.Location
	clock  clock.Clock
	poller *poll.Poller
	log    *slog.Logger

	next atomic.Pointer[time.Time] // when the next poll is to begin
}

func (s *schedule) run(stop, _ context.Context) {
	for {
		// A poll writes whole pages or nothing, so there is nothing to drain.
		s.poller.Run(stop)
		now := s.clock.Now()
		next := s.cron.Next(now.In(s.zone))
		s.next.Store(&next)
		select {
		case <-stop.Done():
			return
		case <-s.clock.After(next.Sub(now)):
		}
	}
}

// overdue tells how late the next poll is to begin, zero while one is not due.
func (s *schedule) overdue() time.Duration {
	next := s.next.Load()
	if next == nil {
		return 0
	}
	return max(0, s.clock.Now().Sub(*next))
}
