package handlers

import (
	"context"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// facts tells everything that is known of a migration's instance.
func (h *Handlers) facts(ctx context.Context, c call, req Request) notifier.Message {
	return h.onTarget(ctx, c, req, anything, func(m migration.Migration) notifier.Message {
		return notifier.Facts(m, c.view)
	})
}

// details answers the card's button with the same.
func (h *Handlers) details(ctx context.Context, cb slack.InteractionCallback, once, value string) Result {
	c := h.beginAt(ctx, cb, once)
	to := placeOf(cb)
	if c.barred {
		return h.later(to, notifier.Barred(c.view)) // cards tell less
	}
	ref, err := notifier.ParseRef(value)
	if err != nil {
		h.o.Log.Warn("cannot read a button", "err", err)
		return h.later(to, notifier.Unreadable(c.ask(""), c.view))
	}
	m, ok, err := h.o.Store.Migration(ctx, ref.Key)
	switch {
	case err != nil:
		h.o.Log.Error("cannot read a migration", "migration", ref.Key.String(), "err", err)
		return h.later(to, notifier.NotRead(err, c.ask(""), c.view))
	case !ok:
		return h.later(to, notifier.UnknownMigration(c.ask(""), c.view))
	}
	return h.later(to, notifier.Facts(m, c.view))
}
