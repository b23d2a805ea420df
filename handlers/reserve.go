package handlers

import (
	"context"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// reserve keeps the planned time, or asks for another where none is reserved.
func (h *Handlers) reserve(ctx context.Context, c call, req Request) notifier.Message {
	return h.timed(ctx, c, req, func(m migration.Migration, at time.Time, d migration.Decision) (migration.Change, error) {
		// Keep knows how to refuse what is reserved already.
		if at.IsZero() || m.Held != nil {
			return m.Keep(d)
		}
		return m.Choose(at, d)
	})
}

// timed carries out a command that may name a time, which is read before the
// target is found.
func (h *Handlers) timed(
	ctx context.Context, c call, req Request,
	by func(migration.Migration, time.Time, migration.Decision) (migration.Change, error),
) notifier.Message {
	if req.When != "" {
		at, err := ParseWhen(req.When, c.view.Now, c.zone())
		if err != nil {
			return h.unread(ctx, c, req, err)
		}
		req.At = at
	}
	return h.onTarget(ctx, c, req, undecided, func(m migration.Migration) notifier.Message {
		m, err := h.decide(ctx, c, m.Key(), migration.Operator, func(cur migration.Migration) (migration.Change, error) {
			return by(cur, req.At, c.decision(migration.ViaCommand, migration.SeenAny))
		})
		return h.decided(c, req, m, err)
	})
}
