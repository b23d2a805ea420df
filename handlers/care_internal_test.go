package handlers

import (
	"testing"
	"time"
	_ "time/tzdata" // zones must be known on any machine that runs the tests
)

func TestUntilWhenToBeQuiet(t *testing.T) {
	for _, tt := range []struct{ zone, now, text, want string }{
		{"Asia/Shanghai", "2026-11-24 15:30", "1h", "2026-11-24 16:30"},
		{"Asia/Shanghai", "2026-11-24 15:30", "4H", "2026-11-24 19:30"},
		{"Asia/Shanghai", "2026-11-24 15:30", " 90m ", "2026-11-24 17:00"},
		{"Asia/Shanghai", "2026-11-24 15:30", "tomorrow", "2026-11-25 09:00"},
		{"Asia/Shanghai", "2026-11-24 15:30", "明天", "2026-11-25 09:00"},
		{"Asia/Shanghai", "2026-11-24 05:00", "tomorrow", "2026-11-25 09:00"},
		{"Asia/Shanghai", "2026-11-24 02:00", "tomorrow", "2026-11-24 09:00"}, // on call at night
		{"Europe/Berlin", "2026-03-28 22:00", "tomorrow", "2026-03-29 09:00"}, // summer time begins
		{"America/New_York", "2026-10-31 22:00", "tomorrow", "2026-11-01 09:00"},
		{"UTC", "2026-12-31 22:00", "tomorrow", "2027-01-01 09:00"},
		{"UTC", "2026-11-24 15:30", "2026-11-25T09:00:00Z", "2026-11-25 09:00"}, // as a button carries it
		{"UTC", "2026-11-24 15:30", "168h", "2026-12-01 15:30"},
		{"UTC", "2026-11-24 15:30", "169h", ""},
		{"UTC", "2026-11-24 15:30", "2027-11-25T09:00:00Z", ""},
		{"UTC", "2026-11-24 15:30", "30s", ""},
		{"UTC", "2026-11-24 15:30", "-1h", ""},
		{"UTC", "2026-11-24 15:30", "later", ""},
		{"UTC", "2026-11-24 15:30", "", ""},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		at := func(text string) time.Time {
			at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		got, ok := snoozeUntil(tt.text, at(tt.now), zone)
		if ok != (tt.want != "") || ok && !got.Equal(at(tt.want)) {
			t.Errorf("%s at %s in %s: %s, %v; want %q", tt.text, tt.now, tt.zone, got.In(zone), ok, tt.want)
		}
	}
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	if got, ok := snoozeUntil("tomorrow", noon, nil); !ok || got.Hour() != 9 {
		t.Errorf("without a zone: %s, %v", got, ok)
	}
}
