package notifier

import (
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// The callback ids of the forms. A form's private_metadata is a [Ref] with the
// revision that it was drawn from.
const (
	FormChoose  = "choose"  // choose a time, or another one
	FormDeclare = "declare" // tell the time set in the console
)

// Where a form's time stands in its state.
const (
	FormBlock  = "time"
	FormAction = "at"
)

const (
	maxFormWord  = 24 // a form's title and buttons
	maxFormLabel = 2000
	maxFormError = 500 // no limit is documented; more is not read
)

// Form is what a form shows beside the migration.
type Form struct {
	Callback string    // FormChoose or FormDeclare
	Initial  time.Time // what the picker shows first
	// Notice is told at the top: who decided what in between.
	Notice *migration.RuleError
	Ask    Ask
}

// FormLoading is what stands in for a form until it is filled: the permission to
// open one lasts three seconds only.
func FormLoading(callback string, v View) slack.ModalViewRequest {
	w := in(v.Lang)
	return w.modal(callback, w.text("form.title."+callback, nil), section(w.text("form.loading", nil)))
}

// FormLost is what a form becomes where the migration is not known or cannot be
// read.
func FormLost(callback string, v View) slack.ModalViewRequest {
	w := in(v.Lang)
	return w.modal(callback, w.text("form.title."+callback, nil), section(w.text("form.lost", nil)))
}

// FormBroken is what a form becomes where no time can be chosen.
func FormBroken(m migration.Migration, e *migration.RuleError, callback string, ask Ask, v View) slack.ModalViewRequest {
	t := inAnswer(m, v)
	return t.modal(callback, t.text("form.title."+callback, nil), section(joined([]mrkdwn{t.subject(), t.broken(e, ask)})))
}

// FormFor is the form in which a person chooses a time, or tells the one set in
// the console.
func FormFor(m migration.Migration, f Form, v View) slack.ModalViewRequest {
	t := inAnswer(m, v)
	kind := f.Callback
	if kind == FormChoose && m.Held != nil {
		kind = "reschedule"
	}
	var blocks []slack.Block
	if f.Notice != nil {
		blocks = append(blocks, section(joined([]mrkdwn{
			t.say("form.notice", args{"news": t.broken(f.Notice, f.Ask)}), t.noticeNext(f.Notice),
		})))
	}
	facts := []mrkdwn{
		t.subject(),
		t.say("form.effect", args{"effect": t.effect(m.Event.Type)}),
		t.say("form.state", args{"state": t.say("state."+string(m.State()), nil)}),
		t.say("form.planned", args{"at": t.at(m.Event.NotBefore)}),
	}
	if !m.Deadline().IsZero() {
		facts = append(facts, t.say("form.deadline", args{"at": t.at(m.Deadline()), "left": t.left()}))
	}
	picker := slack.NewDateTimePickerBlockElement(FormAction)
	picker.InitialDateTime = f.Initial.Unix()
	blocks = append(blocks,
		section(joined(facts)),
		slack.NewInputBlock(FormBlock,
			plain(t.text("form.label."+f.Callback, nil), maxFormLabel), plain(t.text("form.hint", nil), maxFormLabel), picker),
		smallPrint(t.text("form.next."+f.Callback, nil)),
	)
	view := t.modal(f.Callback, t.text("form.title."+kind, nil), blocks...)
	view.Submit = plain(t.text("form.submit."+kind, nil), maxFormWord)
	view.PrivateMetadata = Ref{Key: m.Key(), Revision: m.Revision}.Encode()
	return view
}

// noticeNext is what submitting the form again does.
func (t personal) noticeNext(e *migration.RuleError) mrkdwn {
	if e.Rule == migration.RulePending {
		return t.say("form.notice.wait", nil)
	}
	return t.say("form.notice.again", nil)
}

func (w *words) modal(callback, title string, blocks ...slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, Title: plain(title, maxFormWord),
		Close: plain(w.text("form.close", nil), maxFormWord), Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// FieldBroken is why a form's time cannot stand, for its field: plain text, which
// shows no people. Where somebody decided in between, a form has a Notice.
func FieldBroken(m migration.Migration, e *migration.RuleError, ask Ask, v View) string {
	return clip(string(inAnswer(m, v).broken(e, ask)), maxFormError)
}

// FieldListLost says on a form's field that the list cannot be read.
func FieldListLost(v View) string { return in(v.Lang).text("form.lost.list", nil) }

// FieldChanged says on a form's field that the form is drawn anew.
func FieldChanged(v View) string { return in(v.Lang).text("form.changed", nil) }

// FieldNotSaved says on a form's field that nothing was stored, because of err.
func FieldNotSaved(err error, v View) string {
	key := byTrouble(err, "form.not_saved", "form.not_saved.full", "form.not_saved.read_only", "form.not_saved.damaged")
	return in(v.Lang).text(key, nil)
}

// FieldLost says on a form's field that the migration is not known any more.
func FieldLost(v View) string { return in(v.Lang).text("form.lost", nil) }

// FieldEmpty says on a form's field that no time was chosen.
func FieldEmpty(v View) string { return in(v.Lang).text("form.empty", nil) }
