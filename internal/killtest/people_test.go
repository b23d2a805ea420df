package killtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"

	"ecs-migrate/internal/migration"
)

// answer is what a person saw when they decided.
type answer string

const (
	yes    answer = "yes"    // it counts
	no     answer = "no"     // it does not, and they were told
	silent answer = "silent" // nothing came: it may count or not
)

// decision is what a person did.
type decision struct {
	event string
	kind  migration.NewsKind // what it is called once it counts
	by    string
	at    time.Time // of a chosen time: no other decision names it
	answer
}

func (d decision) String() string {
	if d.at.IsZero() {
		return fmt.Sprintf("%s by %s (%s)", d.kind, d.by, d.answer)
	}
	return fmt.Sprintf("%s %s by %s (%s)", d.kind, d.at.Format(time.DateTime), d.by, d.answer)
}

// book notes what was decided, in order, and which forms were asked for.
type book struct {
	mu    sync.Mutex
	all   []decision
	forms []formClick
}

// formClick is a click that asked for a form.
type formClick struct {
	event, by, envelope string
	answered            bool // acknowledged
	came                bool // the form was there, and filled
	left                bool // whoever asked went home and does not know whether it came
	life                *process
	before              int // how much the bot had told them by then
}

func (b *book) formsOf(event string) []formClick {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.forms), func(f formClick) bool { return f.event != event })
}

func (b *book) noteForm(f formClick) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forms = append(b.forms, f)
}

func (b *book) note(d decision) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, d)
}

func (b *book) of(event string) []decision {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []decision
	for _, d := range b.all {
		if d.event == event {
			out = append(out, d)
		}
	}
	return out
}

// people are the stub's own, by what they do here.
const (
	mary = "U0000000002"
	lin  = "U0000000001"
)

// choose asks for a time by a command, /ecs-migrate reserve or reschedule.
func (w *world) choose(ctx context.Context, by, verb, event string, at time.Time) (answer, error) {
	line := fmt.Sprintf("/ecs-migrate %s %s %s UTC", verb, event, at.UTC().Format("2006-01-02 15:04"))
	return w.command(ctx, decision{event: event, kind: migration.NewsRequested, by: by, at: at}, line)
}

// acceptByCommand authorises an event.
func (w *world) acceptByCommand(ctx context.Context, by, event string) (answer, error) {
	return w.command(ctx, decision{event: event, kind: migration.NewsConsent, by: by}, "/ecs-migrate accept "+event)
}

// assign takes it on.
func (w *world) assign(ctx context.Context, by, event string) (answer, error) {
	return w.command(ctx, decision{event: event, kind: migration.NewsAssigned, by: by}, "/ecs-migrate assign "+event+" me")
}

// snooze wants quiet until a moment.
func (w *world) snooze(ctx context.Context, by, event string, until time.Time) (answer, error) {
	return w.command(ctx, decision{event: event, kind: migration.NewsSnoozed, by: by, at: until}, "/ecs-migrate snooze "+event+" "+until.UTC().Format(time.RFC3339))
}

// acknowledge says that the follow-up is done as a whole, though required items are
// open.
func (w *world) acknowledge(ctx context.Context, by, event string) (answer, error) {
	return w.command(ctx, decision{event: event, kind: migration.NewsAcknowledged, by: by}, "/ecs-migrate ack "+event+" looked at by hand")
}

func (w *world) command(ctx context.Context, d decision, line string) (answer, error) {
	card, err := w.card(ctx, d.event, "")
	if err != nil {
		return "", err
	}
	reply, err := w.slack.Command(d.by, card.Channel, line)
	if err != nil {
		return "", err
	}
	switch d.answer = no; {
	case reply.Error != "" || reply.Message == nil:
		d.answer = silent
	case saysYes(*reply.Message):
		d.answer = yes
	}
	w.noted(d, line)
	return d.answer, nil
}

// saysYes tells whether the bot said that a decision counts, in the words of
// the catalogue's decided.requested, decided.kept, decided.authorising, decided.taken,
// decided.snoozed and decided.done.
func saysYes(m slackstub.Message) bool {
	for _, word := range []string{"Requested:", "Reserved:", "Authorised.", "You look after", "No reminders", "is acknowledged", "现在由您负责", "之前不再提醒", "已提交", "已预约", "已授权"} {
		if strings.Contains(m.Text, word) {
			return true
		}
	}
	return false
}

