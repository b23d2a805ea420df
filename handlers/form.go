package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

const (
	// fillTries is how often filling a form is tried, with fillGap between.
	fillTries = 3
	fillGap   = time.Second
	// formWait bounds opening a form and filling it, and formOwed is when somebody
	// hears that theirs did not come: later than that.
	formWait = 12 * time.Second
	formOwed = 15 * time.Second
)

// openForm opens a form about a time for somebody who has the role need.
func (h *Handlers) openForm(ctx context.Context, cb slack.InteractionCallback, once, callback, value string, need migration.Role) Result {
	ref, _ := notifier.ParseRef(value) // the form says so where it cannot be read
	return h.opened(ctx, cb, once, callback, ref.Key, need, func(ctx context.Context, c call) slack.ModalViewRequest {
		return h.filled(ctx, c, callback, value)
	})
}

// opened opens a form about a migration for somebody who has the role need, on
// top of the form that was clicked in if there is one, and fills it afterwards
// with what fill gives, so that a slow read never loses the permission to open
// it: that lasts three seconds, of which knowing who they are may take two.
// Nothing is decided yet, but that they hear where the form does not come.
func (h *Handlers) opened(
	ctx context.Context, cb slack.InteractionCallback, once, callback string, key migration.Key, need migration.Role,
	fill func(context.Context, call) slack.ModalViewRequest,
) Result {
	owed, err := h.owe(ctx, cb, once, key)
	if errors.Is(err, migration.ErrTwice) {
		return Result{} // its form is on its way, or owed
	}
	return Result{After: func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, formWait)
		defer cancel()
		c := h.beginAt(ctx, cb, "")
		to := placeOf(cb)
		if no, m := h.mayOpen(ctx, c, key, need); no != nil {
			h.settle(ctx, owed, h.post(ctx, to, notifier.Denied(m, no, c.view)))
			return
		}
		open := h.o.Slack.OpenViewContext
		if cb.View.ID != "" && cb.View.Type == slack.VTModal {
			open = h.o.Slack.PushViewContext
		}
		opened, err := open(ctx, cb.TriggerID, notifier.FormLoading(callback, c.view))
		if err != nil {
			h.o.Log.Warn("cannot open a form", "user", cb.User.ID, "err", withoutURL(err))
			_, refused := errors.AsType[slack.SlackErrorResponse](err)
			// A permission that has expired is answered in the thread.
			h.settle(ctx, owed, !(refused && owed.ID != "") && h.post(ctx, to, notifier.Expired(c.view)))
			return
		}
		h.settle(ctx, owed, h.fill(ctx, cb.User.ID, opened.ID, opened.Hash, fill(ctx, c)))
	}}
}

// owe commits that somebody is to hear in the thread that their form did not come,
// should the bot end before it is there. Where there is no thread, or the disk is
// full, the job is empty: they are answered where they clicked, as far as that goes.
func (h *Handlers) owe(ctx context.Context, cb slack.InteractionCallback, once string, key migration.Key) (owed migration.Job, err error) {
	// A card that was clicked stands, though that may not be committed yet.
	stands := cb.Container.Type == "message" && !cb.Container.IsEphemeral
	if once == "" || key == (migration.Key{}) {
		return migration.Job{}, nil
	}
	_, err = h.o.Store.Apply(ctx, key, "form/"+once, func(cur *migration.Migration) (migration.Change, error) {
		owed = migration.Job{}
		if cur == nil || cur.Card.TS == "" && !stands {
			return migration.Change{}, nil
		}
		owed = cur.FormOwed(cb.User.ID, once, h.o.Clock.Now().Add(formOwed))
		return migration.Change{Jobs: []migration.Job{owed}}, nil
	})
	if err != nil {
		owed = migration.Job{}
		if !errors.Is(err, migration.ErrTwice) {
			h.o.Log.Error("cannot store that a form is owed", "migration", key.String(), "err", err)
		}
	}
	return owed, err
}

// settle takes away what is owed to somebody who was answered, and has it told now
// to somebody who was not.
func (h *Handlers) settle(ctx context.Context, owed migration.Job, answered bool) {
	if owed.ID == "" {
		return
	}
	change := migration.Change{Drop: []string{owed.ID}}
	if !answered {
		owed.Due = h.o.Clock.Now()
		change = migration.Change{Jobs: []migration.Job{owed}}
	}
	_, err := h.o.Store.Apply(context.WithoutCancel(ctx), owed.Key, "", func(*migration.Migration) (migration.Change, error) {
		return change, nil
	})
	if err != nil {
		h.o.Log.Error("cannot store what became of a form", "migration", owed.Key.String(), "err", err)
	}
}

