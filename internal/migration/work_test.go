package migration_test

import (
	"testing"
	"time"
	_ "time/tzdata" // zones must be known on any machine that runs the tests

	"ecs-migrate/internal/migration"
)

// office works from nine to six on weekdays in a zone.
func office(t testing.TB, zone string) migration.Work {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return migration.Work{
		Zone: loc, From: 9 * time.Hour, To: 18 * time.Hour, Days: [7]bool{false, true, true, true, true, true, false},
		Holidays: map[string]bool{"2026-10-01": true, "2026-10-02": true, "2026-10-05": true, "2026-10-06": true, "2026-10-07": true},
		Workdays: map[string]bool{"2026-10-10": true},
	}
}

func TestWhenPeopleWorkNext(t *testing.T) {
	for _, tt := range []struct{ zone, from, want string }{
		{"Asia/Shanghai", "2026-11-24 10:30", "2026-11-24 10:30"}, // a Tuesday
		{"Asia/Shanghai", "2026-11-24 02:00", "2026-11-24 09:00"},
		{"Asia/Shanghai", "2026-11-24 09:00", "2026-11-24 09:00"},
		{"Asia/Shanghai", "2026-11-24 18:00", "2026-11-25 09:00"},
		{"Asia/Shanghai", "2026-11-27 17:59", "2026-11-27 17:59"},
		{"Asia/Shanghai", "2026-11-27 20:00", "2026-11-30 09:00"}, // Friday night
		{"Asia/Shanghai", "2026-09-30 19:00", "2026-10-08 09:00"}, // before the holidays
		{"Asia/Shanghai", "2026-10-09 19:00", "2026-10-10 09:00"}, // a Saturday that is worked
		{"Asia/Shanghai", "2026-10-10 19:00", "2026-10-12 09:00"},
		{"Europe/Berlin", "2026-03-27 19:00", "2026-03-30 09:00"},    // summer time began on Sunday
		{"America/New_York", "2026-10-30 19:00", "2026-11-02 09:00"}, // it ended on Sunday
		{"America/Santiago", "2026-09-06 10:00", "2026-09-07 09:00"}, // a Sunday that has no midnight
		{"America/Santiago", "2026-09-04 19:00", "2026-09-07 09:00"},
	} {
		w := office(t, tt.zone)
		if got := w.Next(wall(t, w, tt.from)); !got.Equal(wall(t, w, tt.want)) {
			t.Errorf("%s %s: %s, want %s", tt.zone, tt.from, got.In(w.Zone), tt.want)
		}
	}
	berlin := office(t, "Europe/Berlin")
	if got := berlin.Next(wall(t, berlin, "2026-03-27 19:00")); got.Hour() != 7 {
		t.Errorf("nine in Berlin is %s in summer", got)
	}
	if got := berlin.Next(wall(t, berlin, "2026-03-26 19:00")); got.Hour() != 8 {
		t.Errorf("nine in Berlin is %s in winter", got)
	}
}

// wall reads a clock in the zone of w.
func wall(t testing.TB, w migration.Work, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, w.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestWorkingDaysAfter(t *testing.T) {
	w := office(t, "Asia/Shanghai")
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-11-24 02:14", 7, "2026-12-03 09:00"},
		{"2026-11-27 23:59", 1, "2026-11-30 09:00"},
		{"2026-09-29 10:00", 3, "2026-10-09 09:00"}, // over the holidays
		{"2026-09-29 10:00", 4, "2026-10-10 09:00"}, // and a Saturday that is worked
		{"2026-11-24 10:00", 0, "2026-11-24 09:00"},
	} {
		if got := w.After(wall(t, w, tt.from), tt.n); !got.Equal(wall(t, w, tt.want)) {
			t.Errorf("%d working days after %s: %s, want %s", tt.n, tt.from, got.In(w.Zone), tt.want)
		}
	}
}

func TestACalendarWithoutWorkingDaysEndsTheSearch(t *testing.T) {
	at := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	if got := (migration.Work{From: time.Hour, To: 2 * time.Hour}).Next(at); !got.Equal(at) {
		t.Errorf("%s", got)
	}
	if got := (migration.Work{}).After(at, 7); got.Sub(at) > 400*24*time.Hour {
		t.Errorf("%s", got)
	}
}
