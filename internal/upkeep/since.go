package upkeep

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// longest is the longest while that ParseMoment takes: nothing here is older.
const longest = 100 * 365 * 24 * time.Hour

// ParseMoment reads a moment as people type it: a day (2026-01-01, its first
// moment in UTC), a moment (2026-01-01T02:00:00+08:00), or a while before now
// (72h, 90m, 7d, 2w). Empty is the zero time.
func ParseMoment(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), nil
		}
	}
	ago, err := while(s)
	if err != nil || ago < 0 || ago > longest {
		return time.Time{}, fmt.Errorf("cannot read %.40q as a moment: write a day (2026-01-01, in UTC), a moment with its offset (2026-01-01T02:00:00+08:00), or a while before now (72h, 7d)", s)
	}
	return now.Add(-ago).UTC(), nil
}

// while is a duration that may be in days or weeks.
func while(s string) (time.Duration, error) {
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if number, ok := strings.CutSuffix(s, unit); ok {
			n, err := strconv.ParseUint(number, 10, 16)
			return time.Duration(n) * length, err
		}
	}
	return time.ParseDuration(s)
}
