package slack

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Reply is what a person sees after they did something.
type Reply struct {
	Envelope    string            `json:"envelope,omitempty"`     // what the app was sent; empty when Slack kept it to itself
	Error       string            `json:"error,omitempty"`        // what Slack shows in place of an answer: operation_timeout, dispatch_failed, bad_response, invalid_command
	Message     *Message          `json:"message,omitempty"`      // what the acknowledgement of a command said
	FieldErrors map[string]string `json:"field_errors,omitempty"` // by block_id: the app's, or the client's own when Envelope is empty
	View        *View             `json:"view,omitempty"`         // the form, or for OpenHome the Home tab, now in front
}

// Errors of people who do what cannot be done. They are this server's, not Slack's.
var (
	ErrNobody = errors.New("no such person")
	ErrNoSuch = errors.New("nothing there to act on")
)

// Act is the use of one element by one person, in a message (Channel and TS) or in a view (View, or "home").
type Act struct {
	User    string   `json:"user"`
	Channel string   `json:"channel,omitempty"`
	TS      string   `json:"ts,omitempty"`
	View    string   `json:"view,omitempty"`
	Block   string   `json:"block_id,omitempty"` // needed only when the action_id stands in several blocks
	Action  string   `json:"action_id"`
	Values  []string `json:"values,omitempty"` // option values, a date, a Unix time ...; for a button none
}

// container names where values a person picked are kept.
func (a Act) container() string { return a.User + "|" + a.Channel + "|" + a.TS + "|" + a.View }

// person finds someone who can act. Callers hold mu.
func (s *Server) person(id string) (*User, error) {
	u := s.users[id]
	if u == nil || u.Deleted || u.IsBot {
		return nil, fmt.Errorf("%w: %q", ErrNobody, id)
	}
	return u, nil
}

// Command types a whole line such as "/ecs-migrate list" in a channel. What the app answers in its acknowledgement
// is shown, to the person or to the channel.
// Source: https://docs.slack.dev/interactivity/implementing-slash-commands
func (s *Server) Command(user, channel, line string) (Reply, error) {
	name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
	s.mu.Lock()
	u, err := s.person(user)
	ch := s.channels[channel]
	switch {
	case err != nil:
	case u.Team != "": // "Slash commands are not shared": https://docs.slack.dev/apis/slack-connect
		err = fmt.Errorf("%w: %s is of another workspace, which this app's commands are not for", ErrNoSuch, user)
	case ch == nil || ch.Archived || !s.inChannel(ch, user):
		err = fmt.Errorf("%w: %s cannot type in %q", ErrNoSuch, user, channel)
	case !slices.Contains(s.opts.Commands, name):
		// Slack's client says so itself, and no app learns of it. The code is this server's own.
		// Source: https://github.com/samknight/slack_applescript/issues/33 ("/… is not a valid command")
		r := Reply{Error: "invalid_command", View: s.front(user)}
		s.mu.Unlock()
		return r, nil
	}
	if err != nil {
		s.mu.Unlock()
		return Reply{}, err
	}
	e := s.newEnvelope("slash_commands", true, s.commandPayload(u, ch, name, strings.TrimLeftFunc(text, unicode.IsSpace)))
	s.mu.Unlock()

	shown := s.deliver(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := Reply{Envelope: e.ID, Error: shown}
	if shown == "" && e.AckPayload != nil {
		r.Message, err = s.showAnswer(user, ch.ID, e.AckPayload)
		if err != nil {
			s.violation("the answer to a command is no message: "+err.Error(), e.ID)
			r.Error = "bad_response"
		}
	}
	r.View = s.front(user)
	return r, nil
}

// showAnswer shows the message in an acknowledgement: to the person, or to all with response_type in_channel.
// Callers hold mu.
func (s *Server) showAnswer(user, channel string, payload any) (*Message, error) {
	a, ok := payload.(map[string]any)
	if t, isText := payload.(string); isText {
		a, ok = map[string]any{"text": t}, true
	}
	if !ok {
		return nil, errors.New("it is neither an object nor a text")
	}
	body, refused := s.readContent(a)
	switch {
	case refused != nil:
		return nil, fmt.Errorf("%s %v", refused.code, refused.extra["errors"])
	case body.text == "" && len(body.blocks) == 0 && len(body.attachments) == 0:
		return nil, errors.New("no_text")
	}
	m := &Message{Channel: channel, User: BotUserID, BotID: BotID, To: user}
	if args(a).str("response_type") == "in_channel" {
		m.To = ""
	}
	s.store(m, body, "ack")
	shown := *m
	return &shown, nil
}

// front is a copy of the form a person sees, nil when none is open. Callers hold mu.
func (s *Server) front(user string) *View {
	if stack := s.views.stacks[user]; len(stack) > 0 {
		v := *stack[len(stack)-1]
		return &v
	}
	return nil
}

// Click uses an element of a message: presses a button, or picks values in a menu or picker. A confirmation dialog,
// where there is one, is confirmed.
func (s *Server) Click(user, channel, ts, actionID string, values ...string) (Reply, error) {
	return s.Act(Act{User: user, Channel: channel, TS: ts, Action: actionID, Values: values})
}

// ClickView uses an element of an open form, or of the Home tab when view is "home".
func (s *Server) ClickView(user, view, actionID string, values ...string) (Reply, error) {
	return s.Act(Act{User: user, View: view, Action: actionID, Values: values})
}

// Act uses an element. Fields of input blocks tell the app nothing unless dispatch_action is set: then only the value
// is kept for the submission.
func (s *Server) Act(a Act) (Reply, error) {
	s.mu.Lock()
	e, err := s.act(a)
	s.mu.Unlock()
	if err != nil || e == nil {
		return Reply{}, err
	}
	shown := s.deliver(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	return Reply{Envelope: e.ID, Error: shown, View: s.front(a.User)}, nil
}

// act changes what stands in the field and makes the envelope, nil when the app is not told. Callers hold mu.
func (s *Server) act(a Act) (*Envelope, error) {
	u, err := s.person(a.User)
	if err != nil {
		return nil, err
	}
	var m *Message
	var v *View
	var blocks []map[string]any
	if a.View != "" {
		if v = s.seenView(a.User, a.View); v == nil {
			return nil, fmt.Errorf("%w: %s sees no view %q", ErrNoSuch, a.User, a.View)
		}
		blocks, a.View = v.Blocks, v.ID
	} else {
		m = s.find(a.Channel, a.TS)
		if m == nil || m.Deleted || m.To != "" && m.To != a.User || m.To == "" && !s.inChannel(s.channels[m.Channel], a.User) {
			return nil, fmt.Errorf("%w: %s sees no message %s/%s", ErrNoSuch, a.User, a.Channel, a.TS)
		}
		blocks = m.Blocks
	}
	i, err := pick(blocks, a.Block, a.Action)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoSuch, err)
	}
	value, err := entered(i, a.Values)
	if err != nil {
		return nil, err
	}
	state := s.picks(a)
	if _, stateful := holds(i.kind()); stateful {
		state.set(i.blockID(), i.actionID(), value)
	}
	if dispatch, _ := i.block["dispatch_action"].(bool); i.input && !dispatch {
		return nil, nil
	}
	return s.newEnvelope("interactive", false, s.actionPayload(a, u, m, v, i, value, stateOf(blocks, state))), nil
}

