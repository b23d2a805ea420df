package handlers

import (
	"slices"
	"strings"
	"time"
)

// ParseWhen reads a time as people write it, in English or Chinese:
//
//	2024-05-02 02:00      2024-05-02T02:00:30+08:00   2 May 02:00 UTC
//	tomorrow 02:00        fri 02:00 Europe/Berlin     02:00
//	+3h                   +1d2h                       in 90 minutes
//	明天 02:00            周五凌晨2点                 5月2日下午3点半
//	3小时后               2天后 02:00                 下周五 02:00
//
// Times are in zone unless the text names another one; where zone is nil, a
// text that needs one is an *Unclear with WhyNoZone. The result is UTC, in whole
// seconds, and may be past: what is allowed is not judged here.
//
// Nothing is guessed. A relative day is 24 hours; with an hour beside it, it is
// the day that many days on. A weekday, a date without its year and an hour
// alone mean the next one that lies ahead of now. A day without an hour, an hour
// that the zone skips or repeats (*Gap, *Repeat), and a date that different
// countries read differently are refused.
func ParseWhen(text string, now time.Time, zone *time.Location) (time.Time, error) {
	p, err := scan(text)
	if err != nil {
		return time.Time{}, err
	}
	when, err := p.resolve(now, zone)
	if err == nil && (when.Year() < minYear || when.Year() > maxYear) {
		return time.Time{}, p.unclear(WhyNoSuch)
	}
	return when, err
}

// resolve turns what was read into a moment.
func (p *parts) resolve(now time.Time, zone *time.Location) (time.Time, error) {
	if p.clock == nil && p.part == noPart && p.after != nil && p.day == nil {
		return now.Add(p.after.total()).UTC().Truncate(time.Second), nil
	}
	if p.zone != nil {
		zone = p.zone
	}
	if zone == nil {
		return time.Time{}, p.unclear(WhyNoZone)
	}
	if p.either != nil {
		return time.Time{}, p.unclear(WhyWhichDate, p.eitherDate(now, zone)...)
	}
	if p.clock == nil {
		return time.Time{}, p.unclear(WhyNoHour, p.withHour()...)
	}
	clock, ok := p.part.apply(*p.clock)
	if !ok {
		return time.Time{}, p.unclear(WhyHour)
	}
	if !clock.exists() {
		return time.Time{}, p.unclear(WhyNoSuch)
	}
	days, ahead, err := p.days(civilOf(now.In(zone)))
	if err != nil {
		return time.Time{}, err
	}
	return p.first(days, ahead, clock, now, zone)
}

// days are the days that the text may mean, nearest first; ahead tells that the
// first one whose hour lies ahead is meant.
func (p *parts) days(today civil) (days []civil, ahead bool, err error) {
	switch {
	case p.after != nil && p.day == nil:
		if !p.after.wholeDays() {
			return nil, false, p.unclear(WhyUnread) // in 3 hours at 02:00
		}
		return []civil{today.plus(p.after.days)}, false, nil
	case p.after != nil:
		return nil, false, p.unclear(WhyUnread)
	case p.day == nil:
		return []civil{today, today.plus(1)}, true, nil
	}
	days, ahead = p.day(today)
	for _, d := range days {
		if d.exists() {
			return days, ahead, nil
		}
	}
	return nil, false, p.unclear(WhyNoSuch)
}

// first is the hour on the first of the days, or on the first that lies ahead.
func (p *parts) first(days []civil, ahead bool, clock clockTime, now time.Time, zone *time.Location) (time.Time, error) {
	for _, d := range days {
		if !d.exists() {
			continue // 29 February of a common year
		}
		at, err := instant(d, clock, zone)
		if !ahead {
			return at, err
		}
		if latest(at, err).After(now) {
			return at, err
		}
	}
	return time.Time{}, p.unclear(WhyNoSuch)
}

// latest is the last moment that a resolved time may be.
func latest(at time.Time, err error) time.Time {
	switch e := err.(type) {
	case *Gap:
		return e.Before.At // by the lesser offset
	case *Repeat:
		return e.Second.At
	}
	return at
}

// exampleHour stands in for an hour that was not named.
const exampleHour = " 02:00"

func (p *parts) withHour() []string {
	if p.day == nil && p.after == nil {
		return nil
	}
	return []string{strings.TrimSpace(p.text) + exampleHour}
}

// eitherDate writes both readings of an ambiguous date, of those the calendar
// has.
func (p *parts) eitherDate(now time.Time, zone *time.Location) []string {
	hour := exampleHour
	if p.clock != nil {
		if c, ok := p.part.apply(*p.clock); ok && c.exists() {
			hour = time.Date(2000, 1, 1, c.hour, c.minute, c.second, 0, time.UTC).Format(" 15:04:05")
			hour = strings.TrimSuffix(hour, ":00")
		}
	}
	var try []string
	for _, d := range p.either(civilOf(now.In(zone))) {
		s := time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC).Format("2006-01-02") + hour
		if d.exists() && !slices.Contains(try, s) {
			try = append(try, s)
		}
	}
	return try
}

// before tells whether c is an earlier day than o.
func (c civil) before(o civil) bool {
	return time.Date(c.year, c.month, c.day, 0, 0, 0, 0, time.UTC).Before(time.Date(o.year, o.month, o.day, 0, 0, 0, 0, time.UTC))
}

func (p *parts) unclear(why Why, try ...string) error {
	return &Unclear{Text: p.text, Why: why, Try: try}
}
