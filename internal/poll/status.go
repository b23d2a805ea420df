package poll

import (
	"log/slog"
	"sync"
	"time"

	"ecs-migrate/internal/migration"
)

// RegionStatus is what is known of a region's polls: whether it is looked at, and
// what was missed though it was. Each trouble has a spell of its own, since one
// neither begins nor ends by another. Before the first poll ends all is zero.
type RegionStatus struct {
	Account, Region string
	LastGood        time.Time // end of the last poll that looked at it; zero: none
	Events          int       // listed by that poll

	Blind Spell // the last poll could not look at it
	// Of the last poll that looked. One that could not ends none of these.
	Unread Spell // events that cannot be read: a CloudError that has Garbled
	Facts  Spell // facts of instances that were wanted
}

// Spell is one kind of trouble that polls in a row met; zero: there is none.
type Spell struct {
	Err   error     // as the last of them met it
	Since time.Time // end of the first of them
	Polls int
}

// met is the spell after one more poll.
func (s Spell) met(err error, at time.Time) Spell {
	switch {
	case err == nil:
		return Spell{}
	case s.Err == nil || migration.TroubleOf(err) != migration.TroubleOf(s.Err):
		return Spell{Err: err, Since: at, Polls: 1}
	}
	return Spell{Err: err, Since: s.Since, Polls: s.Polls + 1}
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

// set takes in the outcome of a poll that was not cut short. Trouble is logged
// when it begins and when it is over, not in between.
func (s *status) set(o Outcome, at time.Time) {
	s.mu.Lock()
	before := s.now
	s.now.Blind = s.now.Blind.met(o.Err, at)
	if o.Err == nil {
		s.now.LastGood, s.now.Events = at, o.Events
		s.now.Unread = s.now.Unread.met(o.Unread, at)
		s.now.Facts = s.now.Facts.met(o.FactsErr, at)
	}
	after := s.now
	s.mu.Unlock()

	switch {
	case after.Blind.Err != nil && before.Blind.Err == nil:
		s.log.Error("the region cannot be looked at", "err", o.Err, "last_good", before.LastGood)
	case after.Blind.Err == nil && before.Blind.Err != nil:
		s.log.Info("the region can be looked at again", "events", o.Events)
	}
	switch {
	case after.Unread.Err != nil && (before.Unread.Err == nil || before.Unread.Err.Error() != after.Unread.Err.Error()):
		s.log.Error("events of the region cannot be read", "err", o.Unread)
	case after.Unread.Err == nil && before.Unread.Err != nil:
		s.log.Info("all events of the region can be read again", "events", o.Events)
	}
	switch {
	case after.Facts.Err != nil && before.Facts.Err == nil:
		s.log.Warn("facts of instances cannot be read", "err", o.FactsErr, "events_put_off", o.PutOff)
	case after.Facts.Err == nil && before.Facts.Err != nil:
		s.log.Info("facts of instances are not missed any more")
	}
}
