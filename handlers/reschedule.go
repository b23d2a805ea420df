package handlers

import (
	"context"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// reschedule asks for a time, whether or not one is reserved.
func (h *Handlers) reschedule(ctx context.Context, c call, req Request) notifier.Message {
	return h.timed(ctx, c, req, func(m migration.Migration, at time.Time, d migration.Decision) (migration.Change, error) {
		return m.Choose(at, d)
	})
}