// fill shows a view in place of another one, and tells whether nobody waits for it
// any more: it is shown, or was closed. With a hash it is not shown where that has
// changed since.
func (h *Handlers) fill(ctx context.Context, user, id, hash string, view slack.ModalViewRequest) bool {
	for try := 1; ; try++ {
		_, err := h.o.Slack.UpdateViewContext(ctx, view, "", hash, id)
		if err == nil {
			return true
		}
		if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok || try == fillTries {
			closed := ok && e.Err == "not_found"
			if !closed {
				h.o.Log.Warn("cannot fill a form", "user", user, "err", withoutURL(err))
			}
			return closed
		}
		select {
		case <-ctx.Done():
			return false
		case <-h.o.Clock.After(fillGap):
		}
	}
}

// mayOpen tells why somebody may not open a form about a migration. Where that is
// not known, who belongs here may see the form say so.
func (h *Handlers) mayOpen(ctx context.Context, c call, key migration.Key, need migration.Role) (*migration.Denial, migration.Migration) {
	ctx, cancel := context.WithDeadline(ctx, c.until)
	defer cancel()
	m, ok, err := h.o.Store.Migration(ctx, key)
	if err == nil && ok {
		return h.May(ctx, c.by, m, need), m
	}
	if c.barred {
		return h.May(ctx, c.by, m, need), m
	}
	return nil, m
}

// filled is the form for the migration as it stands, or why there is none.
func (h *Handlers) filled(ctx context.Context, c call, callback, value string) slack.ModalViewRequest {
	ref, err := notifier.ParseRef(value)
	if err != nil {
		h.o.Log.Warn("cannot read a button", "err", err)
		return notifier.FormLost(callback, c.view)
	}
	m, ok, err := h.o.Store.Migration(ctx, ref.Key)
	if err != nil || !ok {
		if err != nil {
			h.o.Log.Error("cannot read a migration", "migration", ref.Key.String(), "err", err)
		}
		return notifier.FormLost(callback, c.view)
	}
	f := notifier.Form{Callback: callback, Initial: initial(m, c.view.Now, c.view.Zone), Ask: c.ask("")}
	// The domain is asked what would become of the time that the form proposes.
	stale := broken(m, callback, f.Initial, c.decision(migration.ViaForm, ref.Revision))
	if stale != nil && !about(stale, migration.RulePast, migration.RuleDeadline, migration.RuleSame) {
		h.redraw(ctx, ref.Key)
		f.Notice = stale
	}
	hopeless := broken(m, callback, f.Initial, c.decision(migration.ViaForm, migration.SeenAny))
	if hopeless != nil && !about(hopeless, migration.RulePast, migration.RuleDeadline, migration.RuleSame) {
		return notifier.FormBroken(m, hopeless, callback, c.ask(""), c.view)
	}
	return notifier.FormFor(m, f, c.view)
}

// choose is what a form of that kind decides.
func choose(m migration.Migration, callback string, at time.Time, d migration.Decision) (migration.Change, error) {
	if callback == notifier.FormDeclare {
		return m.Declare(at, d)
	}
	return m.Choose(at, d)
}

// broken is the rule that a decision would break, nil for none.
func broken(m migration.Migration, callback string, at time.Time, d migration.Decision) *migration.RuleError {
	_, err := choose(m, callback, at, d)
	e, _ := errors.AsType[*migration.RuleError](err)
	return e
}

func about(e *migration.RuleError, rules ...migration.Rule) bool {
	for _, r := range rules {
		if e.Rule == r {
			return true
		}
	}
	return false
}

// nightHour is when most teams have the least to lose.
const nightHour = 2

// initial is the time that a form proposes: what was wanted last, or is planned,
// as far as it can still be chosen; otherwise the first night hour that can, the
// next full hour, or the last moment.
func initial(m migration.Migration, now time.Time, zone *time.Location) time.Time {
	deadline := m.Deadline()
	can := func(t time.Time) bool { return t.After(now) && (deadline.IsZero() || !t.After(deadline)) }
	if latest := m.Latest(); latest != nil && can(latest.At) {
		return latest.At
	}
	if can(m.Event.NotBefore) {
		return m.Event.NotBefore
	}
	today := civilOf(now.In(zone))
	for n := range 2 {
		if t, err := instant(today.plus(n), clockTime{hour: nightHour}, zone); err == nil && can(t) {
			return t
		}
	}
	if hour := now.Truncate(time.Hour).Add(time.Hour); can(hour) || deadline.IsZero() {
		return hour
	}
	return deadline
}
