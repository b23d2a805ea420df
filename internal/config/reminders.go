package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"go.yaml.in/yaml/v3"
)

// Reminders says of what people are reminded and when. An empty list, a zero
// span, or a Voucher of 0 is of that never.
type Reminders struct {
	// Unreserved are the times before the deadline at which people hear that
	// nothing is reserved, the longest first; from the last of them on they hear
	// it each UnreservedEvery.
	Unreserved      []time.Duration
	UnreservedEvery time.Duration
	// BeforeRun are the times before the planned time.
	BeforeRun []time.Duration
	// Overdue are the times after the start at which a run that has not ended is
	// told, the shortest first.
	Overdue []time.Duration
	// FollowUp is how often an open checklist is told after the run, in working
	// hours.
	FollowUp time.Duration
	// IORecovery tells when snapshots are possible again.
	IORecovery bool
	// Voucher is how many working days after the migration its voucher is due.
	Voucher int
	// Digest says when each channel is told what is pending; without a Schedule
	// never.
	Digest Digest
	Work   Work
}

// Digest is a robfig/cron/v3 schedule together with the text it was read from;
// by the clock it is meant in Config.Location.
type Digest struct {
	Text     string
	Schedule cron.Schedule // nil: off
}

// Work is when people work, by the clock in Config.Location.
type Work struct {
	From, To time.Duration   // since midnight, of a working day
	Days     [7]bool         // by time.Weekday
	Holidays map[string]bool // days such as 2026-10-01 on which nobody works
	Workdays map[string]bool // days on which people work although it is a weekend
}

// chinaHolidays and chinaWorkdays are the public holidays of 2026 and the
// weekend days that are worked for them. Source: the State Council's notice of
// 4 November 2025, https://politics.gmw.cn/2025-11/04/content_38391083.htm
func chinaHolidays() []string {
	return []string{
		"2026-01-01..2026-01-03", "2026-02-15..2026-02-23", "2026-04-04..2026-04-06", "2026-05-01..2026-05-05",
		"2026-06-19..2026-06-21", "2026-09-25..2026-09-27", "2026-10-01..2026-10-07",
	}
}

func chinaWorkdays() []string {
	return []string{"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}
}

const defaultDigest = "0 9 * * *"

// defaultReminders is what holds for keys that the file leaves out.
func defaultReminders(zone *time.Location) Reminders {
	digest, _ := parseSchedule(defaultDigest, zone) // a constant that is sound
	r := Reminders{
		Unreserved: []time.Duration{72 * time.Hour, 24 * time.Hour, 4 * time.Hour}, UnreservedEvery: time.Hour,
		BeforeRun: []time.Duration{24 * time.Hour, time.Hour, 15 * time.Minute},
		Overdue:   []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour},
		FollowUp:  4 * time.Hour, IORecovery: true, Voucher: 7,
		Digest: Digest{defaultDigest, digest},
		Work: Work{
			From: 9 * time.Hour, To: 18 * time.Hour, Days: [7]bool{false, true, true, true, true, true, false},
			Holidays: map[string]bool{}, Workdays: map[string]bool{},
		},
	}
	for _, span := range chinaHolidays() {
		addDays(r.Work.Holidays, span)
	}
	for _, span := range chinaWorkdays() {
		addDays(r.Work.Workdays, span)
	}
	return r
}

