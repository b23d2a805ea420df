package handlers

import (
	"context"

	"github.com/slack-go/slack"

	"ecs-migrate/notifier"
)

// HomeOpened fills the Home tab that a person opened.
func (h *Handlers) HomeOpened(_ context.Context, userID string) Result {
	return Result{After: func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, afterWait)
		defer cancel()
		c := h.begin(ctx, userID, "", commandName, "")
		rows, more, err := h.open(ctx, c, All, 0)
		view := notifier.Home(rows, more, c.ask(""), c.view)
		if err != nil {
			h.o.Log.Error("cannot list", "err", err)
			view = notifier.HomeFailed(c.ask(""), c.view)
		}
		if _, err := h.o.Slack.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: userID, View: view}); err != nil {
			h.o.Log.Warn("cannot show the Home tab", "user", userID, "err", withoutURL(err))
		}
	}}
}
