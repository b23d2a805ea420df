package handlers

import (
	"context"
	"slices"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// accept authorises an event that waits for it.
func (h *Handlers) accept(ctx context.Context, c call, req Request) notifier.Message {
	waiting := func(found []migration.Migration) []migration.Migration {
		found = undecided(found)
		able := slices.DeleteFunc(slices.Clone(found), func(m migration.Migration) bool {
			return !slices.Contains(m.Actions(c.view.Now), migration.ActAccept)
		})
		if len(able) == 1 {
			return able
		}
		return found
	}
	return h.onTarget(ctx, c, req, waiting, func(m migration.Migration) notifier.Message {
		m, err := h.decide(ctx, c, m.Key(), migration.Admin, func(cur migration.Migration) (migration.Change, error) {
			return cur.Accept(c.decision(migration.ViaCommand, migration.SeenAny))
		})
		return h.decided(c, req, m, err)
	})
}
