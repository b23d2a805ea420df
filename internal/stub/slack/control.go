package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// This file is the control API: the Go API over HTTP and JSON, for people with a shell and for pages. It has no
// protection but one: it answers callers on this machine only.

func (s *Server) routeControl(mux *http.ServeMux) {
	for pattern, h := range s.controlRoutes() {
		mux.HandleFunc(pattern, local(h))
	}
}

// controlRoutes are the pages of /control/. docs/stub-slack.md shows a call of each.
func (s *Server) controlRoutes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /control/{$}": get(func(*http.Request) any { return s.overview() }),

		"POST /control/command": post(func(in inCommand) (any, error) { return s.Command(in.User, in.Channel, in.Text) }),
		"POST /control/click":   post(func(in Act) (any, error) { return s.Act(in) }),
		"POST /control/submit":  post(func(in inSubmit) (any, error) { return s.Submit(in.User, in.View, in.Values) }),
		"POST /control/close":   post(func(in inClose) (any, error) { return s.closeView(in.User, in.View, in.All) }),
		"POST /control/home":    post(func(in inUser) (any, error) { return s.OpenHome(in.User) }),
		"POST /control/say":     post(func(in inSay) (any, error) { return s.Say(in.User, in.Channel, in.Text, in.ThreadTS) }),

		"POST /control/users":    post(func(in User) (any, error) { return done(addable(in.ID, "U"), func() { s.AddUser(in) }) }),
		"POST /control/channels": post(func(in Channel) (any, error) { return done(addable(in.ID, "C"), func() { s.AddChannel(in) }) }),
		"POST /control/groups":   post(func(in UserGroup) (any, error) { return done(addable(in.ID, "S"), func() { s.AddGroup(in) }) }),
		"POST /control/join":     post(func(in inGroup) (any, error) { return there(in.Group, s.JoinGroup(in.Group, in.User)) }),
		"POST /control/leave":    post(func(in inGroup) (any, error) { return there(in.Group, s.LeaveGroup(in.Group, in.User)) }),
		"POST /control/disable":  post(func(in inGroup) (any, error) { return there(in.Group, s.DisableGroup(in.Group)) }),
		"POST /control/enable":   post(func(in inGroup) (any, error) { return there(in.Group, s.EnableGroup(in.Group)) }),
		"POST /control/kick":     post(func(in inChannel) (any, error) { return known(in.Channel, s.KickBot(in.Channel)) }),
		"POST /control/invite":   post(func(in inChannel) (any, error) { return known(in.Channel, s.InviteBot(in.Channel)) }),
		"POST /control/archive":  post(func(in inChannel) (any, error) { return known(in.Channel, s.Archive(in.Channel)) }),
		"POST /control/delete":   post(func(in inMessage) (any, error) { return struct{}{}, s.DeleteMessage(in.Channel, in.TS) }),

		"POST /control/faults":    post(s.controlFault),
		"DELETE /control/faults":  read(s.controlClear),
		"GET /control/faults":     get(func(*http.Request) any { return wireFaults(s.Faults()) }),
		"POST /control/sockets":   post(s.controlSockets),
		"POST /control/redeliver": post(func(in inEnvelope) (any, error) { return struct{}{}, s.Redeliver(in.ID) }),

		"GET /control/messages":   read(s.controlMessages),
		"GET /control/message":    read(s.controlMessage),
		"GET /control/ephemerals": read(func(r *http.Request) (any, error) { return fresh(r, s.Ephemerals(r.FormValue("user"))) }),
		"GET /control/views":      get(func(r *http.Request) any { return filled(s.Views(r.FormValue("user"))) }),
		"GET /control/home":       get(s.controlHome),
		"GET /control/calls":      get(func(r *http.Request) any { return filled(s.Calls(r.FormValue("method"))) }),
		"GET /control/envelopes":  get(func(*http.Request) any { return filled(s.Envelopes()) }),
		"GET /control/violations": get(func(*http.Request) any { return filled(s.Violations()) }),
		"GET /control/changes":    s.controlChanges,
		"GET /control/stream":     s.controlStream,
	}
}

