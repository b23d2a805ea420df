package handlers

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// span is a while from now.
type span struct {
	days int // whole days, also those of weeks
	rest time.Duration
}

const maxDays = 3660 // ten years

func (s span) total() time.Duration { return time.Duration(s.days)*24*time.Hour + s.rest }

func (s span) wholeDays() bool { return s.rest == 0 }

// add puts n halves of a unit to the span.
func (s *span) add(halves int, unit string) {
	days := 0
	switch unit {
	case "w", "week", "weeks", "周", "星期", "礼拜":
		days = 7
	case "d", "day", "days", "天":
		days = 1
	case "h", "hr", "hrs", "hour", "hours", "小时", "钟头":
		s.rest += time.Duration(halves) * time.Hour / 2
	default:
		s.rest += time.Duration(halves) * time.Minute / 2
	}
	s.days += days * halves / 2
	s.rest += time.Duration(days*halves%2) * 12 * time.Hour
}

var (
	amount   = regexp.MustCompile(`(\d+) ?(` + unit + `)`)
	amountZH = regexp.MustCompile(`(\d+|[一二两三四五六七八九十]+)? ?个?(半?)个?(` + unitZH + `)`)
)

// takeAfter is +1d2h; what follows must not go on as a word.
func (p *parts) takeAfter(g []string) (bool, error) {
	if g[2] != "" {
		return false, nil
	}
	var s span
	for _, m := range amount.FindAllStringSubmatch(asciiLower(g[1]), -1) {
		n, _ := strconv.Atoi(m[1]) // five digits at most
		s.add(2*n, m[2])
	}
	return p.setAfter(s)
}

// takeAfterZH is 1天2小时后.
func (p *parts) takeAfterZH(g []string) (bool, error) {
	var s span
	for _, m := range amountZH.FindAllStringSubmatch(g[1], -1) {
		halves := 0
		if m[1] != "" {
			n := count(m[1])
			if n < 0 {
				return false, nil
			}
			halves = 2 * n
		}
		if m[2] != "" {
			halves++
		}
		if m[1] == "" && m[2] == "" {
			return false, nil
		}
		s.add(halves, m[3])
	}
	return p.setAfter(s)
}

func (p *parts) setAfter(s span) (bool, error) {
	if p.after != nil || p.day != nil {
		return false, nil
	}
	if s.total() > maxDays*24*time.Hour {
		return false, p.unclear(WhyNoSuch)
	}
	p.after = &s
	return true, nil
}

// setDay keeps what the text tells of the day; a second telling is not read.
func (p *parts) setDay(day func(today civil) ([]civil, bool)) (bool, error) {
	if p.day != nil || p.either != nil || p.after != nil {
		return false, nil
	}
	p.day = day
	return true, nil
}

func (p *parts) takeDate(g []string) (bool, error) {
	d := civil{count(g[1]), time.Month(count(g[2])), count(g[3])}
	return p.setDay(func(civil) ([]civil, bool) { return []civil{d}, false })
}

// takeMonthDay is a date without its year: the next one ahead.
func (p *parts) takeMonthDay(g []string) (bool, error) {
	month, day := time.Month(count(g[1])), count(g[2])
	return p.setDay(func(today civil) ([]civil, bool) {
		var years []civil
		for y := today.year; y <= today.year+8; y++ { // 29 February may be eight years away
			years = append(years, civil{y, month, day})
		}
		return years, true
	})
}

