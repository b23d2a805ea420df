package handlers

import (
	"context"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// checklist shows the list that is to be worked on, with its buttons.
func (h *Handlers) checklist(ctx context.Context, c call, req Request) notifier.Message {
	return h.onTarget(ctx, c, req, unfinished, func(m migration.Migration) notifier.Message {
		return notifier.ShowChecklist(m, c.view)
	})
}

// unfinished leaves out what is done or was cancelled; of nothing but such, the
// latest stays.
func unfinished(found []migration.Migration) []migration.Migration {
	return but(found, func(m migration.Migration) bool { return m.Event.Status.Final() && !m.Waiting() })
}