type (
	inUser    struct{ User string }
	inCommand struct{ User, Channel, Text string }
	inChannel struct{ Channel string }
	inGroup   struct{ Group, User string }
	inMessage struct{ Channel, TS string }
	inClose   struct {
		User, View string
		All        bool
	}
	inSubmit struct {
		User, View string
		Values     map[string]any
	}
	inSay struct {
		User, Channel, Text string
		ThreadTS            string `json:"thread_ts"`
	}
	inEnvelope struct {
		ID string `json:"envelope_id"`
	}
	inSockets struct {
		Do, Reason string
		One        bool // only the connection that has stood longest
	}
	wireFault struct {
		Fault
		Delay string `json:"delay,omitempty"` // such as 500ms or 2s
	}
)

// local refuses callers from elsewhere, and web pages from elsewhere in a browser on this machine: whoever reaches
// these pages can act as anyone. A browser tells a page's origin with every POST and DELETE
// (https://fetch.spec.whatwg.org/#origin-header).
func local(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		origin := r.Header.Get("Origin")
		switch ip := net.ParseIP(host); {
		case err == nil && (ip == nil || !ip.IsLoopback()):
			writeJSON(w, http.StatusForbidden, map[string]any{"error": "the control API answers callers on this machine only"})
		case !loopbackName(r.Host):
			// A name of somebody else's that was pointed at this machine.
			writeJSON(w, http.StatusForbidden, map[string]any{"error": "the control API answers to localhost and 127.0.0.1 only"})
		case origin != "" && origin != "http://"+r.Host:
			writeJSON(w, http.StatusForbidden, map[string]any{"error": "the control API does not answer other sites' pages"})
		default:
			h(w, r)
		}
	}
}

// loopbackName tells whether a Host header names this machine as itself.
func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func get(read func(*http.Request) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { writeJSON(w, http.StatusOK, read(r)) }
}

// read is get for what may refuse.
func read(do func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := do(r)
		answerControl(w, out, err)
	}
}

// answerControl answers 400 for what cannot be read, 404 for who or what is not there.
func answerControl(w http.ResponseWriter, out any, err error) {
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, out)
	case errors.Is(err, ErrNobody) || errors.Is(err, ErrNoSuch):
		writeJSON(w, http.StatusNotFound, map[string]any{"error": err.Error()})
	default:
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
	}
}

// post reads a JSON object strictly.
func post[T any](do func(T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in T
		d := json.NewDecoder(io.LimitReader(r.Body, maxBody))
		d.DisallowUnknownFields()
		d.UseNumber()
		err := d.Decode(&in)
		if err != nil {
			err = fmt.Errorf("read the request: %w", err)
		}
		var out any
		if err == nil {
			out, err = do(in)
		}
		answerControl(w, out, err)
	}
}

func addable(id, prefix string) error {
	if len(id) < 2 || id[:1] != prefix {
		return fmt.Errorf("id %q does not begin with %s", id, prefix)
	}
	return nil
}

func done(err error, do func()) (any, error) {
	if err == nil {
		do()
	}
	return struct{}{}, err
}

func known(channel string, ok bool) (any, error) {
	if !ok {
		return nil, fmt.Errorf("%w: no channel %q", ErrNoSuch, channel)
	}
	return struct{}{}, nil
}

func there(group string, ok bool) (any, error) {
	if !ok {
		return nil, fmt.Errorf("%w: no user group %q", ErrNoSuch, group)
	}
	return struct{}{}, nil
}

// filled makes an empty list [] rather than null.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (s *Server) overview() any {
	s.mu.Lock()
	groups := sorted(s.groups, func(g UserGroup) string { return g.ID })
	seq := s.rec.seq
	s.mu.Unlock()
	return map[string]any{
		"api_url": s.APIURL(), "bot_token": s.opts.BotToken, "app_token": s.opts.AppToken, "commands": s.opts.Commands,
		"users": s.Users(), "channels": s.ChannelList(), "groups": groups, "connections": s.Connections(),
		"scopes_used": filled(s.ScopesUsed()), "seq": seq,
	}
}

func (s *Server) controlFault(in wireFault) (any, error) {
	if in.Delay != "" {
		d, err := time.ParseDuration(in.Delay)
		if err != nil {
			return nil, fmt.Errorf("delay: %w", err)
		}
		in.Fault.Delay = d
	}
	return map[string]any{"id": s.AddFault(in.Fault)}, nil
}

