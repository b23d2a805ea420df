package ecs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// control puts the HTTP control API on the mux: the Go methods in JSON. It is
// described in docs/stub-ecs.md.
func (s *Server) control(mux *http.ServeMux) {
	for pattern, do := range map[string]func(*http.Request) (any, error){
		"GET /control/state":     s.controlState,
		"GET /control/events":    func(*http.Request) (any, error) { return orEmpty(s.Events()), nil },
		"GET /control/instances": func(*http.Request) (any, error) { return orEmpty(s.controlInstances()), nil },
		"GET /control/faults":    func(*http.Request) (any, error) { return s.Faults(), nil },
		"GET /control/stats":     s.controlStats,
		"GET /control/record":    s.controlRecord,
		"GET /control/calls":     s.controlCalls,

		"POST /control/events":             s.controlAnnounce,
		"POST /control/events/{id}/{verb}": s.controlSteer,
		"POST /control/instances":          s.controlAddInstance,
		"POST /control/faults":             s.controlInject,
		"DELETE /control/faults":           s.controlClear,
		"DELETE /control/faults/{id}":      s.controlClear,
		"POST /control/permissions":        s.controlPermissions,
		"POST /control/settings":           s.controlSettings,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { serveControl(w, r, do) })
	}
	mux.HandleFunc("GET /control/stream", s.controlStream)
	mux.HandleFunc("/control/", func(w http.ResponseWriter, r *http.Request) {
		serveControl(w, r, func(*http.Request) (any, error) { return nil, errControlPath })
	})
}

var (
	errControlPath = errors.New("no such control; see docs/stub-ecs.md")
	errControlType = errors.New("the body must be sent as application/json")
)

// serveControl answers a control. A change must be sent as JSON, which keeps a
// web page of somebody else's from sending one with the reader's browser.
func serveControl(w http.ResponseWriter, r *http.Request, do func(*http.Request) (any, error)) {
	var out any
	err := checkType(r)
	if err == nil {
		out, err = do(r)
	}
	code := http.StatusOK
	switch {
	case errors.Is(err, errControlPath):
		code = http.StatusNotFound
	case errors.Is(err, errControlType):
		code = http.StatusUnsupportedMediaType
	case err != nil:
		code = http.StatusBadRequest
	}
	if err != nil {
		out = map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(out) // a client that left is none of our business
}

func checkType(r *http.Request) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Method == http.MethodPost && kind != "application/json" {
		return errControlType
	}
	return nil
}

// read decodes a body strictly: a misspelt member is an error, not a default.
func read(r *http.Request, into any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read body: %w", err)
	}
	return nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// controlState is who and when: what a client needs to be configured.
func (s *Server) controlState(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type role struct {
		ARN string `json:"arn"`
	}
	type one struct {
		ID      string   `json:"id"`
		Name    string   `json:"name"`
		Regions []string `json:"regions"`
		Keys    []Key    `json:"keys"`
		Roles   []role   `json:"roles"`
	}
	accounts := []one{}
	for _, acc := range s.accounts {
		a := one{acc.ID, acc.Name, acc.Regions, acc.Keys, []role{}}
		for _, r := range acc.Roles {
			a.Roles = append(a.Roles, role{acc.ARN(r.Name)})
		}
		accounts = append(accounts, a)
	}
	return map[string]any{
		"now": s.now().UTC(), "gateway": s.gatewayTime().UTC(), "skew": s.skew.String(), "latency": s.latency.String(),
		"accounts": accounts,
	}, nil
}

func (s *Server) controlStats(*http.Request) (any, error) {
	return map[string]any{"counts": s.Counts(), "peak": s.Peak(), "ram_actions": orEmpty(s.RAMActions(""))}, nil
}

// after is the ?after= cursor; 0 is everything kept.
func after(r *http.Request) (int64, error) {
	text := r.URL.Query().Get("after")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("after: %q is no number", text)
	}
	return n, nil
}

func (s *Server) controlRecord(r *http.Request) (any, error) {
	seq, err := after(r)
	if err != nil {
		return nil, err
	}
	return orEmpty(s.Record(seq)), nil
}

