package handlers

import "strings"

// dayPart is a part of the day that an hour is named with.
type dayPart int

const (
	noPart dayPart = iota
	am
	pm
	small     // 凌晨: the hours after midnight
	morning   // 早上, 上午
	noon      // 中午
	afternoon // 下午
	evening   // 傍晚, 晚上
)

func (p *parts) takePart(g []string) (bool, error) {
	told := p.part // by a word such as 今晚
	if told != noPart && told != evening && told != morning {
		return false, nil
	}
	switch strings.ReplaceAll(asciiLower(g[1]), ".", "") {
	case "am":
		p.part = am
	case "pm":
		p.part = pm
	case "凌晨":
		p.part = small
	case "清晨", "早上", "早晨", "上午":
		p.part = morning
	case "中午":
		p.part = noon
	case "下午":
		p.part = afternoon
	default:
		p.part = evening
	}
	if told == evening && (p.part == am || p.part == small) {
		return false, p.unclear(WhyHour) // tonight at 2 a.m.: which night
	}
	return true, nil
}

// apply is the hour of the day that a clock's hour means in this part of it;
// false where that is open, such as 12 at night: of this day or of the next.
func (d dayPart) apply(c clockTime) (clockTime, bool) {
	h := c.hour
	low, high, noonToo := 0, 23, 0 // the hours as they are; those below noonToo are meant after noon
	switch d {
	case noPart:
		return c, true
	case am, pm:
		if h < 1 || h > 12 {
			return c, false
		}
		c.hour = h % 12
		if d == pm {
			c.hour += 12
		}
		return c, true
	case small:
		high = 5
	case morning:
		low, high = 4, 11
	case noon:
		low, high, noonToo = 11, 14, 3
	case afternoon:
		low, high, noonToo = 12, 18, 7
	case evening:
		low, high, noonToo = 17, 23, 12
	}
	if h > 0 && h < noonToo && h < 12 {
		h += 12
	}
	c.hour = h
	return c, h >= low && h <= high
}
