package handlers

import (
	"cmp"
	"slices"
	"time"
)

// civil is a day on a wall calendar.
type civil struct {
	year  int
	month time.Month
	day   int
}

func civilOf(t time.Time) civil {
	y, m, d := t.Date()
	return civil{y, m, d}
}

// plus is the day n days later.
func (c civil) plus(n int) civil {
	return civilOf(time.Date(c.year, c.month, c.day+n, 0, 0, 0, 0, time.UTC))
}

// exists tells whether the calendar has the day, in the years that are read.
func (c civil) exists() bool {
	return c.year >= minYear && c.year <= maxYear && c.plus(0) == c
}

// The years that are read: four digits, and Slack's pickers know none earlier.
const (
	minYear = 2000
	maxYear = 2999
)

// clockTime is an hour on a wall clock.
type clockTime struct{ hour, minute, second int }

func (c clockTime) exists() bool {
	return c.hour >= 0 && c.hour < 24 && c.minute >= 0 && c.minute < 60 && c.second >= 0 && c.second < 60
}

// wallText is a day and hour in digits; seconds where there are any.
func wallText(t time.Time) string {
	if t.Second() == 0 {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("2006-01-02 15:04:05")
}

// instant is the moment at which the zone's clocks show the day and hour. A
// time that the zone skips or repeats is a *Gap or a *Repeat.
func instant(d civil, c clockTime, zone *time.Location) (time.Time, error) {
	wall := time.Date(d.year, d.month, d.day, c.hour, c.minute, c.second, 0, time.UTC)
	var hits []Reading
	periods := periodsAround(wall, zone)
	for _, p := range periods {
		if r := p.read(wall); p.has(r.At) {
			hits = append(hits, r)
		}
	}
	switch len(hits) {
	case 1:
		return hits[0].At, nil
	case 0:
		for i := 1; i < len(periods); i++ {
			before, after := periods[i-1].read(wall), periods[i].read(wall)
			// Skipped: past the end by the offset before, not begun by the one after.
			if !before.At.Before(periods[i].begin) && after.At.Before(periods[i].begin) {
				return time.Time{}, &Gap{Wall: wallText(wall), Zone: zone.String(), Before: before, After: after}
			}
		}
		return time.Time{}, &Unclear{Text: wallText(wall), Why: WhyNoSuch} // no zone has such a day
	}
	slices.SortFunc(hits, func(a, b Reading) int { return cmp.Compare(a.At.Unix(), b.At.Unix()) })
	return time.Time{}, &Repeat{Wall: wallText(wall), Zone: zone.String(), First: hits[0], Second: hits[1]}
}

// period is a while in which a zone keeps one offset. A zero begin or end is
// open.
type period struct {
	begin, end time.Time
	offset     int // seconds east of UTC
}

// read takes a wall clock's time, written as if in UTC, by the period's offset.
func (p period) read(wall time.Time) Reading {
	return Reading{At: wall.Add(-time.Duration(p.offset) * time.Second), Offset: p.offset}
}

func (p period) has(t time.Time) bool {
	return (p.begin.IsZero() || !t.Before(p.begin)) && (p.end.IsZero() || t.Before(p.end))
}

// around is further than any offset, and than a zone ever moved its clocks: a
// whole day, when Samoa crossed the date line.
const around = 40 * time.Hour

// periodsAround are the zone's periods near a wall clock's time, in order.
func periodsAround(wall time.Time, zone *time.Location) []period {
	var all []period
	for t, last := wall.Add(-around), wall.Add(around); ; {
		begin, end := t.In(zone).ZoneBounds()
		_, offset := t.In(zone).Zone()
		all = append(all, period{begin, end, offset})
		if end.IsZero() || end.After(last) {
			return all
		}
		t = end
	}
}
