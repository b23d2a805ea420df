package handlers

import (
	"context"
	"slices"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// HomeOpened fills the Home tab that a person opened.
func (h *Handlers) HomeOpened(_ context.Context, userID string) Result {
	return Result{After: func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, afterWait)
		defer cancel()
		c := h.begin(ctx, userID, "", commandName, "")
		view := h.home(ctx, c)
		if _, err := h.o.Slack.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: userID, View: view}); err != nil {
			h.o.Log.Warn("cannot show the Home tab", "user", userID, "err", withoutURL(err))
		}
	}}
}

// home is the Home tab as far as somebody may see it.
func (h *Handlers) home(ctx context.Context, c call) slack.HomeTabViewRequest {
	if c.barred {
		return notifier.HomeBarred(c.view)
	}
	rows, more, err := h.open(ctx, c, All, 0)
	if err != nil {
		h.o.Log.Error("cannot list", "err", err)
		return notifier.HomeFailed(c.ask(""), c.view)
	}
	ask := c.ask("")
	ask.Looks = len(rows) > 0 && !slices.ContainsFunc(rows, func(m migration.Migration) bool {
		return h.May(ctx, c.by, m, migration.Operator) == nil
	})
	return notifier.Home(rows, more, ask, c.view)
}
