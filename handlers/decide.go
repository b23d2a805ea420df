package handlers

import (
	"context"
	"errors"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// errUnknown says that the store has no such migration.
var errUnknown = errors.New("no such migration")

// decide commits a decision that takes the role need. Whether somebody has it is
// judged by the migration as it stands when the decision is committed, whatever a
// button or a form says; the error is a *migration.Denial where they have not. An
// envelope that comes twice is answered as if it had come once: the error is nil
// and the migration as it stands.
func (h *Handlers) decide(
	ctx context.Context, c call, key migration.Key, need migration.Role, by func(migration.Migration) (migration.Change, error),
) (migration.Migration, error) {
	who, err := h.granted(ctx, c, key, need)
	if err != nil {
		return migration.Migration{}, err
	}
	m, err := h.o.Store.Apply(ctx, key, c.once, func(cur *migration.Migration) (migration.Change, error) {
		var grants migration.Grants
		if cur != nil {
			grants = h.o.Grants(*cur)
		}
		no := grants.Deny(who, need)
		switch {
		case no != nil && (cur != nil || who.Bar != ""):
			return migration.Change{}, no
		case cur == nil:
			return migration.Change{}, errUnknown
		}
		change, err := by(*cur)
		c.sign(change.Entries, need)
		return change, err
	})
	if no, denied := errors.AsType[*migration.Denial](err); denied {
		h.denied(ctx, c, key, *no, by)
		return m, err
	}
	if errors.Is(err, migration.ErrTwice) {
		if m.Key() != key {
			return m, errUnknown
		}
		return m, nil
	}
	return m, err
}

// sign says in the audit trail from where a person did what they did, and what it
// took.
func (c call) sign(entries []migration.Entry, need migration.Role) {
	for i := range entries {
		if entries[i].News.By == c.by {
			entries[i].Role, entries[i].Channel, entries[i].Envelope = need, c.channel, c.once
		}
	}
}

// denied has the audit trail keep that somebody tried what they may not do. That
// nothing came of it does not hang on it: what cannot be stored is logged.
func (h *Handlers) denied(
	ctx context.Context, c call, key migration.Key, no migration.Denial, by func(migration.Migration) (migration.Change, error),
) {
	h.o.Log.Warn("denied", "user", c.by, "migration", key.String(), "needs", string(no.Need), "why", string(no.Kind))
	once := ""
	if c.once != "" {
		once = "denied/" + c.once // the envelope itself was not carried out
	}
	_, err := h.o.Store.Apply(ctx, key, once, func(cur *migration.Migration) (migration.Change, error) {
		if cur == nil {
			return migration.Change{}, nil
		}
		var wanted migration.News
		if change, err := by(*cur); err == nil && len(change.Entries) > 0 {
			wanted = change.Entries[0].News
		}
		return cur.Denied(no, wanted, c.decision("", migration.SeenAny)), nil
	})
	if err != nil && !errors.Is(err, migration.ErrTwice) {
		h.o.Log.Error("cannot record a denial", "migration", key.String(), "err", err)
	}
}

// decided answers what became of a command's decision.
func (h *Handlers) decided(c call, req Request, m migration.Migration, err error) notifier.Message {
	rule, broken := errors.AsType[*migration.RuleError](err)
	no, denied := errors.AsType[*migration.Denial](err)
	switch {
	case err == nil:
		return notifier.Decided(m, c.ask(""), c.view)
	case denied:
		return notifier.Denied(m, no, c.view)
	case broken:
		return notifier.Broken(m, rule, c.ask(c.again(req, rule, m)), c.view)
	case errors.Is(err, errUnknown):
		return notifier.UnknownMigration(c.ask(""), c.view)
	}
	h.o.Log.Error("cannot store a decision", "err", err)
	return notifier.NotSaved(err, c.ask(req.String()), c.view)
}

// openWhen stands for a time that is yet to be chosen, as the help has it.
const openWhen = "WHEN"

// openReason stands for a reason that is yet to be given.
const openReason = "REASON"

// again is the command to send once the rule does not stand in its way, empty
// where there is none. It has the time that was wanted, unless that would be
// refused once more.
func (c call) again(req Request, rule *migration.RuleError, m migration.Migration) string {
	r := Request{Verb: req.Verb, Target: m.Event.EventID, When: openWhen}
	switch rule.Rule {
	case migration.RulePast, migration.RuleDeadline:
		return r.String()
	case migration.RuleOpenItems:
		return Request{Verb: Ack, Target: m.Event.EventID, Reason: openReason}.String()
	case migration.RuleTaken, migration.RulePending:
		closed := !rule.Latest.IsZero() && !rule.Earliest.Before(rule.Latest)
		if req.Verb == Accept || m.Event.PlanOnly() || closed {
			return ""
		}
		r.Verb = Reschedule
		if choosable(req.At, rule) {
			local := req.At.In(c.view.Zone)
			_, offset := local.Zone()
			r.When = Reading{At: req.At, Offset: offset}.Typed()
		}
		return r.String()
	}
	return ""
}

// choosable tells whether a time may be asked for in place of what stands.
func choosable(at time.Time, rule *migration.RuleError) bool {
	if !at.After(rule.Earliest) || !rule.Latest.IsZero() && at.After(rule.Latest) {
		return false
	}
	r := rule.Standing
	stands := r != nil && r.Certainty != migration.Refused
	return !stands || !r.At.Truncate(time.Minute).Equal(at.Truncate(time.Minute))
}
