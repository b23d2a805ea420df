package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Messages lists the messages of one conversation, oldest first, deleted ones too, ephemeral ones not; of all
// conversations, by time, when channel is empty.
func (s *Server) Messages(channel string) []Message {
	return s.collect(channel, func(m *Message) bool { return m.To == "" })
}

// Ephemerals lists what only this person saw, oldest first; what anyone saw when user is empty.
func (s *Server) Ephemerals(user string) []Message {
	return s.collect("", func(m *Message) bool { return m.To != "" && (user == "" || m.To == user) })
}

// Thread lists the living replies to a message, oldest first.
func (s *Server) Thread(channel, ts string) []Message {
	return s.collect(channel, func(m *Message) bool { return m.ThreadTS == ts && m.To == "" && !m.Deleted })
}

func (s *Server) collect(channel string, want func(*Message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for id, t := range s.messages {
		for _, m := range t.list {
			if (channel == "" || channel == id) && want(m) {
				out = append(out, *m)
			}
		}
	}
	slices.SortFunc(out, func(a, b Message) int { return strings.Compare(a.TS, b.TS) })
	return out
}

// Message gives one message, ephemeral or not.
func (s *Server) Message(channel, ts string) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.find(channel, ts); m != nil {
		return *m, true
	}
	return Message{}, false
}

// Wait blocks until cond holds. It is asked at once and after every change; it may call the server.
func (s *Server) Wait(ctx context.Context, what string, cond func() bool) error {
	for {
		_, wake := s.ChangesAfter(1 << 62)
		if cond() {
			return nil
		}
		if err := s.sleep(ctx, wake); err != nil {
			return fmt.Errorf("stub slack: waiting for %s: %w; so far %s", what, err, s.summary())
		}
	}
}

func (s *Server) sleep(ctx context.Context, wake <-chan struct{}) error {
	select {
	case <-wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// summary tells a test that waited in vain what did happen.
func (s *Server) summary() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := "none"
	if n := len(s.rec.calls); n > 0 {
		last = s.rec.calls[n-1].Method + " " + s.rec.calls[n-1].Error
	}
	messages := 0
	for _, t := range s.messages {
		messages += len(t.list)
	}
	return fmt.Sprintf("%d messages, %d calls (last: %s), %d envelopes, %d connections, %d violations",
		messages, len(s.rec.calls), strings.TrimSpace(last), len(s.socket.envelopes), len(s.socket.conns), len(s.rec.violations))
}

// WaitMessage blocks until a message that others see fits, and gives it. Each message is asked about as it stands,
// and again after each change of it.
func (s *Server) WaitMessage(ctx context.Context, fits func(Message) bool) (Message, error) {
	return s.waitMessage(ctx, "message", s.Messages(""), fits)
}

// WaitEphemeral is WaitMessage for what only one person sees.
func (s *Server) WaitEphemeral(ctx context.Context, user string, fits func(Message) bool) (Message, error) {
	return s.waitMessage(ctx, "ephemeral", s.Ephemerals(user), func(m Message) bool { return (user == "" || m.To == user) && fits(m) })
}

// waitMessage looks at all there is once, then only at what changed, so that waiting in a full workspace stays cheap.
func (s *Server) waitMessage(ctx context.Context, kind string, all []Message, fits func(Message) bool) (Message, error) {
	seen := int64(0)
	for _, m := range all {
		seen = max(seen, m.Seq)
		if fits(m) {
			return m, nil
		}
	}
	for {
		changes, wake := s.ChangesAfter(seen)
		for _, c := range changes {
			seen = c.Seq
			if c.Kind != kind {
				continue
			}
			channel, ts, _ := strings.Cut(c.ID, "/")
			if m, ok := s.Message(channel, ts); ok && fits(m) {
				return m, nil
			}
		}
		if err := s.sleep(ctx, wake); err != nil {
			return Message{}, fmt.Errorf("stub slack: waiting for a %s: %w; so far %s", kind, err, s.summary())
		}
	}
}

// WaitView blocks until the form in front of a person fits, and gives it.
func (s *Server) WaitView(ctx context.Context, user string, fits func(View) bool) (View, error) {
	var found View
	err := s.Wait(ctx, "a view of "+user, func() bool {
		stack := s.Views(user)
		if len(stack) == 0 {
			return false
		}
		found = stack[len(stack)-1]
		return fits(found)
	})
	return found, err
}

// WaitHome blocks until a person's Home tab fits, and gives it.
func (s *Server) WaitHome(ctx context.Context, user string, fits func(View) bool) (View, error) {
	var found View
	err := s.Wait(ctx, "the Home tab of "+user, func() bool {
		v, ok := s.Home(user)
		found = v
		return ok && fits(v)
	})
	return found, err
}

// WaitCall blocks until a call fits, and gives it.
func (s *Server) WaitCall(ctx context.Context, method string, fits func(Call) bool) (Call, error) {
	var found Call
	err := s.Wait(ctx, "a call of "+method, func() bool {
		calls := s.Calls(method)
		i := slices.IndexFunc(calls, fits)
		if i >= 0 {
			found = calls[i]
		}
		return i >= 0
	})
	return found, err
}

// WaitEnvelope blocks until a delivery fits, and gives it.
func (s *Server) WaitEnvelope(ctx context.Context, fits func(Envelope) bool) (Envelope, error) {
	var found Envelope
	err := s.Wait(ctx, "an envelope", func() bool {
		all := s.Envelopes()
		i := slices.IndexFunc(all, fits)
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found, err
}

// WaitConnections blocks until exactly n connections are open.
func (s *Server) WaitConnections(ctx context.Context, n int) error {
	return s.Wait(ctx, fmt.Sprintf("%d connections", n), func() bool { return s.Connections() == n })
}
