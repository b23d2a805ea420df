package handlers

import (
	"context"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// historyLines is how much of a migration's history is shown, the latest of it.
const historyLines = 12

// show tells everything about one migration.
func (h *Handlers) show(ctx context.Context, c call, req Request) notifier.Message {
	return h.onTarget(ctx, c, req, anything, func(m migration.Migration) notifier.Message {
		history, err := h.o.Store.History(ctx, m.Key())
		if err != nil {
			h.o.Log.Error("cannot read a history", "migration", m.Key().String(), "err", err)
		}
		if n := len(history); n > historyLines {
			history = history[n-historyLines:]
		}
		return notifier.Show(m, history, c.view)
	})
}
