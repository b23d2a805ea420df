package slack

import (
	"net/http"
	"slices"
	"time"
)

// Fault is one piece of bad luck for calls to come. The first fault that fits a call strikes it, once for each of
// Times.
//
// Without AfterWork the method does nothing and the caller is told Error or Status (or waits, or is cut off). With
// AfterWork the method does its work first: a post is posted, and its caller never learns so.
type Fault struct {
	ID        int           `json:"id"`
	Method    string        `json:"method"`                // a Web API method, "response_url", "socket" (the upgrade), or "*"
	Skip      int           `json:"skip,omitempty"`        // let so many calls pass first
	Times     int           `json:"times"`                 // strike so often; 0 means once, -1 for ever
	Error     string        `json:"error,omitempty"`       // Slack's code; "ratelimited" implies Status 429
	Status    int           `json:"status,omitempty"`      // HTTP status; 200 when zero and Error is set
	Retry     int           `json:"retry_after,omitempty"` // Retry-After seconds
	Delay     time.Duration `json:"-"`                     // wait before going on; "delay":"2s" over HTTP
	Hang      bool          `json:"hang,omitempty"`        // never answer: wait until the caller has gone
	Drop      bool          `json:"drop,omitempty"`        // cut the connection without an answer
	AfterWork bool          `json:"after_work,omitempty"`  // do the work, then strike
}

// AddFault plans bad luck and returns its id.
func (s *Server) AddFault(f Fault) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Method == "" {
		f.Method = "*"
	}
	s.faultSeq++
	f.ID = s.faultSeq
	s.faults = append(s.faults, &f)
	s.changed("fault", f.Method)
	return f.ID
}

// ClearFaults forgets all planned bad luck. Calls that hang already go on hanging.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.changed("fault", "")
}

// RemoveFault forgets one piece of planned bad luck and reports whether it was still planned.
func (s *Server) RemoveFault(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.faults)
	s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return f.ID == id })
	if len(s.faults) == n {
		return false
	}
	s.changed("fault", "")
	return true
}

// Faults lists what is still planned.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Fault, 0, len(s.faults))
	for _, f := range s.faults {
		out = append(out, *f)
	}
	return out
}

// faultFor takes the fault that strikes this call, nil for none.
func (s *Server) faultFor(method string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Method != method && f.Method != "*" {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		struck := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		s.changed("fault", method)
		return &struck
	}
	return nil
}

// strike waits or hangs as the fault says and reports whether an answer is to be given. Where none is, the handler
// aborts, which cuts the connection.
func (s *Server) strike(f *Fault, r *http.Request) bool {
	if f.Delay > 0 && !s.pause(f.Delay, r.Context().Done()) {
		return false
	}
	if f.Hang {
		select {
		case <-r.Context().Done():
		case <-s.done:
		}
		return false
	}
	return !f.Drop
}

// spoil is the error a fault answers with; nil for a mere delay.
func (f *Fault) spoil() *apiError {
	if f.Error == "" && f.Status == 0 {
		return nil
	}
	e := &apiError{code: f.Error, status: f.Status, retry: f.Retry}
	if e.code == "" && e.status == http.StatusTooManyRequests {
		e.code = "ratelimited"
	}
	setIf(&e.code, "internal_error")
	if e.code == "ratelimited" {
		setIf(&e.status, http.StatusTooManyRequests)
		setIf(&e.retry, 1)
	}
	return e
}