// click presses a button that decides by itself. Slack shows nothing where all
// is well, so that is what a person takes for a yes.
func (w *world) click(ctx context.Context, by, event, action string, kind migration.NewsKind, at time.Time) (answer, error) {
	card, err := w.card(ctx, event, action)
	if err != nil {
		return "", err
	}
	before := len(w.slack.Ephemerals(by))
	reply, err := w.slack.Click(by, card.Channel, card.TS, action)
	if errors.Is(err, slackstub.ErrNoSuch) {
		return no, nil // the card was drawn again without that button
	}
	if err != nil {
		return "", err
	}
	d := decision{event: event, kind: kind, by: by, at: at, answer: yes}
	switch {
	case reply.Error != "":
		d.answer = silent
	case w.toldNo(ctx, by, before):
		d.answer = no
	}
	w.noted(d, "click "+action)
	return d.answer, nil
}

// answerPatience is how long a person looks for what the bot says to a click.
const answerPatience = 2 * time.Second

// toldNo tells whether the bot says to a click that it does not count: the button
// was an old one, or it cannot be read now who somebody is.
func (w *world) toldNo(ctx context.Context, by string, before int) bool {
	waiting, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	var said []slackstub.Message
	life := w.life()
	_ = w.slack.Wait(waiting, "what the bot says", func() bool { // silence is an answer too
		said = w.slack.Ephemerals(by)[before:]
		return len(said) > 0 || w.life() != life
	})
	for _, m := range said {
		w.log.note("=== " + by + " is told: " + m.Text)
	}
	return len(said) > 0 && !slices.ContainsFunc(said, saysYes)
}

// keep presses Keep the planned time.
func (w *world) keep(ctx context.Context, by, event string) (answer, error) {
	planned, _ := w.cloud.Event(event)
	return w.click(ctx, by, event, "keep", migration.NewsKept, planned.NotBefore)
}

// accept presses Authorise.
func (w *world) accept(ctx context.Context, by, event string) (answer, error) {
	return w.click(ctx, by, event, "accept", migration.NewsConsent, time.Time{})
}

// formPatience is how long a person looks at the place where a form should open:
// for as long as the bot tries.
const formPatience = 20 * time.Second

// errNoForm says that the bot died before it had opened a form. Nothing was
// decided.
var errNoForm = errors.New("no form came")

// form opens the form of a card's button, fills in a time and submits it.
func (w *world) form(ctx context.Context, by, event, action string, at time.Time) (answer, error) {
	form, err := w.open(ctx, by, event, action)
	if err != nil {
		return "", err
	}
	return w.submit(decision{event: event, kind: migration.NewsRequested, by: by, at: at}, form, map[string]any{"time/at": at.Unix()})
}

// tick opens the checklist and ticks its first item.
func (w *world) tick(ctx context.Context, by, event string) (answer, error) {
	form, err := w.open(ctx, by, event, "checklist")
	if err != nil {
		return "", err
	}
	raw, _ := json.Marshal(form.Blocks) // of decoded JSON: cannot fail
	var blocks []struct {
		BlockID string `json:"block_id"`
		Element struct {
			Type    string
			Options []struct{ Value string }
		}
	}
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return "", err
	}
	for _, b := range blocks {
		if b.Element.Type == "checkboxes" {
			return w.submit(decision{event: event, kind: migration.NewsTicked, by: by}, form, map[string]any{b.BlockID: []string{b.Element.Options[0].Value}})
		}
	}
	return "", fmt.Errorf("the list has nothing to tick: %s", form.JSON())
}