// picks is what a person picked so far in a container. Callers hold mu.
func (s *Server) picks(a Act) stateValues {
	key := a.container()
	if s.views.picked[key] == nil {
		s.views.picked[key] = stateValues{}
	}
	return s.views.picked[key]
}

// seenView finds the view in front of a person by id, or the Home tab by "home" or its id. Callers hold mu.
func (s *Server) seenView(user, id string) *View {
	if home := s.views.homes[user]; home != nil && (id == "home" || id == home.ID) {
		return home
	}
	stack := s.views.stacks[user]
	if len(stack) > 0 && (id == "" || stack[len(stack)-1].ID == id) {
		return stack[len(stack)-1]
	}
	return nil
}

// OpenHome opens the app's Home tab: the person sees what is published, and the app is told (app_home_opened).
func (s *Server) OpenHome(user string) (Reply, error) {
	s.mu.Lock()
	u, err := s.person(user)
	if err == nil && u.Team != "" {
		err = fmt.Errorf("%w: %s is of another workspace, where this app has no Home tab", ErrNoSuch, user)
	}
	if err != nil {
		s.mu.Unlock()
		return Reply{}, err
	}
	p := s.homePayload(u)
	r := Reply{}
	if v := s.views.homes[user]; v != nil {
		seen := *v
		r.View = &seen
	}
	s.mu.Unlock()
	s.announce(p)
	return r, nil
}

// Say posts as a person, in a thread when threadTS is given. The bot is not told: it has no such subscription.
func (s *Server) Say(user, channel, text, threadTS string) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(user)
	if err != nil {
		return Message{}, err
	}
	ch := s.channels[channel]
	if ch == nil || ch.Archived || !s.inChannel(ch, user) {
		return Message{}, fmt.Errorf("%w: %s cannot post in %q", ErrNoSuch, user, channel)
	}
	thread, refused := s.threadOf(channel, threadTS)
	if refused != nil {
		return Message{}, fmt.Errorf("%w: no thread %q", ErrNoSuch, threadTS)
	}
	m := &Message{Channel: channel, ThreadTS: thread, User: u.ID}
	s.store(m, content{text: text}, "person")
	return *m, nil
}

// DeleteMessage removes a message, as its author or an administrator would.
func (s *Server) DeleteMessage(channel, ts string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(channel, ts)
	if m == nil || m.Deleted {
		return fmt.Errorf("%w: no message %s/%s", ErrNoSuch, channel, ts)
	}
	m.Deleted = true
	s.touch(m)
	return nil
}
