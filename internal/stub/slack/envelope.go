package slack

import (
	"encoding/json"
	"fmt"
	"time"
)

// Envelope is one delivery to the app, and what became of it.
type Envelope struct {
	Seq        int64          `json:"seq"`
	ID         string         `json:"envelope_id"`
	Type       string         `json:"type"` // slash_commands, interactive, events_api
	Payload    map[string]any `json:"payload"`
	Accepts    bool           `json:"accepts_response_payload"`
	Attempt    int            `json:"retry_attempt,omitempty"`
	Reason     string         `json:"retry_reason,omitempty"`
	Sent       time.Time      `json:"sent"`
	Conn       int            `json:"connection"`     // number of the connection it went to; 0: nobody was there
	Acked      time.Time      `json:"acked,omitzero"` // zero: not yet
	AckConn    int            `json:"ack_connection,omitempty"`
	AckPayload any            `json:"ack_payload,omitempty"`
	TimedOut   bool           `json:"timed_out,omitempty"` // not acknowledged in time, though perhaps later

	done chan struct{} // closed at the first acknowledgement
}

// Kind is the payload's own type: block_actions, view_submission, view_closed, the event's type, or slash_commands.
func (e Envelope) Kind() string {
	if event, ok := e.Payload["event"].(map[string]any); ok {
		kind, _ := event["type"].(string)
		return kind
	}
	if kind, ok := e.Payload["type"].(string); ok {
		return kind
	}
	return e.Type
}

// Envelopes lists the deliveries so far.
func (s *Server) Envelopes() []Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Envelope, 0, len(s.socket.envelopes))
	for _, e := range s.socket.envelopes {
		out = append(out, *e)
	}
	return out
}

// Envelope is the delivery of that id as it stands.
func (s *Server) Envelope(id string) (e Envelope, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.socket.byID[id]; e != nil {
		return *e, true
	}
	return Envelope{}, false
}

// newEnvelope records a delivery to come. Callers hold mu.
func (s *Server) newEnvelope(kind string, accepts bool, payload map[string]any) *Envelope {
	e := &Envelope{ID: newID("env-"), Type: kind, Payload: payload, Accepts: accepts, done: make(chan struct{})}
	s.socket.envelopes = append(s.socket.envelopes, e)
	s.socket.byID[e.ID] = e
	return e
}

// deliver sends an envelope to one connection, each getting its turn, and waits for the acknowledgement. It gives
// what a person would see: nothing, dispatch_failed when nobody is connected, operation_timeout after AckTimeout.
// Sources: https://docs.slack.dev/apis/events-api/using-socket-mode ("any of the connections"),
// https://github.com/slackapi/bolt-js/issues/1621 (dispatch_failed), https://github.com/Netflix/dispatch/pull/2848
// (operation_timeout after 3 s).
func (s *Server) deliver(e *Envelope) (shown string) {
	if !s.dispatch(e) {
		return "dispatch_failed"
	}
	t := time.NewTimer(s.opts.AckTimeout)
	defer t.Stop()
	select {
	case <-e.done:
		return ""
	case <-s.done:
	case <-t.C:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !e.Acked.IsZero() {
		return ""
	}
	e.TimedOut = true
	e.Seq = s.changed("envelope", e.ID)
	return "operation_timeout"
}

func (s *Server) dispatch(e *Envelope) bool {
	for {
		s.mu.Lock()
		c := s.nextConn()
		e.Sent = s.opts.Now()
		e.Conn = 0
		if c != nil {
			e.Conn = c.id
		}
		e.Seq = s.changed("envelope", e.ID)
		frame := e.frame()
		s.mu.Unlock()
		if c == nil {
			return false
		}
		if err := c.send(frame); err == nil {
			return true
		}
		s.mu.Lock()
		s.leave(c) // broken: its reader will say so too
		s.mu.Unlock()
	}
}

// frame is the envelope as it travels. Callers hold mu.
func (e *Envelope) frame() map[string]any {
	f := map[string]any{"envelope_id": e.ID, "type": e.Type, "payload": e.Payload, "accepts_response_payload": e.Accepts}
	if e.Type == "events_api" {
		f["retry_attempt"], f["retry_reason"] = e.Attempt, e.Reason
	}
	return f
}

// nextConn takes turns among the connections that were not told to go. Callers hold mu.
func (s *Server) nextConn() *conn {
	var free []*conn
	for _, c := range s.socket.conns {
		if !c.leaving {
			free = append(free, c)
		}
	}
	if len(free) == 0 {
		return nil
	}
	s.socket.turn++
	return free[s.socket.turn%len(free)]
}

// Redeliver sends a delivered envelope once more, as every client must be ready for; it does not wait for the
// acknowledgement. Wrong ids are an error.
func (s *Server) Redeliver(id string) error {
	s.mu.Lock()
	e := s.socket.byID[id]
	s.mu.Unlock()
	if e == nil {
		return fmt.Errorf("%w: no envelope %q", ErrNoSuch, id)
	}
	if !s.dispatch(e) {
		return fmt.Errorf("%w: nobody is connected", ErrNoSuch)
	}
	return nil
}

// acknowledge reads one message of the app. An acknowledgement counts on whatever connection it comes; a payload
// where none is accepted, an unknown id, and what is no acknowledgement at all are violations.
// Source: https://docs.slack.dev/apis/events-api/using-socket-mode ("Acknowledge events")
func (s *Server) acknowledge(c *conn, raw []byte) {
	var ack struct {
		ID      string `json:"envelope_id"`
		Payload any    `json:"payload"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := json.Unmarshal(raw, &ack); err != nil || ack.ID == "" {
		s.violation("a message that is no acknowledgement", "")
		return
	}
	e := s.socket.byID[ack.ID]
	if e == nil {
		s.violation("an acknowledgement of an unknown envelope", ack.ID)
		return
	}
	if isEmpty(ack.Payload) {
		ack.Payload = nil
	}
	if ack.Payload != nil {
		var full struct {
			Payload json.RawMessage `json:"payload"`
		}
		_ = json.Unmarshal(raw, &full)        // was read before
		ack.Payload, _ = decode(full.Payload) // numbers kept as they are
		if !e.Accepts {
			s.violation("a payload in the acknowledgement of an envelope that accepts none", e.ID)
		}
	}
	if !e.Acked.IsZero() {
		return // a second one, of a redelivery
	}
	if e.TimedOut {
		s.violation("an acknowledgement after the time limit", e.ID)
	}
	e.Acked, e.AckConn, e.AckPayload = s.opts.Now(), c.id, ack.Payload
	e.Seq = s.changed("envelope", e.ID)
	close(e.done)
}

func isEmpty(v any) bool {
	m, isMap := v.(map[string]any)
	return v == nil || v == "" || isMap && len(m) == 0
}

// announce delivers an event and, while nobody acknowledges it, delivers it again after each of RetryDelays, with
// the same event_id. Source: https://docs.slack.dev/apis/events-api ("Retries": three, at once, after a minute, after
// five). That a retry has an envelope_id of its own, and that retry_reason is "timeout", is not confirmed.
func (s *Server) announce(payload map[string]any) {
	s.background(func() {
		for attempt := 0; ; attempt++ {
			s.mu.Lock()
			e := s.newEnvelope("events_api", false, payload)
			if e.Attempt = attempt; attempt > 0 {
				e.Reason = "timeout"
			}
			s.mu.Unlock()
			if s.deliver(e) == "" || attempt >= len(s.opts.RetryDelays) || !s.pause(s.opts.RetryDelays[attempt], nil) {
				return
			}
		}
	})
}
