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
)

// openForm opens a form about a time for somebody who has the role need.
func (h *Handlers) openForm(cb slack.InteractionCallback, callback, value string, need migration.Role) Result {
	ref, _ := notifier.ParseRef(value) // the form says so where it cannot be read
	return h.opened(cb, callback, ref.Key, need, func(ctx context.Context, c call) slack.ModalViewRequest {
		return h.filled(ctx, c, callback, value)
	})
}

// opened opens a form about a migration for somebody who has the role need, on
// top of the form that was clicked in if there is one, and fills it afterwards
// with what fill gives, so that a slow read never loses the permission to open
// it: that lasts three seconds, of which knowing who they are may take two.
// Nothing is decided yet.
func (h *Handlers) opened(
	cb slack.InteractionCallback, callback string, key migration.Key, need migration.Role,
	fill func(context.Context, call) slack.ModalViewRequest,
) Result {
	return Result{After: func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, afterWait)
		defer cancel()
		c := h.beginAt(ctx, cb, "")
		to := placeOf(cb)
		if no, m := h.mayOpen(ctx, c, key, need); no != nil {
			h.post(ctx, to, notifier.Denied(m, no, c.view))
			return
		}
		open := h.o.Slack.OpenViewContext
		if cb.View.ID != "" && cb.View.Type == slack.VTModal {
			open = h.o.Slack.PushViewContext
		}
		opened, err := open(ctx, cb.TriggerID, notifier.FormLoading(callback, c.view))
		if err != nil {
			h.o.Log.Warn("cannot open a form", "user", cb.User.ID, "err", withoutURL(err))
			h.post(ctx, to, notifier.Expired(c.view))
			return
		}
		h.fill(ctx, cb.User.ID, opened.ID, opened.Hash, fill(ctx, c))
	}}
}

// fill shows a view in place of another one. With a hash it is not shown where
// that has changed since.
func (h *Handlers) fill(ctx context.Context, user, id, hash string, view slack.ModalViewRequest) {
	for try := 1; ; try++ {
		_, err := h.o.Slack.UpdateViewContext(ctx, view, "", hash, id)
		if err == nil {
			return
		}
		if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok || try == fillTries {
			if !ok || e.Err != "not_found" { // closed in the meantime
				h.o.Log.Warn("cannot fill a form", "user", user, "err", withoutURL(err))
			}
			return
		}
		select {
		case <-ctx.Done():
			return
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