// open opens the form of a card's button.
func (w *world) open(ctx context.Context, by, event, action string) (form slackstub.View, err error) {
	if _, err := w.slack.CloseAll(by); err != nil && !errors.Is(err, slackstub.ErrNoSuch) {
		return form, err
	}
	card, err := w.card(ctx, event, action)
	if err != nil {
		return form, err
	}
	asked := formClick{event: event, by: by, life: w.life(), before: len(w.slack.Ephemerals(by))}
	click, err := w.slack.Click(by, card.Channel, card.TS, action)
	switch {
	case errors.Is(err, slackstub.ErrNoSuch):
		return form, errNoForm // the card was drawn again without that button
	case err != nil:
		return form, err
	}
	asked.envelope, asked.answered = click.Envelope, click.Error == ""
	// A form whose opening failed never comes; the bot says so where people see it.
	waiting, cancel := context.WithTimeout(ctx, formPatience)
	defer cancel()
	err = w.slack.Wait(waiting, "the form of "+by, func() bool {
		stack := w.slack.Views(by)
		if len(stack) > 0 {
			form = stack[len(stack)-1]
		}
		return form.Submit != "" || w.life() != asked.life || w.toldFormless(asked)
	})
	asked.came = form.Submit != ""
	asked.left = ctx.Err() != nil && !asked.came
	w.book.noteForm(asked)
	w.log.note(fmt.Sprintf("=== %s: asked for a form by %s: acknowledged %v, came %v", event, asked.envelope, asked.answered, asked.came))
	switch {
	case ctx.Err() != nil:
		return form, ctx.Err()
	case !asked.came:
		return form, errors.Join(err, errNoForm)
	}
	return form, nil
}

// submit sends a form.
func (w *world) submit(d decision, form slackstub.View, values map[string]any) (answer, error) {
	reply, err := w.slack.Submit(d.by, form.ID, values)
	if errors.Is(err, slackstub.ErrNoSuch) {
		return "", errNoForm
	}
	if err != nil {
		return "", err
	}
	d.answer = yes
	switch {
	case reply.Error != "":
		d.answer = silent
	case len(reply.FieldErrors) > 0 || reply.View != nil:
		d.answer = no
	}
	w.noted(d, "form")
	return d.answer, nil
}

// toldFormless tells whether the bot says that a form did not come, or does not,
// since it cannot be read now who may have it.
func (w *world) toldFormless(f formClick) bool {
	return len(w.formless(f)) > 0 || slices.ContainsFunc(w.slack.Ephemerals(f.by)[f.before:], func(m slackstub.Message) bool {
		return strings.Contains(m.Text, "could not be opened in time") || strings.Contains(m.Text, "role cannot be checked now")
	})
}

// formless are the lines in the thread that say that a form did not come.
func (w *world) formless(f formClick) (lines []slackstub.Message) {
	for _, m := range w.slack.Messages("") {
		if isOf(m, formEvent, f.event) && strings.HasSuffix(fmt.Sprint(m.Metadata.EventPayload["form"]), "/"+f.envelope) {
			lines = append(lines, m)
		}
	}
	return lines
}

func (w *world) noted(d decision, how string) {
	w.book.note(d)
	w.log.note(fmt.Sprintf("=== %s: %s: %v", d.event, how, d))
}

// card waits until a person can act: the bot is connected, and the event's card
// stands and has the button, where one is named.
func (w *world) card(ctx context.Context, event, action string) (slackstub.Message, error) {
	var card slackstub.Message
	err := w.slack.Wait(ctx, "a card to act on", func() bool {
		if w.slack.Connections() == 0 {
			return false
		}
		i := slices.IndexFunc(w.slack.Messages(""), func(m slackstub.Message) bool {
			card = m
			return isOf(m, cardEvent, event) && (action == "" || slices.Contains(m.Actions(), action))
		})
		return i >= 0
	})
	return card, err
}

// told waits until a line in the event's thread speaks of the moment with the
// words.
func (w *world) told(ctx context.Context, event, words string, at time.Time) error {
	_, err := w.slack.WaitMessage(ctx, func(m slackstub.Message) bool {
		return isOf(m, lineEvent, event) && strings.Contains(m.Text, words) && strings.Contains(m.JSON(), fmt.Sprintf("!date^%d^", at.Unix()))
	})
	return err
}

// scheduled waits until the event is.
func (w *world) scheduled(event string) bool {
	e, _ := w.cloud.Event(event)
	return e.Status == ecsstub.Scheduled
}

// The event types of the bot's messages, and what belongs to an event.
const (
	cardEvent = "ecs_migration"
	lineEvent = "ecs_migration_news"
	listEvent = "ecs_migration_list"
	formEvent = "ecs_migration_form"

	remindEvent   = "ecs_migration_reminder"
	escalateEvent = "ecs_migration_escalation"
	postEvent     = "ecs_migrate_post" // which belongs to a channel
)

func isOf(m slackstub.Message, kind, event string) bool {
	return m.Metadata != nil && m.Metadata.EventType == kind && m.Metadata.EventPayload["event_id"] == event && !m.Deleted
}
