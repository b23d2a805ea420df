package handlers

import (
	"context"
	"errors"
	"strings"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// Interact does what a click or a submitted form asks for. once is its
// envelope's id.
func (h *Handlers) Interact(ctx context.Context, cb slack.InteractionCallback, once string) Result {
	switch cb.Type {
	case slack.InteractionTypeBlockActions:
		return h.click(ctx, cb, once)
	case slack.InteractionTypeViewSubmission:
		return h.submit(ctx, cb, once)
	}
	return Result{} // a closed form, or what no message of ours offers
}

// click does exactly one thing: Slack sends one action with each click.
func (h *Handlers) click(ctx context.Context, cb slack.InteractionCallback, once string) Result {
	clicked := cb.ActionCallback.BlockActions
	if len(clicked) != 1 || clicked[0] == nil {
		h.o.Log.Warn("a click without one action", "actions", len(clicked))
		return Result{}
	}
	to := placeOf(cb)
	switch id, value := clicked[0].ActionID, clicked[0].Value; {
	case id == notifier.ActionOpenConsole:
		return Result{} // Slack opened the page itself
	case id == notifier.ActionKeep:
		return h.press(ctx, cb, once, value, migration.Operator, migration.Migration.Keep, notifier.Decided)
	case id == notifier.ActionAccept:
		return h.press(ctx, cb, once, value, migration.Admin, migration.Migration.Accept, notifier.Decided)
	case id == notifier.ActionTake:
		return h.press(ctx, cb, once, value, migration.Operator, migration.Migration.Take, notifier.Taken)
	case id == notifier.ActionSnooze:
		return h.snoozed(ctx, cb, once, clicked[0])
	case id == notifier.ActionChoose, id == notifier.ActionReschedule:
		return h.openForm(ctx, cb, once, notifier.FormChoose, value, migration.Operator)
	case id == notifier.ActionDeclare:
		return h.openForm(ctx, cb, once, notifier.FormDeclare, value, migration.Operator)
	case id == notifier.ActionFacts:
		return h.details(ctx, cb, once, value)
	case id == notifier.ActionHomeFilter, id == notifier.ActionHomeNext, id == notifier.ActionHomePrevious:
		return h.turnHome(cb, clicked[0])
	case id == notifier.ActionChecklist:
		return h.openChecklist(ctx, cb, once, value)
	case id == notifier.ActionItem:
		return h.openItem(ctx, cb, once, value)
	case id == notifier.ActionAck:
		return h.pressAck(ctx, cb, once, value)
	case strings.HasPrefix(id, notifier.ActionPick), id == notifier.ActionNext, id == notifier.ActionPrevious:
		to.replace = cb.Container.IsEphemeral // never a card
		c := h.beginAt(ctx, cb, once)
		if after := h.reading(c, value, to); after != nil {
			return Result{After: after}
		}
		return h.later(to, h.run(ctx, c, value))
	default:
		h.o.Log.Warn("a click on a button that is not known", "action", id)
		return Result{}
	}
}

// placeOf is where a click is answered.
func placeOf(cb slack.InteractionCallback) place {
	to := place{responseURL: cb.ResponseURL, channel: cb.Channel.ID, user: cb.User.ID}
	if cb.View.Type == slack.VTHomeTab {
		tab := homeTab(cb)
		to.home = &tab
	}
	return to
}

// answers tell a decision that was made.
type answers func(m migration.Migration, ask notifier.Ask, v notifier.View) notifier.Message

// decides is what a person decides about a migration.
type decides func(migration.Migration, migration.Decision) (migration.Change, error)

// press carries out a button that decides by itself and takes the role need.
func (h *Handlers) press(ctx context.Context, cb slack.InteractionCallback, once, value string, need migration.Role, by decides, tell answers) Result {
	return h.carry(ctx, cb, h.beginAt(ctx, cb, once), value, need, by, tell)
}

// carry is press once it is known who acts.
func (h *Handlers) carry(
	ctx context.Context, cb slack.InteractionCallback, c call, value string, need migration.Role, by decides, tell answers,
) Result {
	to := placeOf(cb)
	ref, err := notifier.ParseRef(value)
	switch {
	case err != nil && c.barred:
		return h.later(to, notifier.Barred(c.view))
	case err != nil:
		h.o.Log.Warn("cannot read a button", "err", err)
		return h.later(to, notifier.Unreadable(c.ask(""), c.view))
	}
	m, err := h.decide(ctx, c, ref.Key, need, func(cur migration.Migration) (migration.Change, error) {
		return by(cur, c.decision(migration.ViaButton, ref.Revision))
	})
	rule, broken := errors.AsType[*migration.RuleError](err)
	no, denied := errors.AsType[*migration.Denial](err)
	switch {
	case err == nil:
		return h.later(to, tell(m, c.ask(""), c.view))
	case denied:
		return h.later(to, notifier.Denied(m, no, c.view))
	case broken:
		h.redraw(ctx, ref.Key)
		return h.later(to, notifier.Stale(m, rule, c.ask(""), c.view))
	case errors.Is(err, errUnknown):
		return h.later(to, notifier.UnknownMigration(c.ask(""), c.view))
	}
	h.o.Log.Error("cannot store a decision", "migration", ref.Key.String(), "err", err)
	return h.later(to, notifier.NotSaved(err, c.ask(""), c.view))
}

// redraw has the card drawn again: what was clicked on it is not how it stands.
func (h *Handlers) redraw(ctx context.Context, key migration.Key) {
	now := h.o.Clock.Now()
	_, err := h.o.Store.Apply(ctx, key, "", func(cur *migration.Migration) (migration.Change, error) {
		if cur == nil {
			return migration.Change{}, nil
		}
		return migration.Change{Jobs: []migration.Job{cur.CardJob(now)}}, nil
	})
	if err != nil {
		h.o.Log.Error("cannot have a card drawn again", "migration", key.String(), "err", err)
	}
}
