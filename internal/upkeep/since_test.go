package upkeep

import (
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func TestParseMoment(t *testing.T) {
	for s, want := range map[string]string{
		"2026-01-01":                "2026-01-01T00:00:00Z",
		"2026-01-01T02:00:00+08:00": "2025-12-31T18:00:00Z",
		"2026-01-01T02:00Z":         "2026-01-01T02:00:00Z",
		"2026-01-01T02:00:00.5Z":    "2026-01-01T02:00:00.5Z",
		"72h":                       "2026-03-07T12:00:00Z",
		" 90m ":                     "2026-03-10T10:30:00Z",
		"7d":                        "2026-03-03T12:00:00Z",
		"2w":                        "2026-02-24T12:00:00Z",
		"0d":                        "2026-03-10T12:00:00Z",
	} {
		got, err := ParseMoment(s, now)
		if err != nil || got.Format(time.RFC3339Nano) != want || got.Location() != time.UTC {
			t.Errorf("%q is %v, %v, want %s", s, got, err, want)
		}
	}
	if at, err := ParseMoment("", now); err != nil || !at.IsZero() {
		t.Errorf("nothing is %v, %v", at, err)
	}
	for _, s := range []string{"yesterday", "1x", "d", "-1h", "-7d", "7 d", "2026-13-01", "2026-01-01T02:00:00", "99999999d", "1e9h", strings.Repeat("9", 1000) + "h"} {
		if at, err := ParseMoment(s, now); err == nil {
			t.Errorf("%q is %v", s, at)
		} else if len(err.Error()) > 400 {
			t.Errorf("the sentence has %d bytes", len(err.Error()))
		}
	}
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"2026-01-01", "7d", "72h", "2026-01-01T02:00:00+08:00", "٧d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := ParseMoment(s, now)
		if err == nil && !at.IsZero() && (at.Year() < 0 || at.Year() > 9999) {
			t.Errorf("%q is %v", s, at)
		}
	})
}