func (s *Server) controlCalls(r *http.Request) (any, error) {
	seq, err := after(r)
	if err != nil {
		return nil, err
	}
	calls := []Call{}
	for _, e := range s.Record(seq) {
		if e.Call != nil && (r.URL.Query().Get("action") == "" || r.URL.Query().Get("action") == e.Call.Action) {
			calls = append(calls, *e.Call)
		}
	}
	return calls, nil
}

func (s *Server) controlAnnounce(r *http.Request) (any, error) {
	var body struct {
		EventSpec
		Duration string `json:"duration"`
		In       string `json:"in"` // NotBefore from now
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	var err error
	if body.EventSpec.Duration, err = duration(body.Duration); err != nil {
		return nil, err
	}
	ahead, err := duration(body.In)
	if err != nil {
		return nil, err
	}
	if body.In != "" {
		body.NotBefore = s.now().Add(ahead)
	}
	id, err := s.Announce(body.EventSpec)
	return map[string]string{"event_id": id}, err
}

// duration reads Go's form such as 90s or 36h; "" is zero.
func duration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return time.ParseDuration(text)
}

func (s *Server) controlSteer(r *http.Request) (any, error) {
	var body struct {
		NotBefore time.Time `json:"not_before"`
		In        string    `json:"in"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	ahead, err := duration(body.In)
	if err != nil {
		return nil, err
	}
	if body.In != "" {
		body.NotBefore = s.now().Add(ahead)
	}
	id := r.PathValue("id")
	verbs := map[string]func(string) error{
		"move": func(id string) error {
			if body.NotBefore.IsZero() {
				return errors.New(`move needs "not_before" or "in"`)
			}
			return s.Move(id, body.NotBefore)
		},
		"accept": s.Accept, "run": s.Run, "finish": s.Finish, "fail": s.Fail, "will-fail": s.WillFail,
		"cancel": s.Cancel, "avoid": s.Avoid,
	}
	do := verbs[r.PathValue("verb")]
	if do == nil {
		return nil, errControlPath
	}
	if err := do(id); err != nil {
		return nil, err
	}
	e, _ := s.Event(id)
	return e, nil
}

func (s *Server) controlInject(r *http.Request) (any, error) {
	var body struct {
		Fault
		Delay string `json:"delay"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	var err error
	if body.Fault.Delay, err = duration(body.Delay); err != nil {
		return nil, err
	}
	id, err := s.Inject(body.Fault)
	return map[string]int{"id": id}, err
}

func (s *Server) controlClear(r *http.Request) (any, error) {
	id := 0
	if text := r.PathValue("id"); text != "" {
		var err error
		if id, err = strconv.Atoi(text); err != nil || id < 1 {
			return nil, fmt.Errorf("fault %q is no id", text)
		}
	}
	s.ClearFault(id)
	return s.Faults(), nil
}

func (s *Server) controlPermissions(r *http.Request) (any, error) {
	var body struct {
		Key   string   `json:"key"` // a key id or a role's ARN
		Deny  []string `json:"deny"`
		Allow []string `json:"allow"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if err := s.Deny(body.Key, body.Deny...); err != nil {
		return nil, err
	}
	return map[string]bool{"ok": true}, s.Allow(body.Key, body.Allow...)
}

// controlSettings changes what is given and leaves the rest.
func (s *Server) controlSettings(r *http.Request) (any, error) {
	var body struct {
		Latency *string `json:"latency"`
		Skew    *string `json:"skew"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	for _, one := range []struct {
		text *string
		set  func(time.Duration)
	}{{body.Latency, s.SetLatency}, {body.Skew, s.SetSkew}} {
		if one.text == nil {
			continue
		}
		d, err := duration(*one.text)
		if err != nil {
			return nil, err
		}
		one.set(d)
	}
	return map[string]bool{"ok": true}, nil
}

// controlStream is the record as server-sent events, from ?after= on, for ever.
func (s *Server) controlStream(w http.ResponseWriter, r *http.Request) {
	seq, err := after(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	flush := http.NewResponseController(w)
	for {
		entries, news := s.record.after(seq)
		for _, e := range entries {
			line, err := json.Marshal(e)
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", e.Seq, line); err != nil {
				return
			}
			seq = e.Seq
		}
		if flush.Flush() != nil {
			return
		}
		select {
		case <-news:
		case <-r.Context().Done():
			return
		case <-s.closed:
			return
		}
	}
}