// reminders reads n, or the defaults where the key is absent.
func (t *tree) reminders(n *yaml.Node, zone *time.Location) Reminders {
	r := defaultReminders(zone)
	if n == nil || isNull(n) {
		return r
	}
	values, ok := t.mapping(n, "reminders", reminderKeys())
	if !ok {
		return r
	}
	at := func(key string, read func(n *yaml.Node, field string)) {
		if n := values[key]; n != nil {
			read(n, "reminders."+key)
		}
	}
	at("unreserved", func(n *yaml.Node, f string) { r.Unreserved = t.spans(n, f, "[72h, 24h, 4h]", true) })
	at("unreserved_every", func(n *yaml.Node, f string) { r.UnreservedEvery = t.span(n, f, "1h", 15*time.Minute, true) })
	at("before_run", func(n *yaml.Node, f string) { r.BeforeRun = t.spans(n, f, "[24h, 1h, 15m]", true) })
	at("overdue", func(n *yaml.Node, f string) { r.Overdue = t.spans(n, f, "[30m, 1h, 2h]", false) })
	at("follow_up", func(n *yaml.Node, f string) { r.FollowUp = t.span(n, f, "4h", 15*time.Minute, true) })
	at("io_recovery", func(n *yaml.Node, f string) { r.IORecovery = t.yesNo(n, f) })
	at("voucher", func(n *yaml.Node, f string) { r.Voucher = t.workingDays(n, f) })
	at("digest", func(n *yaml.Node, f string) { r.Digest = t.digest(n, f, zone) })
	at("working_hours", func(n *yaml.Node, f string) { r.Work.From, r.Work.To = t.workingHours(n, f) })
	at("working_days", func(n *yaml.Node, f string) { r.Work.Days = t.weekdays(n, f) })
	at("holidays", func(n *yaml.Node, f string) { r.Work.Holidays = t.days(n, f) })
	at("workdays", func(n *yaml.Node, f string) { r.Work.Workdays = t.days(n, f) })
	return r
}

// maxSpan bounds how far ahead a reminder may be: the cloud announces no event
// earlier.
const maxSpan = 90 * 24 * time.Hour

// mostSpans bounds a list, so that nobody is told more often than they read.
const mostSpans = 10

// spans reads a list of spans and puts it in the order in which they come.
func (t *tree) spans(n *yaml.Node, field, example string, before bool) []time.Duration {
	items, ok := t.list(n, field, example)
	if len(items) > mostSpans {
		t.fault(n, field, fmt.Sprintf("has more than %d times", mostSpans), "Keep those that people act on")
		return nil
	}
	var all []time.Duration
	for i, child := range items {
		if d := t.span(child, item(field, i), "24h", time.Minute, false); d > 0 {
			if slices.Contains(all, d) {
				t.fault(child, item(field, i), "stands twice", "Keep one of the two")
			}
			all = append(all, d)
		}
	}
	slices.Sort(all)
	if before {
		slices.Reverse(all)
	}
	if ok && all == nil {
		all = []time.Duration{}
	}
	return all
}

var wholeDays = regexp.MustCompile(`^([0-9]{1,3})d$`)

// span reads a span such as 72h, 15m or 3d; 0 only where off is allowed.
func (t *tree) span(n *yaml.Node, field, example string, least time.Duration, off bool) time.Duration {
	if told(n) {
		return 0
	}
	remedy := "Write a span such as " + example
	if off {
		remedy += ", or 0 for never"
	}
	if n.Kind != yaml.ScalarNode {
		t.fault(n, field, "is "+kindName(n)+" where a span of time is expected", remedy)
		return 0
	}
	if off && n.Value == "0" {
		return 0
	}
	text := n.Value
	if d := wholeDays.FindStringSubmatch(text); d != nil {
		text = d[1] + "h"
		if span, err := time.ParseDuration(text); err == nil {
			return t.within(n, field, 24*span, least)
		}
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		t.fault(n, field, quote(n.Value)+" is no span of time", remedy)
		return 0
	}
	return t.within(n, field, span, least)
}

func (t *tree) within(n *yaml.Node, field string, span, least time.Duration) time.Duration {
	switch {
	case span < least:
		t.fault(n, field, quote(n.Value)+" is too short", fmt.Sprintf("Write %dm or more", least/time.Minute))
	case span > maxSpan:
		t.fault(n, field, quote(n.Value)+" is too long", "Write 90d or less; events are announced days ahead")
	case span%time.Minute != 0:
		t.fault(n, field, quote(n.Value)+" has a part of a minute", "Write whole minutes")
	default:
		return span
	}
	return 0
}

func (t *tree) yesNo(n *yaml.Node, field string) bool {
	var yes bool
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" || n.Decode(&yes) != nil {
		if !told(n) {
			t.fault(n, field, "is "+kindName(n)+" where yes or no is expected", "Write true or false")
		}
		return false
	}
	return yes
}