func wireFaults(list []Fault) []wireFault {
	out := make([]wireFault, len(list))
	for i, f := range list {
		out[i].Fault = f
		if f.Delay > 0 {
			out[i].Delay = f.Delay.String()
		}
	}
	return out
}

func (s *Server) controlSockets(in inSockets) (any, error) {
	n := s.Connections()
	switch in.Do {
	case "cut":
		n = s.CutSockets()
	case "disconnect":
		if in.Reason == "" {
			return nil, errors.New("disconnect needs a reason: warning, refresh_requested or link_disabled")
		}
		if n = 0; in.One {
			n = s.DisconnectOne(in.Reason)
		} else {
			n = s.Disconnect(in.Reason)
		}
	case "mute", "unmute":
		s.MutePings(in.Do == "mute")
	default:
		return nil, fmt.Errorf("do is %q, not cut, disconnect, mute or unmute", in.Do)
	}
	return map[string]any{"connections": n}, nil
}

func (s *Server) controlMessages(r *http.Request) (any, error) {
	channel, thread := r.FormValue("channel"), r.FormValue("thread_ts")
	if thread != "" {
		return fresh(r, s.Thread(channel, thread))
	}
	return fresh(r, s.Messages(channel))
}

func (s *Server) controlMessage(r *http.Request) (any, error) {
	m, ok := s.Message(r.FormValue("channel"), r.FormValue("ts"))
	if !ok {
		return nil, fmt.Errorf("%w: no message %s/%s", ErrNoSuch, r.FormValue("channel"), r.FormValue("ts"))
	}
	return m, nil
}

// fresh are the messages that changed after a number, without their versions where those are not wanted: a page
// that follows a full channel needs no more.
func fresh(r *http.Request, all []Message) (any, error) {
	after, err := number(r, "after")
	if err != nil {
		return nil, err
	}
	out := []Message{}
	for _, m := range all {
		if m.Seq <= after {
			continue
		}
		if r.FormValue("versions") == "none" {
			m.Versions = nil
		}
		out = append(out, m)
	}
	return out, nil
}

// controlClear forgets one fault, or all where no id is given.
func (s *Server) controlClear(r *http.Request) (any, error) {
	id, err := number(r, "id")
	switch {
	case err != nil:
	case id == 0:
		s.ClearFaults()
	case !s.RemoveFault(int(id)):
		err = fmt.Errorf("%w: no fault %d", ErrNoSuch, id)
	}
	return struct{}{}, err
}

func (s *Server) controlHome(r *http.Request) any {
	if v, ok := s.Home(r.FormValue("user")); ok {
		return v
	}
	return nil
}

// controlChanges lists changes after a number, waiting for the first one up to wait seconds (60 at most).
func (s *Server) controlChanges(w http.ResponseWriter, r *http.Request) {
	after, err := number(r, "after")
	wait, err2 := number(r, "wait")
	if err := errors.Join(err, err2); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	t := time.NewTimer(time.Duration(min(max(wait, 0), 60)) * time.Second)
	defer t.Stop()
	for {
		changes, wake := s.ChangesAfter(after)
		if len(changes) == 0 && wait > 0 {
			select {
			case <-wake:
				continue
			case <-t.C:
			case <-r.Context().Done():
			case <-s.done:
			}
		}
		writeJSON(w, http.StatusOK, filled(changes))
		return
	}
}

func number(r *http.Request, name string) (int64, error) {
	v := r.FormValue(name)
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is no number", name, v)
	}
	return n, nil
}

// controlStream sends each change as a server-sent event, from after (or Last-Event-ID) on, until the caller goes.
func (s *Server) controlStream(w http.ResponseWriter, r *http.Request) {
	after, err := number(r, "after")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		after, err = strconv.ParseInt(last, 10, 64)
	}
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	for {
		changes, wake := s.ChangesAfter(after)
		for _, c := range changes {
			raw, _ := json.Marshal(c) // of plain fields: cannot fail
			if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", c.Seq, raw); err != nil {
				return
			}
			after = c.Seq
		}
		if err := out.Flush(); err != nil {
			return
		}
		select {
		case <-wake:
		case <-r.Context().Done():
			return
		case <-s.done:
			return
		}
	}
}
