package ecs

import (
	"errors"
	"fmt"
	"time"
)

// errOver is what a finished event answers to any change.
var errOver = errors.New("the event is over")

// steer changes an event from outside the API, as the cloud or as a person in
// the console.
func (s *Server) steer(id, doing string, change func(*region, *event) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	reg, e, err := s.find(id)
	if err == nil && finished(e.Status) {
		err = errOver
	}
	if err == nil {
		err = change(reg, e)
	}
	if err != nil {
		return fmt.Errorf("%s event %s: %w", doing, id, err)
	}
	s.changed(reg, e)
	return nil
}

// Move gives the event another planned time, as a person in the console can.
// No rule is held: the cloud itself may also plan later than it first said.
func (s *Server) Move(id string, to time.Time) error {
	return s.steer(id, "move", func(_ *region, e *event) error {
		if e.Status == Executing {
			return errors.New("it is executing")
		}
		e.NotBefore = second(to)
		return nil
	})
}

// Accept authorises an Inquiring event, as a person in the console can.
func (s *Server) Accept(id string) error {
	return s.steer(id, "accept", func(_ *region, e *event) error {
		if e.Status != Inquiring {
			return errors.New("it is not inquiring")
		}
		s.accept(e)
		return nil
	})
}

// accept plans an authorised event: at the time already named, or soon.
func (s *Server) accept(e *event) {
	e.Status = Scheduled
	if now := s.now(); !e.NotBefore.After(now) {
		e.NotBefore = second(now.Add(acceptedAfter))
	}
	if e.InitialNotBefore.IsZero() {
		e.InitialNotBefore = e.NotBefore
	}
}

// Run starts the event now, whatever was planned.
func (s *Server) Run(id string) error {
	return s.steer(id, "run", func(reg *region, e *event) error {
		if e.Status == Executing {
			return errors.New("it is executing already")
		}
		e.NotBefore = second(s.now())
		s.start(reg, e, e.NotBefore)
		return nil
	})
}

// Finish ends the event now, as planned: Executed, or Failed if it will fail.
func (s *Server) Finish(id string) error {
	return s.steer(id, "finish", func(reg *region, e *event) error {
		if e.Status != Executing {
			s.start(reg, e, second(s.now()))
		}
		s.finish(reg, e, second(s.now()))
		return nil
	})
}

// Fail ends the event now as Failed.
func (s *Server) Fail(id string) error {
	return s.steer(id, "fail", func(reg *region, e *event) error {
		e.WillFail = true
		s.finish(reg, e, second(s.now()))
		return nil
	})
}

// WillFail makes the event end as Failed when its time comes.
func (s *Server) WillFail(id string) error {
	return s.steer(id, "spoil", func(_ *region, e *event) error {
		e.WillFail = true
		return nil
	})
}

// Cancel withdraws the event, as Alibaba Cloud can.
func (s *Server) Cancel(id string) error { return s.close(id, "cancel", Canceled) }

// Avoid ends the event as Avoided, as if the owner had responded early.
func (s *Server) Avoid(id string) error { return s.close(id, "avoid", Avoided) }

func (s *Server) close(id, doing, status string) error {
	return s.steer(id, doing, func(reg *region, e *event) error {
		s.resolve(reg, e, status)
		return nil
	})
}

// resolve ends an event without doing what it was about.
func (s *Server) resolve(reg *region, e *event, status string) {
	e.Status, e.Finished = status, second(s.now())
	if in := reg.byID[e.InstanceID]; in != nil && in.Status != Running && !e.Started.IsZero() {
		in.Status = Running
	}
}