func (p *parts) takeDayMonth(g []string) (bool, error) {
	month := strconv.Itoa(strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", asciiLower(g[2])[:3])/3 + 1)
	if g[3] != "" {
		return p.takeDate([]string{g[0], g[3], month, g[1]})
	}
	return p.takeMonthDay([]string{g[0], month, g[1]})
}

// takeEither is a date that is read as month and day in one country and as day
// and month in another.
func (p *parts) takeEither(g []string) (bool, error) {
	if p.day != nil || p.either != nil || p.after != nil {
		return false, nil
	}
	a, b, year := count(g[1]), count(g[2]), count("0"+g[3])
	if len(g[3]) == 2 {
		year += minYear
	}
	p.either = func(today civil) []civil {
		var both []civil
		for _, d := range []civil{{year, time.Month(a), b}, {year, time.Month(b), a}} {
			if year == 0 {
				d.year = today.year
				if d.before(today) {
					d.year++
				}
			}
			both = append(both, d)
		}
		return both
	}
	return true, nil
}

// takeWeekday is the next such day ahead. Some take "next Friday" for that one
// and some for the one after it.
func (p *parts) takeWeekday(g []string) (bool, error) {
	day := time.Weekday(strings.Index("sunmontuewedthufrisat", asciiLower(g[2])[:3]) / 3)
	if asciiLower(g[1]) != "next " {
		return p.setDay(nextWeekday(day))
	}
	if p.day != nil || p.either != nil || p.after != nil {
		return false, nil
	}
	p.either = func(today civil) []civil {
		first := today.plus(1)
		first = first.plus(until(first, day))
		return []civil{first, first.plus(7)}
	}
	return true, nil
}

// takeWeekdayZH tells weeks apart as Chinese does: they begin on Monday.
func (p *parts) takeWeekdayZH(g []string) (bool, error) {
	day := time.Weekday((strings.Index("日一二三四五六", strings.Replace(g[2], "天", "日", 1))) / len("日"))
	week := 0
	switch strings.TrimSuffix(g[1], "个") {
	case "":
		return p.setDay(nextWeekday(day))
	case "下":
		week = 1
	case "下下":
		week = 2
	}
	return p.setDay(func(today civil) ([]civil, bool) {
		monday := today.plus(-(int(today.weekday()) + 6) % 7)
		return []civil{monday.plus(week*7 + (int(day)+6)%7)}, false
	})
}

func nextWeekday(day time.Weekday) func(civil) ([]civil, bool) {
	return func(today civil) ([]civil, bool) {
		first := today.plus(until(today, day))
		return []civil{first, first.plus(7)}, true
	}
}

// until counts the days from one day to the next such weekday, 0 to 6.
func until(from civil, day time.Weekday) int { return (int(day-from.weekday()) + 7) % 7 }

func (c civil) weekday() time.Weekday {
	return time.Date(c.year, c.month, c.day, 0, 0, 0, 0, time.UTC).Weekday()
}

func (p *parts) takeDayWord(g []string) (bool, error) {
	days := 0
	word := asciiLower(g[1])
	switch word {
	case "大后天":
		days = 3
	case "后天":
		days = 2
	case "明天", "明日", "明晚", "明早", "tomorrow", "tmrw", "tmr":
		days = 1
	}
	switch word {
	case "今晚", "明晚":
		p.part = evening
	case "今早", "明早":
		p.part = morning
	case "tonight":
		p.part = evening
	}
	return p.setDay(func(today civil) ([]civil, bool) { return []civil{today.plus(days)}, false })
}

func (p *parts) takeClock(g []string) (bool, error) {
	return p.setClock(count(g[1]), count(g[2]), count(g[3]))
}

// takeClockZH is 3点, 3点半, 3点一刻, 3点05 and 3点5分10秒.
func (p *parts) takeClockZH(g []string) (bool, error) {
	minute := 0
	switch {
	case g[2] != "":
		minute = 30
	case g[3] != "":
		minute = 15
	case g[4] != "":
		minute = 45
	case g[6] != "":
		minute = count(g[6])
	case g[5] != "":
		minute = count(g[5])
	}
	return p.setClock(count(g[1]), minute, count(g[7]))
}

func (p *parts) setClock(hour, minute, second int) (bool, error) {
	if p.clock != nil {
		return false, nil
	}
	p.clock = &clockTime{hour, minute, second}
	return true, nil
}
