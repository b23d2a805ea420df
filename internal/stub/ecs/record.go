package ecs

import (
	"context"
	"maps"
	"sync"
	"time"
)

// A Call is one request to the RPC endpoint, as it is kept. It holds no key,
// signature or token.
type Call struct {
	Seq       int64             `json:"seq"`
	Time      time.Time         `json:"time"` // on the server's clock
	Method    string            `json:"method"`
	Action    string            `json:"action"`
	Version   string            `json:"version"`
	Account   string            `json:"account,omitempty"`
	Region    string            `json:"region,omitempty"`
	Key       string            `json:"key,omitempty"` // masked
	Params    map[string]string `json:"params,omitempty"`
	Status    int               `json:"status"` // 0: no answer was sent
	Code      string            `json:"code,omitempty"`
	RequestID string            `json:"request_id"`
	RAMAction string            `json:"ram_action,omitempty"`
	Denied    bool              `json:"denied,omitempty"`
	Fault     string            `json:"fault,omitempty"`
	// Worked says that the action did its work, whatever its caller was told.
	Worked bool `json:"worked,omitempty"`
	// Answer is what was sent back, where Options.Answers asked for it. What
	// gives out temporary keys is never kept.
	Answer string `json:"answer,omitempty"`
	// Duration is on the machine's clock.
	Duration time.Duration `json:"duration"`
	// Concurrent is how many calls were under way when it began, itself
	// included.
	Concurrent int `json:"concurrent"`
}

// describe copies what may be kept of a request.
func (c *Call) describe(req *request) {
	c.Action, c.Version, c.Region = req.action, req.version, req.params["RegionId"]
	c.Params = map[string]string{}
	for name, value := range req.params {
		switch name {
		case "AccessKeyId", "Signature", "SecurityToken", "SignatureNonce":
		default:
			c.Params[name] = value
		}
	}
	c.Key = maskKey(req.params["AccessKeyId"])
	if h, ok := parseV3(req.http.Header.Get("Authorization")); ok {
		c.Key = maskKey(h.credential)
	}
}

// An Entry is one line of the record: a call that ended or an event that
// changed.
type Entry struct {
	Seq   int64     `json:"seq"`
	Time  time.Time `json:"time"`
	Call  *Call     `json:"call,omitempty"`
	Event *Event    `json:"event,omitempty"`
}

// record keeps entries, in the order of their ends.
type record struct {
	mu      sync.Mutex
	keep    int
	entries []Entry
	seq     int64
	begun   map[*Call]Call // under way, once readable
	now     int            // calls under way
	peak    int
	counts  map[string]int
	news    chan struct{} // closed and replaced at each change
}

func newRecord(keep int) *record {
	if keep <= 0 {
		keep = 100_000
	}
	return &record{keep: keep, begun: map[*Call]Call{}, counts: map[string]int{}, news: make(chan struct{})}
}

func (r *record) tell() {
	close(r.news)
	r.news = make(chan struct{})
}

func (r *record) begin(c *Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now++
	r.peak = max(r.peak, r.now)
	c.Concurrent = r.now
}

func (r *record) started(c *Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun[c] = *c
	r.tell()
}

func (r *record) end(c *Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now--
	delete(r.begun, c)
	r.counts[c.Action]++
	r.add(Entry{Time: c.Time, Call: c})
	c.Seq = r.seq
}

func (r *record) event(now time.Time, e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(Entry{Time: now.UTC(), Event: &e})
}

// add appends; half of the oldest go when twice too many are kept.
func (r *record) add(e Entry) {
	r.seq++
	e.Seq = r.seq
	r.entries = append(r.entries, e)
	if len(r.entries) >= 2*r.keep {
		r.entries = append([]Entry(nil), r.entries[len(r.entries)-r.keep:]...)
	}
	r.tell()
}

// RecordAfter is what was kept past seq, and a channel that closes at the next
// entry.
func (s *Server) RecordAfter(seq int64) ([]Entry, <-chan struct{}) { return s.record.after(seq) }

// after is the entries past seq, and what tells of the next.
func (r *record) after(seq int64) ([]Entry, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	from := len(r.entries)
	for from > 0 && r.entries[from-1].Seq > seq {
		from--
	}
	return append([]Entry(nil), r.entries[from:]...), r.news
}

// Record is what was kept past seq; 0 is all.
func (s *Server) Record(seq int64) []Entry {
	entries, _ := s.record.after(seq)
	return entries
}

// Calls are the calls that ended, oldest first.
func (s *Server) Calls() []Call {
	var out []Call
	for _, e := range s.Record(0) {
		if e.Call != nil {
			out = append(out, *e.Call)
		}
	}
	return out
}

// WaitCall is the first ended call that match takes, already kept or still to
// come, or the context's error.
func (s *Server) WaitCall(ctx context.Context, match func(Call) bool) (Call, error) {
	return s.WaitCallAfter(ctx, 0, match)
}

// WaitCallAfter is WaitCall for calls whose Seq is past seq.
func (s *Server) WaitCallAfter(ctx context.Context, seq int64, match func(Call) bool) (Call, error) {
	for {
		entries, news := s.record.after(seq)
		for _, e := range entries {
			if e.Call != nil && match(*e.Call) {
				return *e.Call, nil
			}
			seq = e.Seq
		}
		select {
		case <-news:
		case <-ctx.Done():
			return Call{}, ctx.Err()
		}
	}
}

// WaitStarted is a call under way that match takes, such as one that hangs.
func (s *Server) WaitStarted(ctx context.Context, match func(Call) bool) (Call, error) {
	for {
		s.record.mu.Lock()
		news := s.record.news
		for _, c := range s.record.begun {
			if match(c) {
				s.record.mu.Unlock()
				return c, nil
			}
		}
		s.record.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
			return Call{}, ctx.Err()
		}
	}
}

// Counts are the ended calls by action, since the start or ResetCounts.
func (s *Server) Counts() map[string]int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return maps.Clone(s.record.counts)
}

// Peak is the most calls that were under way at once.
func (s *Server) Peak() int {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.peak
}

// ResetCounts starts Counts and Peak again; the record stays.
func (s *Server) ResetCounts() {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	s.record.counts, s.record.peak = map[string]int{}, s.record.now
}
