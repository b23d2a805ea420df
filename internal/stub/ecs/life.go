package ecs

import (
	"strings"
	"time"
)

// Events change by themselves when their time comes. Nothing runs in the
// background: each read first settles what is due on the server's clock, so
// that a clock moved by a test needs no callback.

// dueTime is when a region's next event changes, once found out.
type dueTime struct {
	known bool
	at    time.Time // zero: nothing will change by itself
}

// settle lets the region's events live up to now. The lock is held.
func (s *Server) settle(reg *region) {
	now := s.now()
	if reg.due.known && (reg.due.at.IsZero() || now.Before(reg.due.at)) {
		return
	}
	var next time.Time
	for _, e := range reg.events {
		for at := e.nextChange(); !at.IsZero(); at = e.nextChange() {
			if now.Before(at) {
				if next.IsZero() || at.Before(next) {
					next = at
				}
				break
			}
			if e.Status == Executing || e.Simulated {
				s.finish(reg, e, at)
			} else {
				s.start(reg, e, at)
			}
			s.changed(reg, e)
		}
	}
	reg.due = dueTime{known: true, at: next}
}

// nextChange is when the event changes by itself; zero is never.
func (e *event) nextChange() time.Time {
	switch {
	case e.Simulated && (e.Status == Scheduled || e.Status == Executing):
		// Source: API reference, CreateSimulatedSystemEvents: Executed at
		// NotBefore, both for planned events and for sudden ones.
		return e.NotBefore
	case e.Status == Scheduled:
		return e.NotBefore
	case e.Status == Executing:
		return e.Started.Add(e.spec.Duration)
	}
	return time.Time{}
}

// Next is the event that will change first by itself, and when; ok is false
// where none will.
func (s *Server) Next() (e Event, at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, acc := range s.accounts {
		for _, name := range acc.Regions {
			reg := acc.regions[name]
			s.settle(reg)
			for _, one := range reg.events {
				if change := one.nextChange(); !change.IsZero() && (!ok || change.Before(at)) {
					e, at, ok = one.Event, change, true
				}
			}
		}
	}
	return e, at, ok
}

// start begins the event's execution.
func (s *Server) start(reg *region, e *event, at time.Time) {
	e.Status, e.Started = Executing, at
	if in := reg.byID[e.InstanceID]; in != nil && restarts(e.Type) && !e.Simulated {
		in.Status = Stopped // inferred: the notice only says it cannot be used
	}
}

// finish ends the event's execution, and does to the instance what the event
// was about.
func (s *Server) finish(reg *region, e *event, at time.Time) {
	e.Status, e.Finished = Executed, at
	if e.WillFail {
		e.Status = Failed
	}
	in := reg.byID[e.InstanceID]
	if in == nil || e.Simulated {
		return
	}
	if restarts(e.Type) {
		in.Status, in.Started = Running, at
	}
	switch {
	case e.Status == Failed:
	case e.Type == TypeMigrate:
		if e.ReasonCode == ReasonVPC {
			in.moveToVPC()
		}
		in.Appending = at.Add(in.appended())
	case strings.HasSuffix(e.Type, ".Stop"):
		in.Status = Stopped
	}
}
