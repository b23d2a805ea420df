package handlers

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// maxAppointments bounds a calendar file.
const maxAppointments = 1000

// calendar sends the person a calendar file as a direct message: of all that is
// open, of what is theirs, or of a target; what was withdrawn lately is in it too.
func (h *Handlers) calendar(ctx context.Context, c call, req Request, to place) {
	reading, cancel := context.WithTimeout(ctx, afterWait)
	defer cancel()
	rows, err := h.appointments(reading, c, req.Target)
	switch {
	case err != nil:
		h.o.Log.Error("cannot read what a calendar shows", "err", err)
		h.post(ctx, to, notifier.NotRead(err, c.ask(req.String()), c.view))
		return
	case rows == nil:
		h.post(ctx, to, notifier.NoMatch(req.Target, h.near(reading, req.Target), c.ask(""), c.view))
		return
	case len(rows) == 0:
		h.post(ctx, to, notifier.CalendarEmpty(c.view))
		return
	}
	h.post(ctx, to, notifier.CalendarSent(c.view))
	sending, cancel := context.WithTimeout(ctx, afterWait)
	defer cancel()
	if err := h.sendCalendar(sending, c, rows); err != nil {
		h.o.Log.Warn("cannot send a calendar file", "user", c.by, "err", withoutURL(err))
		h.post(ctx, to, notifier.CalendarFailed(slackCode(err), c.view))
	}
}

// appointments are the migrations with a place in a calendar that were asked for; nil
// where the target names none that is known.
func (h *Handlers) appointments(ctx context.Context, c call, target string) ([]migration.Migration, error) {
	rows := []migration.Migration{}
	switch target {
	case "", All, Mine:
		looks := reader{c, h.roster(ctx)}
		take := func(m migration.Migration) bool {
			if len(rows) < maxAppointments && notifier.Appointed(m, c.view.Now) && looks.wants(target, h.claim(m)) {
				rows = append(rows, m)
			}
			return len(rows) < maxAppointments
		}
		err := h.o.Store.ByDeadline(ctx, func(m migration.Migration) bool { return notifier.Withdrawn(m) || take(m) })
		if err == nil {
			err = h.o.Store.Withdrawn(ctx, take)
		}
		return rows, err
	}
	found, err := h.find(ctx, target)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return append(rows, slices.DeleteFunc(found, func(m migration.Migration) bool { return !notifier.Appointed(m, c.view.Now) })...), nil
}

func (h *Handlers) sendCalendar(ctx context.Context, c call, rows []migration.Migration) error {
	dm, _, _, err := h.o.Slack.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{c.by}})
	if err != nil {
		return err
	}
	file := notifier.Calendar(rows, c.view)
	_, err = h.o.Slack.UploadFileContext(ctx, slack.UploadFileParameters{
		Reader: bytes.NewReader(file), FileSize: len(file), Filename: "migrations.ics", Title: notifier.CalendarTitle(c.view),
		Channel: dm.ID, InitialComment: notifier.CalendarComment(rows, c.view),
	})
	return err
}

// slackCode is Slack's own code in err's chain, or that it did not answer.
func slackCode(err error) string {
	if no, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return no.Err
	}
	return "unreachable"
}
