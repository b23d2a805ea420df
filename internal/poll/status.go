package poll

import (
	"log/slog"
	"sync"
	"time"
)

// RegionStatus is what is known of a region's polls. Before the first one ends
// both LastGood and Err are zero.
type RegionStatus struct {
	Account, Region string
	LastGood        time.Time // end of the last poll that looked at all of it; zero: none
	Err             error     // of the last poll; nil: it was good
	FactsErr        error     // of the last poll; see Outcome
	Events          int       // listed by the last good poll

	// Failing is when the first of the polls in a row ended that could not look at
	// all of it, or read the facts it wanted; zero: the last one could. Failed
	// counts them.
	Failing time.Time
	Failed  int
}

// status keeps a RegionStatus and tells the log when it turns.
type status struct {
	mu  sync.Mutex
	now RegionStatus
	log *slog.Logger
}

func (s *status) get() RegionStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// set takes in the outcome of a poll that was not cut short. A region that
// fails is logged when it begins to and when it is well again, not in between.
func (s *status) set(o Outcome, at time.Time) {
	s.mu.Lock()
	before := s.now
	s.now.Err, s.now.FactsErr = o.Err, o.FactsErr
	switch {
	case o.Err == nil && o.FactsErr == nil:
		s.now.Failing, s.now.Failed = time.Time{}, 0
	case s.now.Failed == 0:
		s.now.Failing = at
		fallthrough
	default:
		s.now.Failed++
	}
	if o.Err == nil {
		s.now.LastGood, s.now.Events = at, o.Events
	}
	s.mu.Unlock()

	switch {
	case o.Err != nil && before.Err == nil:
		s.log.Error("the region cannot be looked at", "err", o.Err, "last_good", before.LastGood)
	case o.Err == nil && before.Err != nil:
		s.log.Info("the region can be looked at again", "events", o.Events)
	}
	switch {
	case o.FactsErr != nil && before.FactsErr == nil:
		s.log.Warn("facts of instances cannot be read", "err", o.FactsErr, "events_put_off", o.PutOff)
	case o.Err == nil && o.FactsErr == nil && before.FactsErr != nil:
		s.log.Info("facts of instances are not missed any more")
	}
}
