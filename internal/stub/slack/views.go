package slack

import (
	"slices"
	"time"
)

// maxStack is how many views may lie on one another.
// Source: https://docs.slack.dev/surfaces/modals ("up to three views in the view stack")
const maxStack = 3

type viewState struct {
	stacks map[string][]*View // open modals by person, the visible one last
	homes  map[string]*View
	picked map[string]stateValues // what people chose so far, by container (see Act.container)
}

func newViewState() viewState {
	return viewState{stacks: map[string][]*View{}, homes: map[string]*View{}, picked: map[string]stateValues{}}
}

// trigger is a permission to open a form for someone who just did something.
type trigger struct {
	user string
	at   time.Time
	used bool
}

// newTrigger gives a trigger_id. Callers hold mu.
func (s *Server) newTrigger(user string) string {
	id := newID("") + "." + TeamID[1:] + "." + newID("")
	s.triggers[id] = &trigger{user: user, at: s.opts.Now()}
	return id
}

// exchange takes a trigger: three seconds, one use. Source: https://docs.slack.dev/reference/methods/views.open
// (expired_trigger_id, exchanged_trigger_id, invalid_trigger_id; "trigger_id will expire 3 seconds after it's sent").
// A trigger is used up only by a call that succeeds (not confirmed). Callers hold mu.
func (s *Server) exchange(id string) (*trigger, *apiError) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return nil, fail("invalid_trigger_id")
	case t.used:
		return nil, fail("exchanged_trigger_id")
	case s.opts.Now().Sub(t.at) > s.opts.TriggerLife:
		return nil, fail("expired_trigger_id")
	}
	return t, nil
}

// readView reads the view argument of a call.
func (c *call) readView(on surface) (View, *apiError) {
	v, _ := c.args.value("view")
	return readView(v, on)
}

// openView finds an open modal or a Home tab. Callers hold mu.
func (s *Server) openView(is func(*View) bool) *View {
	for _, stack := range s.views.stacks {
		for _, v := range stack {
			if is(v) {
				return v
			}
		}
	}
	for _, v := range s.views.homes {
		if is(v) {
			return v
		}
	}
	return nil
}

// externalTaken tells whether another view has this external id, which must be unique in the workspace.
// Source: https://docs.slack.dev/reference/methods/views.open (duplicate_external_id). Callers hold mu.
func (s *Server) externalTaken(v View, except *View) bool {
	return v.ExternalID != "" && s.openView(func(o *View) bool { return o != except && o.ExternalID == v.ExternalID }) != nil
}

// show puts a new view on a person's screen, on top of what lies there. Callers hold mu.
func (s *Server) show(v View, user string) *View {
	stack := s.views.stacks[user]
	v.ID, v.User, v.Version = newID("V"), user, 1
	v.Root = v.ID
	if len(stack) > 0 {
		v.Root, v.Previous = stack[0].ID, stack[len(stack)-1].ID
	}
	s.views.stacks[user] = append(slices.Clip(stack), &v)
	s.touchView(&v)
	return &v
}

// touchView gives a view a new hash and records the change. Callers hold mu.
func (s *Server) touchView(v *View) {
	v.Hash = formatTS(s.opts.Now().UnixMicro())[:10] + "." + newID("")[:8]
	kind := "view"
	if v.Type == string(onHome) {
		kind = "home"
	}
	v.Seq = s.changed(kind, v.ID)
}

// replace gives a view new content; its identity stays. What a person typed stays where block_id and action_id stay.
// Source: https://docs.slack.dev/reference/methods/views.update ("Preserving input entry"). Callers hold mu.
func (s *Server) replace(old *View, v View) {
	v.ID, v.User, v.Root, v.Previous, v.Version = old.ID, old.User, old.Root, old.Previous, old.Version+1
	*old = v
	s.touchView(old)
}