func (t *tree) workingDays(n *yaml.Node, field string) int {
	var days int
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" || n.Decode(&days) != nil || days < 0 || days > 60 {
		if !told(n) {
			t.fault(n, field, "is no number of working days", "Write a whole number from 0, which is never, to 60")
		}
		return 0
	}
	return days
}

func (t *tree) digest(n *yaml.Node, field string, zone *time.Location) Digest {
	const remedy = `Write five fields such as "0 9 * * 1-5": minute, hour, day of month, month, day of week; or "" for none`
	text, ok := t.optional(n, field, `digest: "0 9 * * *"`)
	if !ok || text == "" {
		return Digest{}
	}
	schedule, problem := parseSchedule(text, zone)
	if problem != "" {
		t.fault(n, field, quote(text)+" "+problem, remedy)
		return Digest{}
	}
	// A digest is of a day: its channel is told once a day, whatever it says.
	if _, ok := schedule.(cron.ConstantDelaySchedule); ok {
		t.fault(n, field, quote(text)+" names no hour of the day", remedy)
		return Digest{}
	}
	return Digest{text, schedule}
}

var hourSpan = regexp.MustCompile(`^([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])$`)

func (t *tree) workingHours(n *yaml.Node, field string) (from, to time.Duration) {
	const example = `"09:00-18:00"`
	text, ok := t.text(n, field, example)
	if !ok {
		return 0, 24 * time.Hour
	}
	if p := hourSpan.FindStringSubmatch(strings.ReplaceAll(text, " ", "")); p != nil {
		from, to = clockTime(p[1], p[2]), clockTime(p[3], p[4])
		if from < to && to <= 24*time.Hour {
			return from, to
		}
	}
	t.fault(n, field, quote(text)+" is no span of a day", "Write it as in "+example+"; the end is after the beginning and at most 24:00")
	return 0, 24 * time.Hour
}

// clockTime is hours and minutes in two digits each, since midnight.
func clockTime(hours, minutes string) time.Duration {
	digit := func(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }
	return time.Duration(digit(hours))*time.Hour + time.Duration(digit(minutes))*time.Minute
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (t *tree) weekdays(n *yaml.Node, field string) (days [7]bool) {
	const example = "[mon, tue, wed, thu, fri]"
	items, ok := t.list(n, field, example)
	if ok && len(items) == 0 {
		t.fault(n, field, "is empty, so nobody would ever be reminded of a checklist", "Name days, as in "+example)
	}
	for i, child := range items {
		name, ok := t.text(child, item(field, i), example)
		if !ok {
			continue
		}
		day := slices.Index(dayNames, strings.ToLower(name))
		if day < 0 {
			t.fault(child, item(field, i), quote(name)+" is no day of the week", "Write one of "+strings.Join(dayNames, ", "))
			continue
		}
		days[day] = true
	}
	return days
}

// maxDays bounds a span of holidays.
const maxDays = 60

// days reads a list of days and spans of days.
func (t *tree) days(n *yaml.Node, field string) map[string]bool {
	const example = "[2026-10-01..2026-10-07, 2027-01-01]"
	items, _ := t.list(n, field, example)
	all := map[string]bool{}
	for i, child := range items {
		switch {
		case told(child):
		case child.Kind != yaml.ScalarNode || !addDays(all, child.Value):
			t.fault(child, item(field, i), quote(child.Value)+" is no day and no span of days", "Write it as in "+example)
		}
	}
	return all
}

// addDays adds a day or a span of days, false where the text is neither.
func addDays(all map[string]bool, text string) bool {
	first, last, ok := strings.Cut(text, "..")
	if !ok {
		last = first
	}
	from, err := time.Parse(time.DateOnly, strings.TrimSpace(first))
	to, errTo := time.Parse(time.DateOnly, strings.TrimSpace(last))
	if err != nil || errTo != nil || to.Before(from) || to.Sub(from) > maxDays*24*time.Hour {
		return false
	}
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		all[d.Format(time.DateOnly)] = true
	}
	return true
}
