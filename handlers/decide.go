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

// decide commits a decision. An envelope that comes twice is answered as if it
// had come once: the error is nil and the migration as it stands.
func (h *Handlers) decide(
	ctx context.Context, key migration.Key, once string, by func(migration.Migration) (migration.Change, error),
) (migration.Migration, error) {
	m, err := h.o.Store.Apply(ctx, key, once, func(cur *migration.Migration) (migration.Change, error) {
		if cur == nil {
			return migration.Change{}, errUnknown
		}
		return by(*cur)
	})
	if errors.Is(err, migration.ErrTwice) {
		if m.Key() != key {
			return m, errUnknown
		}
		return m, nil
	}
	return m, err
}

// decided answers what became of a command's decision. at is the time that was
// wanted, zero where none was named.
func (h *Handlers) decided(c call, req Request, at time.Time, m migration.Migration, err error) notifier.Message {
	rule, broken := errors.AsType[*migration.RuleError](err)
	switch {
	case err == nil:
		return notifier.Decided(m, c.ask(""), c.view)
	case broken:
		return notifier.Broken(m, rule, c.ask(c.again(req.Verb, rule, m, at)), c.view)
	case errors.Is(err, errUnknown):
		return notifier.UnknownMigration(c.ask(""), c.view)
	}
	h.o.Log.Error("cannot store a decision", "err", err)
	return notifier.NotSaved(c.ask(req.String()), c.view)
}

// again is the command to send once the rule does not stand in its way, with
// what was wanted; empty where there is none.
func (c call) again(verb Verb, rule *migration.RuleError, m migration.Migration, at time.Time) string {
	r := Request{Verb: verb, Target: m.Event.EventID, When: "WHEN"}
	if !at.IsZero() {
		local := at.In(c.view.Zone)
		_, offset := local.Zone()
		r.When = Reading{At: at, Offset: offset}.Typed()
	}
	switch rule.Rule {
	case migration.RulePast, migration.RuleDeadline:
		return r.String()
	case migration.RuleTaken, migration.RulePending:
		if verb == Accept {
			return ""
		}
		r.Verb = Reschedule
		return r.String()
	}
	return ""
}