// dismiss closes a person's view and those on it, or all when from is 0. Callers hold mu.
func (s *Server) dismiss(user string, from int) {
	for _, v := range s.views.stacks[user][from:] {
		delete(s.views.picked, Act{View: v.ID, User: user}.container())
		s.changed("view", v.ID)
	}
	s.views.stacks[user] = slices.Clone(s.views.stacks[user][:from])
}

func (s *Server) viewsOpen(c *call) (map[string]any, *apiError) {
	v, err := c.readView(onModal)
	if err != nil {
		return nil, err
	}
	t, err := s.exchange(c.args.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	if s.externalTaken(v, nil) {
		return nil, fail("duplicate_external_id")
	}
	t.used = true
	s.dismiss(t.user, 0) // a second form takes the place of the first (not confirmed)
	return map[string]any{"view": s.viewShape(s.show(v, t.user))}, nil
}

// viewsPush is https://docs.slack.dev/reference/methods/views.push (push_limit_reached). Where no form is open the
// code is a guess.
func (s *Server) viewsPush(c *call) (map[string]any, *apiError) {
	v, err := c.readView(onModal)
	if err != nil {
		return nil, err
	}
	t, err := s.exchange(c.args.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	stack := s.views.stacks[t.user]
	switch {
	case len(stack) == 0:
		return nil, fail("invalid_trigger_id")
	case len(stack) >= maxStack:
		return nil, fail("push_limit_reached")
	case s.externalTaken(v, nil):
		return nil, fail("duplicate_external_id")
	}
	t.used = true
	return map[string]any{"view": s.viewShape(s.show(v, t.user))}, nil
}

// viewsUpdate is https://docs.slack.dev/reference/methods/views.update (not_found, hash_conflict; view_id or
// external_id names the view).
func (s *Server) viewsUpdate(c *call) (map[string]any, *apiError) {
	v, err := c.readView(onModal)
	if err != nil {
		return nil, err
	}
	id, external := c.args.str("view_id"), c.args.str("external_id")
	if id == "" && external == "" {
		return nil, invalid("invalid_arguments", []string{"missing required field: view_id [json-pointer:/view_id]"})
	}
	old := s.openView(func(o *View) bool {
		return o.Type == string(onModal) && (id != "" && o.ID == id || id == "" && o.ExternalID == external)
	})
	if old == nil {
		return nil, fail("not_found")
	}
	if h := c.args.str("hash"); h != "" && h != old.Hash {
		return nil, fail("hash_conflict")
	}
	if s.externalTaken(v, old) {
		return nil, fail("duplicate_external_id")
	}
	s.replace(old, v)
	return map[string]any{"view": s.viewShape(old)}, nil
}

// viewsPublish is https://docs.slack.dev/reference/methods/views.publish (hash_conflict). The code for an unknown
// person is not documented; invalid_arguments is what a bad argument gets.
func (s *Server) viewsPublish(c *call) (map[string]any, *apiError) {
	v, err := c.readView(onHome)
	if err != nil {
		return nil, err
	}
	u := s.users[c.args.str("user_id")]
	if u == nil || u.IsBot {
		return nil, invalid("invalid_arguments", []string{"must be a valid user id [json-pointer:/user_id]"})
	}
	old := s.views.homes[u.ID]
	if h := c.args.str("hash"); h != "" && old != nil && h != old.Hash {
		return nil, fail("hash_conflict")
	}
	if s.externalTaken(v, old) {
		return nil, fail("duplicate_external_id")
	}
	if old == nil {
		v.ID, v.User, v.Version = newID("V"), u.ID, 1
		v.Root = v.ID
		old = &v
		s.views.homes[u.ID] = old
		s.touchView(old)
	} else {
		s.replace(old, v)
	}
	return map[string]any{"view": s.viewShape(old)}, nil
}

// Views lists the modals that are open for a person, the visible one last.
func (s *Server) Views(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]View, 0, len(s.views.stacks[user]))
	for _, v := range s.views.stacks[user] {
		out = append(out, *v)
	}
	return out
}

// Home gives the Home tab published for a person.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.views.homes[user]; v != nil {
		return *v, true
	}
	return View{}, false
}
