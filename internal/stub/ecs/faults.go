package ecs

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultKind says what goes wrong.
type FaultKind string

// What can go wrong with a call.
const (
	// FaultFail answers Status and Code; their zero values are 500
	// InternalError.
	FaultFail FaultKind = "fail"
	// FaultThrottle answers 400 Throttling.User, or Status and Code.
	FaultThrottle FaultKind = "throttle"
	// FaultDown answers 503 ServiceUnavailable.
	FaultDown FaultKind = "down"
	// FaultDelay waits Delay, then goes on; other faults may follow.
	FaultDelay FaultKind = "delay"
	// FaultHang never answers; the client's patience ends it.
	FaultHang FaultKind = "hang"
	// FaultCut drops the connection without a byte. A client that reuses
	// connections may send a GET again by itself, as HTTP lets it.
	FaultCut FaultKind = "cut"
	// FaultTruncate drops the connection in the middle of the answer.
	FaultTruncate FaultKind = "truncate"
	// FaultGarbage answers 200 with Body in place of the page.
	FaultGarbage FaultKind = "garbage"
	// FaultHide takes the permission away: an empty list from the calls that
	// answer so, a refusal from the others.
	FaultHide FaultKind = "hide"
)

// A Fault is bad luck for some calls.
type Fault struct {
	ID   int       `json:"id"` // given by Inject
	Kind FaultKind `json:"kind"`
	// Which calls; "" is any. Account is an id or a name.
	Action  string `json:"action,omitempty"`
	Region  string `json:"region,omitempty"`
	Account string `json:"account,omitempty"`
	// Skip lets that many matching calls pass first.
	Skip int `json:"skip,omitempty"`
	// Times is how often it strikes; zero is until cleared.
	Times int `json:"times,omitempty"`
	// AfterWork lets the action be done first: for FaultFail, FaultHang,
	// FaultCut and FaultTruncate. The outcome is then unknown to the client.
	AfterWork bool          `json:"after_work,omitempty"`
	Status    int           `json:"status,omitempty"`
	Code      string        `json:"code,omitempty"`
	Message   string        `json:"message,omitempty"`
	Delay     time.Duration `json:"delay,omitempty"`
	Body      string        `json:"body,omitempty"`
	// Struck counts.
	Struck int `json:"struck"`
}

// Inject adds a fault and tells its id. The first injected strikes first.
func (s *Server) Inject(f Fault) (int, error) {
	switch f.Kind {
	case FaultFail, FaultThrottle, FaultDown, FaultDelay, FaultHang, FaultCut, FaultTruncate, FaultGarbage, FaultHide:
	default:
		return 0, errors.New("inject fault: unknown kind " + string(f.Kind))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	f.ID, f.Struck = int(s.seq), 0
	s.faults = append(s.faults, &f)
	return f.ID, nil
}

// Faults are those not yet worn out.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		out[i] = *f
	}
	return out
}

// ClearFault takes one away, or all for id 0.
func (s *Server) ClearFault(id int) {
	s.locked(func() {
		s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return id == 0 || f.ID == id })
	})
}

// luck is what strikes one call.
type luck struct {
	delay time.Duration
	fault *Fault // a copy; nil is good luck
}

// luck finds what strikes the call and wears it down. The lock is held.
func (s *Server) luck(entry *Call) luck {
	var l luck
	for _, f := range s.faults {
		if !s.strikes(f, entry) || l.fault != nil {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		f.Struck++
		entry.Fault = strings.TrimPrefix(entry.Fault+"+"+string(f.Kind), "+")
		l.delay += f.Delay
		if f.Kind != FaultDelay {
			one := *f
			l.fault = &one
		}
	}
	s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return f.Times > 0 && f.Struck >= f.Times })
	return l
}

func (s *Server) strikes(f *Fault, entry *Call) bool {
	acc := s.accountOf(f.Account)
	return (f.Action == "" || f.Action == entry.Action) &&
		(f.Region == "" || f.Region == entry.Region) &&
		(f.Account == "" || acc != nil && acc.ID == entry.Account)
}

func (l luck) hides() bool { return l.fault != nil && l.fault.Kind == FaultHide }

// fate is how an answer leaves the house.
type fate int

const (
	fateSend fate = iota
	fateCut
	fateTruncate
)

func (l luck) fate() fate {
	if l.fault == nil {
		return fateSend
	}
	switch l.fault.Kind {
	case FaultCut, FaultHang:
		return fateCut
	case FaultTruncate:
		return fateTruncate
	}
	return fateSend
}

// before lets luck strike ahead of the work; end means there is none.
func (s *Server) before(ctx context.Context, l luck, req *request, entry *Call) (end bool, ans answer) {
	f := l.fault
	if f == nil || f.AfterWork {
		return false, answer{}
	}
	switch f.Kind {
	case FaultFail, FaultThrottle, FaultDown:
		return true, s.refusal(req, req.host, entry.RequestID, f.refusal())
	case FaultGarbage:
		return true, answer{status: http.StatusOK, body: []byte(f.Body), ctype: "application/json;charset=utf-8"}
	case FaultHang:
		s.hang(ctx)
		return true, answer{}
	case FaultCut:
		return true, answer{}
	}
	return false, answer{} // truncated and hidden answers need the work
}

// after lets luck strike between the work and its answer.
func (s *Server) after(ctx context.Context, l luck, req *request, entry *Call, ans answer) (answer, fate) {
	if f := l.fault; f != nil && f.AfterWork {
		switch f.Kind {
		case FaultFail, FaultThrottle, FaultDown:
			ans = s.refusal(req, req.host, entry.RequestID, f.refusal())
		case FaultHang:
			s.hang(ctx)
		}
	}
	return ans, l.fate()
}

func (s *Server) hang(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.closed:
	}
}

// refusal is what a failing fault answers.
// Source: Throttling.User's sentence, turbot/steampipe-plugin-alicloud issue
// 483; Throttling's, aliyun/terraform-provider-alicloud issue 3347; status 400
// is inferred, and 429 can be asked for. ServiceUnavailable 503 and
// InternalError 500 are the reference's common server errors.
func (f *Fault) refusal() *apiError {
	e := refuse(http.StatusInternalServerError, "InternalError", "The request processing has failed due to some unknown error.")
	switch f.Kind {
	case FaultThrottle:
		e = refuse(http.StatusBadRequest, "Throttling.User", "Request was denied due to user flow control.")
	case FaultDown:
		e = refuse(http.StatusServiceUnavailable, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.")
	}
	if f.Status != 0 {
		e.status = f.Status
	}
	if f.Code != "" {
		e.code = f.Code
	}
	if f.Message != "" {
		e.message = f.Message
	}
	return e
}
