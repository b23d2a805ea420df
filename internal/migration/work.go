package migration

import "time"

// Work is when people work. The hours and days are by the clock of Zone, so that
// nine o'clock is nine o'clock when that changes to summer time.
type Work struct {
	Zone     *time.Location  // UTC where it is nil
	From, To time.Duration   // since midnight; To is after From and at most 24 h
	Days     [7]bool         // by time.Weekday
	Holidays map[string]bool // days (2026-10-01) on which nobody works
	Workdays map[string]bool // days on which people work whatever the weekday
}

// farDays bounds how far ahead a working day is looked for: a year of holidays is
// a mistake, and a reminder too early is better than none.
const farDays = 366

// noon stands for its day: in some zones summer time begins at midnight, and that
// day has none.
const noon = 12 * time.Hour

// open tells whether people work on the day that t is in.
func (w Work) open(t time.Time) bool {
	day := t.Format(time.DateOnly)
	return w.Workdays[day] || w.Days[t.Weekday()] && !w.Holidays[day]
}

// at is the moment when a clock on the day of t shows the time since midnight.
func (w Work) at(t time.Time, clock time.Duration) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, int(clock/time.Minute), 0, 0, t.Location())
}

// Next is t where people work at that moment, and otherwise when they next begin
// to. The result is UTC.
func (w Work) Next(t time.Time) time.Time {
	local := w.local(t)
	for n := range farDays {
		day := w.at(local, noon).AddDate(0, 0, n)
		if !w.open(day) {
			continue
		}
		if from := w.at(day, w.From); n > 0 || local.Before(from) {
			return from.UTC()
		}
		if local.Before(w.at(day, w.To)) {
			return local.UTC()
		}
	}
	return t.UTC()
}

// After is the beginning of the n-th working day behind the day that t is in. The
// result is UTC.
func (w Work) After(t time.Time, n int) time.Time {
	day := w.at(w.local(t), noon)
	for range farDays {
		if n <= 0 {
			break
		}
		day = day.AddDate(0, 0, 1)
		if w.open(day) {
			n--
		}
	}
	return w.at(day, w.From).UTC()
}

func (w Work) local(t time.Time) time.Time {
	if w.Zone == nil {
		return t.UTC()
	}
	return t.In(w.Zone)
}
