package slack

import (
	"fmt"
	"maps"
	"slices"
)

// Submit fills the form in front of a person (view may be empty for that one) and presses its submit button. Values
// go by action_id, block_id or "block_id/action_id"; fields not named keep what stood there. Required fields left
// empty, and texts of the wrong length, are refused by the client: FieldErrors without an Envelope.
func (s *Server) Submit(user, view string, values map[string]any) (Reply, error) {
	s.mu.Lock()
	u, err := s.person(user)
	v := s.seenView(user, view)
	switch {
	case err != nil:
	case v == nil || v.Type != string(onModal):
		err = fmt.Errorf("%w: %s has no form %q in front", ErrNoSuch, user, view)
	case v.Submit == "":
		err = fmt.Errorf("%w: the form %q has no submit button", ErrNoSuch, v.Title)
	}
	if err != nil {
		s.mu.Unlock()
		return Reply{}, err
	}
	key := Act{User: user, View: v.ID}
	if err := fill(v.Blocks, s.picks(key), values); err != nil {
		s.mu.Unlock()
		return Reply{}, err
	}
	state := stateOf(v.Blocks, s.picks(key))
	if wrong := unfilled(v.Blocks, state); len(wrong) > 0 {
		defer s.mu.Unlock()
		return Reply{FieldErrors: wrong, View: s.front(user)}, nil
	}
	p := s.viewPayload("view_submission", u, v, state)
	p["trigger_id"], p["response_urls"] = s.newTrigger(user), []any{}
	e := s.newEnvelope("interactive", true, p)
	s.mu.Unlock()

	r := Reply{Envelope: e.ID, Error: s.deliver(e)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Error == "" {
		s.afterSubmit(v, e, &r)
	}
	r.View = s.front(user)
	return r, nil
}

// afterSubmit does what the acknowledgement of a submission says: nothing closes the form; response_action errors,
// update, push or clear. Errors must name input blocks of the form.
// Source: https://docs.slack.dev/surfaces/modals ("Updating views via response_action", "Displaying errors in views").
// What a person sees after a wrong answer is not documented; here the form stays. Callers hold mu.
func (s *Server) afterSubmit(v *View, e *Envelope, r *Reply) {
	at := slices.Index(s.views.stacks[v.User], v)
	if at < 0 {
		return // it was closed meanwhile
	}
	wrong := func(format string, a ...any) {
		s.violation("the answer to a submission: "+fmt.Sprintf(format, a...), e.ID)
		r.Error = "bad_response"
	}
	answer, _ := e.AckPayload.(map[string]any)
	switch action := args(answer).str("response_action"); {
	case e.AckPayload == nil:
		s.dismiss(v.User, at)
	case action == "clear":
		s.dismiss(v.User, 0)
	case action == "errors":
		s.fieldErrors(v, answer, r, wrong)
	case action == "update" || action == "push":
		next, refused := readView(answer["view"], onModal)
		switch {
		case refused != nil:
			wrong("%s %v", refused.code, refused.extra["errors"])
		case action == "update":
			s.replace(v, next)
		case at+1 >= maxStack:
			wrong("push_limit_reached")
		default:
			s.show(next, v.User)
		}
	default:
		wrong("unknown response_action %q", action)
	}
}

func (s *Server) fieldErrors(v *View, answer map[string]any, r *Reply, wrong func(string, ...any)) {
	given, _ := answer["errors"].(map[string]any)
	if len(given) == 0 {
		wrong("response_action errors without errors")
		return
	}
	out := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(given)) {
		words, isText := given[id].(string)
		input := slices.ContainsFunc(v.Blocks, func(b map[string]any) bool { return b["block_id"] == id && b["type"] == "input" })
		if !input || !isText || words == "" {
			wrong("an error for %q, which is no input block, or has no words", id)
			return
		}
		out[id] = words
	}
	r.FieldErrors = out
}

// CloseView closes the form in front of a person by its cancel button (view may be empty). The app is told if the
// view asked for it (notify_on_close).
func (s *Server) CloseView(user, view string) (Reply, error) { return s.closeView(user, view, false) }

// CloseAll closes all forms of a person at once, by the cross; the app is told of the front one, is_cleared.
// Source: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload (view_closed)
func (s *Server) CloseAll(user string) (Reply, error) { return s.closeView(user, "", true) }

func (s *Server) closeView(user, view string, all bool) (Reply, error) {
	s.mu.Lock()
	u, err := s.person(user)
	v := s.seenView(user, view)
	if err == nil && (v == nil || v.Type != string(onModal)) {
		err = fmt.Errorf("%w: %s has no form %q in front", ErrNoSuch, user, view)
	}
	if err != nil {
		s.mu.Unlock()
		return Reply{}, err
	}
	p := s.viewPayload("view_closed", u, v, stateOf(v.Blocks, s.picks(Act{User: user, View: v.ID})))
	p["is_cleared"] = all || v.ClearOnClose
	from := len(s.views.stacks[user]) - 1
	if all || v.ClearOnClose {
		from = 0
	}
	s.dismiss(user, from)
	var e *Envelope
	if v.NotifyOnClose {
		e = s.newEnvelope("interactive", false, p)
	}
	r := Reply{View: s.front(user)}
	s.mu.Unlock()
	if e != nil {
		r.Envelope = e.ID
		r.Error = s.deliver(e)
	}
	return r, nil
}
