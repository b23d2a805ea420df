package handlers

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// ack acknowledges a follow-up as a whole.
func (h *Handlers) ack(ctx context.Context, c call, req Request) notifier.Message {
	if utf8.RuneCountInString(req.Reason) > migration.MaxRemark {
		return notifier.TooLong(c.view)
	}
	return h.onTarget(ctx, c, req, unacknowledged, func(m migration.Migration) notifier.Message {
		m, err := h.acknowledge(ctx, c, m.Key(), req.Reason, migration.ViaCommand)
		return h.decided(c, req, m, err)
	})
}

// acknowledge commits the acknowledgement.
func (h *Handlers) acknowledge(ctx context.Context, c call, key migration.Key, reason string, via migration.Via) (migration.Migration, error) {
	return h.decide(ctx, c, key, migration.Operator, func(cur migration.Migration) (migration.Change, error) {
		return cur.Acknowledge(h.o.Checklists, reason, c.decision(via, migration.SeenAny))
	})
}

// unacknowledged leaves out what does not wait for its acknowledgement; of
// nothing but such, the first stays, to be told so.
func unacknowledged(found []migration.Migration) []migration.Migration {
	return but(found, func(m migration.Migration) bool { return !m.Waiting() })
}

// pressAck acknowledges at once where it takes no reason, and asks for one in a
// form where required items are open.
func (h *Handlers) pressAck(ctx context.Context, cb slack.InteractionCallback, once, value string) Result {
	c := h.beginAt(ctx, cb, once)
	to := placeOf(cb)
	ref, err := notifier.ParseRef(value)
	if err != nil {
		h.o.Log.Warn("cannot read a button", "err", err)
		return h.later(to, notifier.Unreadable(c.ask(""), c.view))
	}
	m, err := h.acknowledge(ctx, c, ref.Key, "", migration.ViaButton)
	if rule, ok := errors.AsType[*migration.RuleError](err); ok {
		if rule.Rule == migration.RuleOpenItems {
			return h.opened(ctx, cb, once, notifier.FormAck, ref.Key, migration.Operator, func(_ context.Context, c call) slack.ModalViewRequest { return notifier.AckForm(m, c.view) })
		}
		h.redraw(ctx, ref.Key)
	}
	return h.later(to, h.decided(c, Request{Verb: Ack}, m, err))
}

// submitAck acknowledges with the reason that a form gives.
func (h *Handlers) submitAck(ctx context.Context, cb slack.InteractionCallback, once string) Result {
	c := h.beginAt(ctx, cb, once)
	ref, err := notifier.ParseRef(cb.View.PrivateMetadata)
	reason := written(cb.View, notifier.FormReason)
	no := func(text string) Result { return errorOn(notifier.FormReason, text) }
	if err != nil {
		h.o.Log.Warn("cannot read a form", "err", err)
		return no(notifier.FieldLost(c.view))
	}
	m, err := h.acknowledge(ctx, c, ref.Key, reason, migration.ViaForm)
	rule, broken := errors.AsType[*migration.RuleError](err)
	denial, denied := errors.AsType[*migration.Denial](err)
	switch {
	case err == nil:
		return Result{Ack: slack.NewClearViewSubmissionResponse()}
	case denied:
		view := notifier.FormDenied(m, denial, notifier.FormAck, c.view)
		return Result{Ack: slack.NewUpdateViewSubmissionResponse(&view)}
	case broken && (rule.Rule == migration.RuleOpenItems || rule.Rule == migration.RuleLong):
		return no(notifier.FieldBroken(m, rule, c.ask(""), c.view))
	case broken:
		view := notifier.AckBroken(m, rule, c.ask(""), c.view)
		return Result{Ack: slack.NewUpdateViewSubmissionResponse(&view)}
	case errors.Is(err, errUnknown):
		return no(notifier.FieldLost(c.view))
	}
	h.o.Log.Error("cannot store a decision", "migration", ref.Key.String(), "err", err)
	return no(notifier.FieldNotSaved(err, c.view))
}
