package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

const (
	// patience is how long a step may wait for what should come at once.
	patience = 15 * time.Second
	// beat is how long something may take on the machine's clock before the
	// story's clock is moved on a little.
	beat = 100 * time.Millisecond
	// pollEvery is the gap between two polls on the story's clock.
	pollEvery = 10 * time.Second
)

// A scene is where the story takes place, and how far it went.
type scene struct {
	*world
	stage
	me, other reader // who acts, and who else reads along

	event string
	card  slackstub.Message // as last shown
	told  int               // lines of the thread shown
	asked int64             // Seq of the last call shown
}

// within bounds a step, and ends it with the world.
func (s *scene) within(step func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(s.alive, patience, fmt.Errorf("nothing came within %s", patience))
	defer cancel()
	return step(ctx)
}

// until waits for something to hold, and moves the clock on by tick while it
// does not. It looks again after each change in Slack.
func (s *scene) until(ctx context.Context, tick time.Duration, what string, holds func() bool) error {
	for {
		short, cancel := context.WithTimeout(ctx, beat)
		err := s.slack.Wait(short, what, holds)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("waiting for %s: %w", what, because(ctx, err))
		}
		s.clock.Advance(tick)
	}
}

// findCard looks for the event's card.
func (s *scene) findCard() bool {
	for _, m := range s.slack.Messages("") {
		if !m.Deleted && m.Metadata != nil && m.Metadata.EventType == "ecs_migration" && m.Metadata.EventPayload["event_id"] == s.event {
			s.card = m
			return true
		}
	}
	return false
}

// settled waits until the card fits and its thread has so many lines more.
func (s *scene) settled(ctx context.Context, tick time.Duration, what string, more int, fits func(slackstub.Message) bool) error {
	return s.until(ctx, tick, what, func() bool {
		return s.findCard() && fits(s.card) && len(s.thread()) >= s.told+more
	})
}

// offers fits a card with a certain button.
func offers(action string) func(slackstub.Message) bool {
	return func(m slackstub.Message) bool { return buttons(m.Blocks)[action] }
}

// waits fits blocks of a card that offers no time to choose.
func waits(blocks []object) bool {
	has := buttons(blocks)
	return !has[chooseButton] && !has[rescheduleButton]
}

// label is what is written on a button of the card.
func (s *scene) label(action string) string {
	for _, b := range s.card.Blocks {
		elements, _ := b["elements"].([]any)
		for _, e := range elements {
			if o, ok := e.(object); ok && str(o, "action_id") == action {
				return s.drawing(s.me).text(o["text"])
			}
		}
	}
	return action
}

// click presses a button of the card.
func (s *scene) click(action string) error {
	s.does(s.me.name, words{"clicks [%s]", "点击 [%s]"}, s.label(action))
	r, err := s.slack.Click(s.me.id, s.card.Channel, s.card.TS, action)
	return answered("the click", r, err)
}

// form waits for the filled form, shows it and gives it with its field for a
// time.
func (s *scene) form(ctx context.Context) (slackstub.View, string, error) {
	v, err := s.slack.WaitView(ctx, s.me.id, func(v slackstub.View) bool { return v.Submit != "" })
	if err != nil {
		return v, "", fmt.Errorf("waiting for the form: %w", because(ctx, err))
	}
	s.shows(s.drawing(s.me).form(v.Title, v.Submit, v.Close, v.Blocks))
	for _, b := range v.Blocks {
		if e, ok := b["element"].(object); ok && str(e, "type") == "datetimepicker" {
			return v, str(b, "block_id") + "/" + str(e, "action_id"), nil
		}
	}
	return v, "", errors.New("the form has no field for a time")
}

// submit fills the field and sends the form.
func (s *scene) submit(v slackstub.View, field string, at time.Time) error {
	s.does(s.me.name, words{"picks %s and presses [%s]", "选择 %s，点击 [%s]"}, s.me.written(at), v.Submit)
	r, err := s.slack.Submit(s.me.id, v.ID, map[string]any{field: at.Unix()})
	if err == nil && len(r.FieldErrors) > 0 {
		err = fmt.Errorf("the form refuses %s: %v", s.me.written(at), r.FieldErrors)
	}
	return answered("the form", r, err)
}

