package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// submitChecklist carries out the ticks of a list's form. Where somebody else was
// faster with some of them, the form becomes what they said.
func (h *Handlers) submitChecklist(ctx context.Context, cb slack.InteractionCallback, once string) Result {
	c := h.beginAt(ctx, cb, once)
	field := firstTicks(cb.View)
	ref, err := notifier.ParseListRef(cb.View.PrivateMetadata)
	if err != nil {
		h.o.Log.Warn("cannot read a form", "err", err)
		return errorOn(field, notifier.FieldListLost(c.view))
	}
	var ticks []migration.Tick
	tick, untick := changed(ref, ticked(cb.View))
	for _, id := range tick {
		ticks = append(ticks, migration.Tick{Item: id, State: migration.Done})
	}
	for _, id := range untick {
		ticks = append(ticks, migration.Tick{Item: id, State: migration.Open})
	}
	m, moot, err := h.tick(ctx, c, ref, ticks)
	switch {
	case err != nil:
		return h.whyNot(c, m, notifier.FormChecklist, field, err)
	case len(moot) > 0:
		return h.becomes(c, cb, field, notifier.MootForm(m, moot, c.view))
	}
	return Result{Ack: slack.NewClearViewSubmissionResponse()}
}

// tick commits ticks of the list that the form shows.
func (h *Handlers) tick(
	ctx context.Context, c call, ref notifier.ListRef, ticks []migration.Tick,
) (m migration.Migration, moot []migration.Moot, err error) {
	m, err = h.decide(ctx, c, ref.Key, migration.Operator, func(cur migration.Migration) (change migration.Change, err error) {
		change, moot, err = cur.Tick(h.o.Checklists, ref.Phase, ticks, c.decision(migration.ViaForm, ref.Revision))
		return change, err
	})
	return m, moot, err
}

// submitItem carries out what the form about one item says, and draws the list
// below it anew.
func (h *Handlers) submitItem(ctx context.Context, cb slack.InteractionCallback, once string) Result {
	c := h.beginAt(ctx, cb, once)
	ref, err := notifier.ParseListRef(cb.View.PrivateMetadata)
	state, known := chosenState(cb.View)
	if err != nil || !known {
		h.o.Log.Warn("cannot read a form", "err", err)
		return errorOn(notifier.FormState, notifier.FieldListLost(c.view))
	}
	choice := notifier.ItemChoice{State: state, Reason: written(cb.View, notifier.FormReason), Note: written(cb.View, notifier.FormNote)}
	m, moot, err := h.tick(ctx, c, ref, []migration.Tick{{Item: ref.Item, State: state, Reason: choice.Reason, Note: &choice.Note}})
	switch {
	case err != nil:
		field := notifier.FormState
		if rule, ok := errors.AsType[*migration.RuleError](err); ok && about(rule, migration.RuleReason, migration.RuleLong) {
			field = notifier.FormReason
		}
		return h.whyNot(c, m, notifier.FormItem, field, err)
	case len(moot) > 0:
		return h.becomes(c, cb, notifier.FormState, notifier.ItemForm(m, moot[0].Item, ref, &choice, c.view))
	case cb.View.PreviousViewID == "":
		return Result{}
	}
	return Result{After: func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, afterWait)
		defer cancel()
		// The item itself stands as it was saved, whatever its box showed before.
		mine := func(id string) bool { return id == ref.Item }
		list := h.listForm(ctx, c, ref.Key, slices.DeleteFunc(ref.Tick, mine), slices.DeleteFunc(ref.Untick, mine))
		h.fill(ctx, cb.User.ID, cb.View.PreviousViewID, "", list)
	}}
}

// becomes turns a submitted form into another one: inside the acknowledgement
// where that is large enough, and right after it otherwise.
func (h *Handlers) becomes(c call, cb slack.InteractionCallback, field string, view slack.ModalViewRequest) Result {
	raw, err := json.Marshal(view)
	if err == nil && len(raw) < maxAck {
		return Result{Ack: slack.NewUpdateViewSubmissionResponse(&view)}
	}
	later := errorOn(field, notifier.FieldChanged(c.view))
	later.After = func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, afterWait)
		defer cancel()
		h.fill(ctx, cb.User.ID, cb.View.ID, "", view)
	}
	return later
}

// chosenState is the state that a form about one item chooses.
func chosenState(v slack.View) (migration.MarkState, bool) {
	if v.State == nil {
		return "", false
	}
	state, ok := notifier.ItemStates()[v.State.Values[notifier.FormState][notifier.FormState].SelectedOption.Value]
	return state, ok
}

// whyNot answers a form whose ticks were not carried out: on the field, or in
// place of a form that is not for the person.
func (h *Handlers) whyNot(c call, m migration.Migration, callback, field string, err error) Result {
	rule, broken := errors.AsType[*migration.RuleError](err)
	no, denied := errors.AsType[*migration.Denial](err)
	switch {
	case denied:
		view := notifier.FormDenied(m, no, callback, c.view)
		return Result{Ack: slack.NewUpdateViewSubmissionResponse(&view)}
	case broken:
		return errorOn(field, notifier.FieldBroken(m, rule, c.ask(""), c.view))
	case errors.Is(err, errUnknown):
		return errorOn(field, notifier.FieldListLost(c.view))
	}
	h.o.Log.Error("cannot store a decision", "migration", m.Key().String(), "err", err)
	return errorOn(field, notifier.FieldNotSaved(err, c.view))
}

// firstTicks is the first block with boxes of a list's form, where its errors
// stand.
func firstTicks(v slack.View) string {
	if v.State == nil {
		return notifier.FormTicks
	}
	blocks := slices.DeleteFunc(slices.Collect(maps.Keys(v.State.Values)), func(b string) bool { return !notifier.IsTicks(b) })
	if len(blocks) == 0 {
		return notifier.FormTicks
	}
	return slices.Min(blocks)
}

func errorOn(block, text string) Result {
	return Result{Ack: slack.NewErrorsViewSubmissionResponse(map[string]string{block: text})}
}
