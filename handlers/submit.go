package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// submit carries out a submitted form and answers inside the acknowledgement: it
// closes, says on its field what is wrong, or comes again where somebody decided
// in between.
func (h *Handlers) submit(ctx context.Context, cb slack.InteractionCallback, once string) Result {
	callback := cb.View.CallbackID
	switch callback {
	case notifier.FormChecklist:
		return h.submitChecklist(ctx, cb, once)
	case notifier.FormItem:
		return h.submitItem(ctx, cb, once)
	case notifier.FormAck:
		return h.submitAck(ctx, cb, once)
	}
	if callback != notifier.FormChoose && callback != notifier.FormDeclare {
		h.o.Log.Warn("a form that is not known", "callback", callback)
		return Result{}
	}
	c := h.beginAt(ctx, cb, once)
	ref, err := notifier.ParseRef(cb.View.PrivateMetadata)
	at := picked(cb.View)
	switch {
	case err != nil:
		h.o.Log.Warn("cannot read a form", "err", err)
		return fieldError(notifier.FieldLost(c.view))
	case at.IsZero():
		return fieldError(notifier.FieldEmpty(c.view))
	}
	m, err := h.decide(ctx, c, ref.Key, migration.Operator, func(cur migration.Migration) (migration.Change, error) {
		return choose(cur, callback, at, c.decision(migration.ViaForm, ref.Revision))
	})
	rule, broken := errors.AsType[*migration.RuleError](err)
	no, denied := errors.AsType[*migration.Denial](err)
	switch {
	case denied:
		view := notifier.FormDenied(m, no, callback, c.view)
		return Result{Ack: slack.NewUpdateViewSubmissionResponse(&view)}
	case err == nil, broken && c.done(rule, at):
		return Result{Ack: slack.NewClearViewSubmissionResponse()}
	case broken && about(rule, migration.RuleTaken, migration.RulePending):
		form := notifier.Form{Callback: callback, Initial: at, Notice: rule, Ask: c.ask("")}
		view := notifier.FormFor(m, form, c.view)
		return Result{Ack: slack.NewUpdateViewSubmissionResponse(&view)}
	case broken:
		return fieldError(notifier.FieldBroken(m, rule, c.ask(""), c.view))
	case errors.Is(err, errUnknown):
		return fieldError(notifier.FieldLost(c.view))
	}
	h.o.Log.Error("cannot store a decision", "migration", ref.Key.String(), "err", err)
	return fieldError(notifier.FieldNotSaved(err, c.view))
}

// done tells whether what stands in the way is this very decision: the form was
// submitted twice.
func (c call) done(rule *migration.RuleError, at time.Time) bool {
	r := rule.Standing
	return rule.Rule == migration.RuleTaken && r != nil && r.By == c.by && r.Certainty != migration.Refused &&
		r.At.Truncate(time.Minute).Equal(at.Truncate(time.Minute))
}

// picked is the time in a form's field, zero where there is none.
func picked(v slack.View) time.Time {
	if v.State == nil {
		return time.Time{}
	}
	unix := v.State.Values[notifier.FormBlock][notifier.FormAction].SelectedDateTime
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

func fieldError(text string) Result {
	return errorOn(notifier.FormBlock, text)
}