// types types a command in the card's channel and shows what only its author
// sees.
func (s *scene) types(ctx context.Context, line string) error {
	s.does(s.me.name, words{"types  %s", "输入  %s"}, line)
	before := len(s.slack.Ephemerals(s.me.id))
	r, err := s.slack.Command(s.me.id, s.card.Channel, line)
	if err := answered(line, r, err); err != nil {
		return err
	}
	err = s.until(ctx, 0, "an answer to "+line, func() bool { return len(s.slack.Ephemerals(s.me.id)) > before })
	if err != nil {
		return err
	}
	for _, m := range s.slack.Ephemerals(s.me.id)[before:] {
		caption := words{"only visible to ", "仅自己可见："}.in(s.lang) + s.me.name
		s.shows(s.drawing(s.me).message(dim.of(caption), m))
	}
	return nil
}

// answered is what went wrong with something a person did.
func answered(what string, r slackstub.Reply, err error) error {
	if err == nil && r.Error != "" {
		err = errors.New("Slack shows " + r.Error)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// drawing draws for a reader as of now.
func (s *scene) drawing(who reader) drawing {
	who.now, who.named = s.clock.Now(), s.named
	return drawing{reader: who, columns: columns - len(indent)}
}

// named is what a person or channel is called.
func (s *scene) named(id string) string {
	for _, u := range s.slack.Users() {
		if u.ID == id {
			return clean(u.RealName)
		}
	}
	return clean(s.channelName(id))
}

func (s *scene) channelName(id string) string {
	for _, c := range s.slack.ChannelList() {
		if c.ID == id {
			return c.Name
		}
	}
	return ""
}

// showCard shows the blocks of the card as a reader sees them.
func (s *scene) showCard(who reader, blocks []object) {
	caption := fmt.Sprintf(words{"#%s, as %s reads it in %s", "#%s，%s 在 %s 看到的内容"}.in(s.lang),
		s.channelName(s.card.Channel), who.name, who.zone)
	s.shows(s.drawing(who).framed(dim.of(caption), blocks))
}

// thread are the lines under the card. The checklist among them is left out: it
// changes all the time.
func (s *scene) thread() []slackstub.Message {
	return slices.DeleteFunc(s.slack.Thread(s.card.Channel, s.card.TS), func(m slackstub.Message) bool {
		return m.Metadata != nil && m.Metadata.EventType == "ecs_migration_list"
	})
}

// showThread shows the lines that came since it was shown last.
func (s *scene) showThread() {
	thread := s.thread()
	d := s.drawing(s.me)
	d.columns -= 4
	for _, m := range thread[min(s.told, len(thread)):] {
		s.line(d.content(m))
	}
	s.told = len(thread)
}

// showCalls shows each kind of call to the cloud since it was shown last, once.
// Polls come all the time: they are shown where they matter.
func (s *scene) showCalls(polls bool) {
	var shown []string
	for _, e := range s.cloud.Record(s.asked) {
		s.asked = e.Seq
		if e.Call == nil || isPoll(*e.Call) && !polls || slices.Contains(shown, describe(*e.Call)) {
			continue
		}
		shown = append(shown, describe(*e.Call))
	}
	if len(shown) > 0 {
		s.lines("")
	}
	for _, call := range shown {
		s.indented(yellow.of(call))
	}
}

// isPoll tells whether a call asks for all that is pending.
func isPoll(c ecsstub.Call) bool {
	_, one := c.Params["EventId.1"]
	return strings.HasPrefix(c.Action, "DescribeInstanceHistoryEvents") && !one
}

// message draws a message in its frame.
func (d drawing) message(caption string, m slackstub.Message) []string {
	if len(m.Blocks) > 0 {
		return d.framed(caption, m.Blocks)
	}
	return d.framed(caption, []object{{"type": "section", "text": object{"type": "mrkdwn", "text": m.Text}}})
}

// content draws a message's blocks, or its text where it has none.
func (d drawing) content(m slackstub.Message) []string {
	if len(m.Blocks) == 0 {
		return wrap(d.mrkdwn(m.Text), d.columns)
	}
	var lines []string
	for _, b := range m.Blocks {
		lines = append(lines, d.block(b)...)
	}
	return lines
}
