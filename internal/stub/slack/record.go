package slack

import (
	"maps"
	"slices"
	"time"
)

// Call is one request of the bot and what it was answered.
type Call struct {
	Seq    int64          `json:"seq"`
	At     time.Time      `json:"at"`
	Method string         `json:"method"`
	Token  string         `json:"token"` // its kind: bot, app, none, unknown; never the token
	Args   map[string]any `json:"args"`
	Status int            `json:"status"`          // HTTP; 0 when no answer was given
	Error  string         `json:"error,omitempty"` // Slack's, empty when ok
	Answer map[string]any `json:"answer,omitempty"`
	Worked bool           `json:"worked"`          // the method did its work, whatever the answer said
	Fault  int            `json:"fault,omitempty"` // id of the fault that struck
}

// Violation is something the bot did that Slack would not refuse in an answer, but that is wrong all the same.
type Violation struct {
	Seq  int64     `json:"seq"`
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Ref  string    `json:"ref,omitempty"` // the envelope, view or message it is about
}

// Change tells that something recorded is new or different.
type Change struct {
	Seq  int64  `json:"seq"`
	Kind string `json:"kind"` // call, message, ephemeral, view, home, envelope, connection, violation, channel, user, usergroup, fault
	ID   string `json:"id"`   // what it is about; for messages CHANNEL/TS
}

type recorder struct {
	limit      int
	seq        int64
	calls      []Call
	changes    []Change
	violations []Violation
	scopes     map[string]bool
	wake       chan struct{} // closed and replaced at each change
}

func newRecorder(limit int) recorder {
	return recorder{limit: limit, scopes: map[string]bool{}, wake: make(chan struct{})}
}

// changed records a change and wakes everyone who waits. Callers hold mu.
func (s *Server) changed(kind, id string) int64 {
	r := &s.rec
	r.seq++
	r.changes = keep(append(r.changes, Change{r.seq, kind, id}), r.limit)
	close(r.wake)
	r.wake = make(chan struct{})
	return r.seq
}

// keep drops the oldest once there are a tenth too many, so that dropping is rare.
func keep[T any](list []T, limit int) []T {
	if len(list) <= limit+limit/10 {
		return list
	}
	return slices.Clone(list[len(list)-limit:])
}

func (s *Server) recordCall(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Seq = s.changed("call", c.Method)
	s.rec.calls = keep(append(s.rec.calls, c), s.rec.limit)
}

// violation notes a wrong. Callers hold mu.
func (s *Server) violation(what, ref string) {
	seq := s.changed("violation", ref)
	s.rec.violations = append(s.rec.violations, Violation{seq, s.opts.Now(), what, ref})
}

// Calls lists the calls so far, oldest first, of one method or of all when method is empty.
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.rec.calls {
		if method == "" || c.Method == method {
			out = append(out, c)
		}
	}
	return out
}

// CallsAfter lists the calls that were recorded with a higher number than seq.
func (s *Server) CallsAfter(seq int64) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, _ := slices.BinarySearchFunc(s.rec.calls, seq+1, func(c Call, n int64) int { return int(c.Seq - n) })
	return slices.Clone(s.rec.calls[i:])
}

// Violations lists the wrongs so far.
func (s *Server) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rec.violations)
}

// ScopesUsed lists the scopes that some call needed and had, sorted.
func (s *Server) ScopesUsed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.rec.scopes))
}

// ChangesAfter lists changes with a higher number than seq, and a channel that closes at the next one.
func (s *Server) ChangesAfter(seq int64) ([]Change, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, _ := slices.BinarySearchFunc(s.rec.changes, seq+1, func(c Change, n int64) int { return int(c.Seq - n) })
	return slices.Clone(s.rec.changes[i:]), s.rec.wake
}
