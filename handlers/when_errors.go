package handlers

import (
	"fmt"
	"time"
)

// Why names what kept a written time from being read.
type Why string

// Why a time could not be read.
const (
	WhyUnread    Why = "unread"     // something in it is no part of a time
	WhyNoHour    Why = "no_hour"    // a day without an hour: none is guessed
	WhyHour      Why = "hour"       // an hour that its part of the day leaves open, such as 12 at night
	WhyWhichDate Why = "which_date" // a date that is read in two ways, such as 2/3
	WhyNoSuch    Why = "no_such"    // no such day or hour, such as 30 February
	WhyZone      Why = "zone"       // a zone that is not known, or letters that several zones share
	WhyNoZone    Why = "no_zone"    // it needs a zone and the person's is not known
)

// Unclear is a time that cannot be read.
type Unclear struct {
	Text string // as it was written
	Why  Why
	// Try are accepted ways of writing what may have been meant; none where
	// nothing near is known.
	Try []string
}

// Error is for logs; people are answered in their own words.
func (e *Unclear) Error() string { return fmt.Sprintf("unclear time: %s", e.Why) }

// Reading is one moment that a wall clock's time may mean.
type Reading struct {
	At     time.Time // UTC
	Offset int       // seconds east of UTC in this reading
}

// Typed writes the reading so that ParseWhen reads it as this moment.
func (r Reading) Typed() string {
	local := r.At.In(time.FixedZone("", r.Offset))
	return wallText(local) + local.Format("-07:00")
}

// Gap is a wall clock's time that its zone skips: its clocks go from before it
// to after it. The readings are those by the offset before and after.
type Gap struct {
	Wall          string // the time as a clock would show it, in digits
	Zone          string // the zone's name
	Before, After Reading
}

// Error is for logs; people are answered in their own words.
func (e *Gap) Error() string { return fmt.Sprintf("%s is skipped in %s", e.Wall, e.Zone) }

// Repeat is a wall clock's time that its zone has twice.
type Repeat struct {
	Wall          string // the time as a clock shows it, in digits
	Zone          string // the zone's name
	First, Second Reading
}

// Error is for logs; people are answered in their own words.
func (e *Repeat) Error() string { return fmt.Sprintf("%s comes twice in %s", e.Wall, e.Zone) }
