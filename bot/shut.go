package bot

import (
	"context"
	"errors"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

const closedPrefix = string(migration.PostNotice) + "/channel/"

// delivered takes in how a message for a channel fared: one that Slack keeps the
// bot out of is told to the admins, once, and once more when it takes messages.
func (w *watch) delivered(ctx context.Context, channel string, outcome error) {
	e, _ := errors.AsType[*notifier.DeliveryError](outcome)
	switch {
	case outcome == nil:
		w.token.refused.Store(nil)
	case e != nil && e.Kind == notifier.NoAuth:
		w.token.refused.Store(&e.Code) // nobody can be told in Slack: the log and the probe tell it
	}
	refused := e != nil && e.Kind == notifier.NoChannel
	if outcome != nil && !refused || channel == w.admin {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	err := w.recall(ctx)
	id, told := w.closed[channel]
	switch {
	case err != nil:
	case refused && !told && w.admin != "":
		err = w.shut(ctx, channel, e.Code)
	case !refused && told:
		var p migration.Post
		var ok bool
		if p, ok, err = w.store.Post(ctx, id); ok && p.Notice != nil {
			_, err = w.heal(ctx, p, true)
		}
		delete(w.closed, channel)
	}
	if err != nil {
		w.log.Error("cannot keep what is to be told of a channel", "channel", channel, "err", err)
	}
}

// recall reads which channels are known to take no messages.
func (w *watch) recall(ctx context.Context) error {
	if w.closed != nil {
		return nil
	}
	told, err := w.store.Posts(ctx, closedPrefix)
	if err != nil {
		return err
	}
	w.closed = map[string]string{}
	for _, p := range told {
		if p.Notice != nil && !p.Notice.Over && p.Notice.Open() {
			w.closed[p.Notice.Channel] = p.ID
		}
	}
	return nil
}

// shut tells that a channel takes no messages, unless that was told lately.
func (w *watch) shut(ctx context.Context, channel, code string) error {
	now := w.clock.Now()
	told, err := w.store.Posts(ctx, closedPrefix+channel+"/")
	if err != nil {
		return err
	}
	for _, p := range told {
		if p.Notice != nil && !p.Notice.Over && now.Sub(p.Begun) < tellAgain {
			return nil
		}
	}
	id := closedPrefix + channel + "/" + stamp(now)
	w.closed[channel] = id
	return w.begin(ctx, migration.Post{ID: id, Channel: w.admin, Notice: &migration.Notice{
		Trouble: migration.TroubleChannel, Channel: channel, Since: now, Code: code,
	}})
}
