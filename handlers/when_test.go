package handlers_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones must be known on any machine that runs the tests

	"ecs-migrate/handlers"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// now is a Friday, 11:30 in Shanghai.
var now = time.Date(2024, 4, 26, 3, 30, 0, 0, time.UTC)

func TestParseWhen(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		// absolute
		{"2024-05-02 02:00", "2024-05-01T18:00:00Z"},
		{"2024-05-02 02:00:30", "2024-05-01T18:00:30Z"},
		{"2024-05-02T02:00", "2024-05-01T18:00:00Z"},
		{"2024-05-02t02:00:30z", "2024-05-02T02:00:30Z"},
		{"2024-05-02T02:00:30Z", "2024-05-02T02:00:30Z"},
		{"2024-05-02T02:00:00+08:00", "2024-05-01T18:00:00Z"},
		{"2024-05-02 02:00 +0800", "2024-05-01T18:00:00Z"},
		{"2024-05-02 02:00 +08", "2024-05-01T18:00:00Z"},
		{"2024-05-02 02:00 -05:30", "2024-05-02T07:30:00Z"},
		{"2024-05-02 02:00-05:30", "2024-05-02T07:30:00Z"},
		{"2024-05-02 02:00 −05:30", "2024-05-02T07:30:00Z"},
		{"2024-05-02 02:00 UTC", "2024-05-02T02:00:00Z"},
		{"2024-05-02 02:00 utc+8", "2024-05-01T18:00:00Z"},
		{"2024-05-02 02:00 GMT-3", "2024-05-02T05:00:00Z"},
		{"2024-05-02 02:00 America/New_York", "2024-05-02T06:00:00Z"},
		{"2024-05-02 02:00 america/new_york", "2024-05-02T06:00:00Z"},
		{"Asia/Kathmandu 2024-05-02 02:00", "2024-05-01T20:15:00Z"},
		{"2024/5/2 2:00", "2024-05-01T18:00:00Z"},
		{"2024.05.02 02:00", "2024-05-01T18:00:00Z"},
		{"  2024-05-02,  02:00  ", "2024-05-01T18:00:00Z"},
		{"2024-02-29 02:00", "2024-02-28T18:00:00Z"},
		{"2 May 2024 02:00", "2024-05-01T18:00:00Z"},
		{"May 2nd, 2024 at 2am", "2024-05-01T18:00:00Z"},
		{"2 may 02:00", "2024-05-01T18:00:00Z"},
		{"1 Feb 02:00", "2025-01-31T18:00:00Z"}, // passed this year
		{"29 Feb 02:00", "2028-02-28T18:00:00Z"},
		{"2024-05-02 11:30pm", "2024-05-02T15:30:00Z"},
		{"2024-05-02 12am", "2024-05-01T16:00:00Z"},
		{"2024-05-02 12 p.m.", "2024-05-02T04:00:00Z"},
		// relative
		{"+3h", "2024-04-26T06:30:00Z"},
		{"+90m", "2024-04-26T05:00:00Z"},
		{"+1d2h", "2024-04-27T05:30:00Z"},
		{"+1d 2h", "2024-04-27T05:30:00Z"},
		{"+ 2w", "2024-05-10T03:30:00Z"},
		{"in 90 minutes", "2024-04-26T05:00:00Z"},
		{"in 2 Days", "2024-04-28T03:30:00Z"},
		{"+1d 02:00", "2024-04-26T18:00:00Z"},
		// days in words
		{"today 23:00", "2024-04-26T15:00:00Z"},
		{"today 02:00", "2024-04-25T18:00:00Z"}, // past, which is not judged here
		{"tonight 10:00", "2024-04-26T14:00:00Z"},
		{"tomorrow 02:00", "2024-04-26T18:00:00Z"},
		{"02:00 tomorrow", "2024-04-26T18:00:00Z"},
		{"Tomorrow at 02:00 UTC", "2024-04-27T02:00:00Z"},
		{"sat 02:00", "2024-04-26T18:00:00Z"},
		{"Saturday 02:00", "2024-04-26T18:00:00Z"},
		{"fri 12:00", "2024-04-26T04:00:00Z"}, // today, ahead
		{"fri 02:00", "2024-05-02T18:00:00Z"}, // today's is past
		{"friday, 02:00", "2024-05-02T18:00:00Z"},
		{"this thu 02:00", "2024-05-01T18:00:00Z"},
		{"12:00", "2024-04-26T04:00:00Z"},
		{"02:00", "2024-04-26T18:00:00Z"},
		{"2am", "2024-04-26T18:00:00Z"},
		// Chinese
		{"明天 02:00", "2024-04-26T18:00:00Z"},
		{"明天凌晨2点", "2024-04-26T18:00:00Z"},
		{"今天 23:00", "2024-04-26T15:00:00Z"},
		{"今晚10点", "2024-04-26T14:00:00Z"},
		{"明晚十点半", "2024-04-27T14:30:00Z"},
		{"明早6点", "2024-04-26T22:00:00Z"},
		{"后天02:00", "2024-04-27T18:00:00Z"},
		{"大后天 02:00", "2024-04-28T18:00:00Z"},
		{"周六 02:00", "2024-04-26T18:00:00Z"},
		{"星期六02:00", "2024-04-26T18:00:00Z"},
		{"礼拜天 02:00", "2024-04-27T18:00:00Z"},
		{"週日 02:00", "2024-04-27T18:00:00Z"},
		{"周五 02:00", "2024-05-02T18:00:00Z"},
		{"下周五 02:00", "2024-05-02T18:00:00Z"},
		{"下周一 02:00", "2024-04-28T18:00:00Z"},
		{"下下周一 02:00", "2024-05-05T18:00:00Z"},
		{"本周日 02:00", "2024-04-27T18:00:00Z"},
		{"这周四 02:00", "2024-04-24T18:00:00Z"}, // past, and plainly so
		{"3小时后", "2024-04-26T06:30:00Z"},
		{"三小时后", "2024-04-26T06:30:00Z"},
		{"3個小時後", "2024-04-26T06:30:00Z"},
		{"半小时后", "2024-04-26T04:00:00Z"},
		{"一个半小时后", "2024-04-26T05:00:00Z"},
		{"2天后", "2024-04-28T03:30:00Z"},
		{"2天3小时后", "2024-04-28T06:30:00Z"},
		{"2天后 02:00", "2024-04-27T18:00:00Z"},
		{"两周后", "2024-05-10T03:30:00Z"},
		{"5月2日 02:00", "2024-05-01T18:00:00Z"},
		{"五月二号凌晨两点", "2024-05-01T18:00:00Z"},
		{"2024年5月2日 2点", "2024-05-01T18:00:00Z"},
		{"2024年5月2日下午3点半", "2024-05-02T07:30:00Z"},
		{"2024年5月2日 15时05分", "2024-05-02T07:05:00Z"},
		{"5月2日下午三点一刻", "2024-05-02T07:15:00Z"},
		{"5月2日下午3点三刻", "2024-05-02T07:45:00Z"},
		{"5月2日 15点整", "2024-05-02T07:00:00Z"},
		{"5月2日 3点5分10秒", "2024-05-01T19:05:10Z"},
		{"5月2日、15∶05", "2024-05-02T07:05:00Z"},
		{"5月2日中午12点", "2024-05-02T04:00:00Z"},
		{"5月2日中午1点", "2024-05-02T05:00:00Z"},
		{"5月2日上午9点", "2024-05-02T01:00:00Z"},
		{"北京时间明天2点", "2024-04-26T18:00:00Z"},
		{"２０２４－０５－０２　０２：００", "2024-05-01T18:00:00Z"},
		{"明天，晚上 10：00", "2024-04-27T14:00:00Z"},
	} {
		got, err := handlers.ParseWhen(tt.text, now, zone(t, "Asia/Shanghai"))
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if s := got.Format(time.RFC3339); s != tt.want {
			t.Errorf("%q = %s, want %s", tt.text, s, tt.want)
		}
	}
}

func TestParseWhenRefuses(t *testing.T) {
	for _, tt := range []struct {
		text string
		why  handlers.Why
		try  string // joined by |
	}{
		{"", handlers.WhyNoHour, ""},
		{"soon", handlers.WhyUnread, ""},
		{"<script>", handlers.WhyUnread, ""},
		{"3h", handlers.WhyUnread, "+3h"},
		{"90 min", handlers.WhyUnread, "+90min"},
		{"+3months", handlers.WhyUnread, ""},
		{"+3", handlers.WhyUnread, ""},
		{"+3h 02:00", handlers.WhyUnread, ""},
		{"十十小时后", handlers.WhyUnread, ""},
		{"小时后", handlers.WhyUnread, ""},
		{"5月2日 3点十十分", handlers.WhyNoSuch, ""},
		{"半天后 02:00", handlers.WhyUnread, ""},
		{"tomorrow +3h", handlers.WhyUnread, ""},
		{"tomorrow fri 02:00", handlers.WhyUnread, ""},
		{"02:00 03:00", handlers.WhyUnread, ""},
		{"2024-05-02", handlers.WhyNoHour, "2024-05-02 02:00"},
		{"friday", handlers.WhyNoHour, "friday 02:00"},
		{"明天", handlers.WhyNoHour, "明天 02:00"},
		{"今天晚上", handlers.WhyNoHour, "今天晚上 02:00"},
		{"2/3 02:00", handlers.WhyWhichDate, "2025-02-03 02:00|2025-03-02 02:00"},
		{"5/6 2pm", handlers.WhyWhichDate, "2024-05-06 14:00|2024-06-05 14:00"},
		{"13/5", handlers.WhyWhichDate, "2024-05-13 02:00"},
		{"05-06-2024 02:00:30", handlers.WhyWhichDate, "2024-05-06 02:00:30|2024-06-05 02:00:30"},
		{"5/5/24 02:00", handlers.WhyWhichDate, "2024-05-05 02:00"},
		{"next fri 02:00", handlers.WhyWhichDate, "2024-05-03 02:00|2024-05-10 02:00"},
		{"next sat 02:00", handlers.WhyWhichDate, "2024-04-27 02:00|2024-05-04 02:00"},
		{"2024-02-30 02:00", handlers.WhyNoSuch, ""},
		{"2023-02-29 02:00", handlers.WhyNoSuch, ""},
		{"2024-13-01 02:00", handlers.WhyNoSuch, ""},
		{"1999-01-01 02:00", handlers.WhyNoSuch, ""},
		{"2000-01-01 00:00", handlers.WhyNoSuch, ""}, // 1999 in UTC
		{"31 Apr 02:00", handlers.WhyNoSuch, ""},
		{"2024-05-02 24:00", handlers.WhyNoSuch, ""},
		{"2024-05-02 02:60", handlers.WhyNoSuch, ""},
		{"tomorrow 25点", handlers.WhyNoSuch, ""},
		{"+99999d", handlers.WhyNoSuch, ""},
		{"2024-05-02 14:00 pm", handlers.WhyHour, ""},
		{"0am", handlers.WhyHour, ""},
		{"晚上12点", handlers.WhyHour, ""},
		{"凌晨12点", handlers.WhyHour, ""},
		{"tonight 2am", handlers.WhyHour, ""},
		{"今晚凌晨2点", handlers.WhyHour, ""},
		{"下午9点", handlers.WhyHour, ""},
		{"2024-05-02 02:00 CST", handlers.WhyZone, ""},
		{"2024-05-02 02:00 Mars/Olympus", handlers.WhyZone, ""},
		{"2024-05-02 02:00 ../etc/passwd", handlers.WhyUnread, ""},
		{"2024-05-02 02:00 right/UTC", handlers.WhyZone, ""},
		{"2024-05-02 02:00 +25:00", handlers.WhyZone, ""},
		{strings.Repeat("1", 10_000), handlers.WhyUnread, ""},
	} {
		_, err := handlers.ParseWhen(tt.text, now, zone(t, "Asia/Shanghai"))
		var e *handlers.Unclear
		if !errors.As(err, &e) {
			t.Errorf("%.40q: %v, want an Unclear", tt.text, err)
			continue
		}
		if got := strings.Join(e.Try, "|"); e.Why != tt.why || got != tt.try {
			t.Errorf("%.40q: %s, try %q; want %s, %q", tt.text, e.Why, got, tt.why, tt.try)
		}
		for _, try := range e.Try {
			if strings.Contains(try, "晚上") {
				continue // the hour is the person's to choose
			}
			if _, err := handlers.ParseWhen(try, now, zone(t, "Asia/Shanghai")); err != nil {
				t.Errorf("%q suggests %q, which is not read: %v", tt.text, try, err)
			}
		}
	}
}

func TestParseWhenWithoutZone(t *testing.T) {
	for _, text := range []string{"+3h", "2天后", "2024-05-02 02:00Z", "tomorrow 02:00 Asia/Shanghai", "明天2点 UTC+8"} {
		if _, err := handlers.ParseWhen(text, now, nil); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"2024-05-02 02:00", "tomorrow 02:00", "fri", "2/3", "2天后 02:00"} {
		var e *handlers.Unclear
		if _, err := handlers.ParseWhen(text, now, nil); !errors.As(err, &e) || e.Why != handlers.WhyNoZone {
			t.Errorf("%q: %v, want no zone", text, err)
		}
	}
}

// Hours that a zone skips or has twice. Readings are UTC@offset in seconds.
func TestParseWhenClocksThatMove(t *testing.T) {
	reading := func(r handlers.Reading) string { return fmt.Sprintf("%s@%d", r.At.Format(time.RFC3339), r.Offset) }
	for _, tt := range []struct{ zone, text, now, want string }{
		{"America/New_York", "2024-03-10 02:30", "", "gap 2024-03-10T07:30:00Z@-18000 2024-03-10T06:30:00Z@-14400"},
		{"America/New_York", "2024-03-10 02:00", "", "gap 2024-03-10T07:00:00Z@-18000 2024-03-10T06:00:00Z@-14400"},
		{"America/New_York", "2024-03-10 01:59:59", "", "2024-03-10T06:59:59Z"},
		{"America/New_York", "2024-03-10 03:00", "", "2024-03-10T07:00:00Z"},
		{"America/New_York", "2024-11-03 01:30", "", "repeat 2024-11-03T05:30:00Z@-14400 2024-11-03T06:30:00Z@-18000"},
		{"America/New_York", "2024-11-03 01:00", "", "repeat 2024-11-03T05:00:00Z@-14400 2024-11-03T06:00:00Z@-18000"},
		{"America/New_York", "2024-11-03 02:00", "", "2024-11-03T07:00:00Z"},
		{"America/New_York", "2024-11-03 00:59:59", "", "2024-11-03T04:59:59Z"},
		{"America/New_York", "2024-11-03 01:30 -05:00", "", "2024-11-03T06:30:00Z"},
		{"Australia/Lord_Howe", "2024-10-06 02:15", "", "gap 2024-10-05T15:45:00Z@37800 2024-10-05T15:15:00Z@39600"},
		{"Australia/Lord_Howe", "2024-10-06 02:30", "", "2024-10-05T15:30:00Z"},
		{"Australia/Lord_Howe", "2024-04-07 01:45", "", "repeat 2024-04-06T14:45:00Z@39600 2024-04-06T15:15:00Z@37800"},
		{"Asia/Kathmandu", "2024-05-02 02:00", "", "2024-05-01T20:15:00Z"},
		{"Pacific/Apia", "2011-12-30 10:00", "", "gap 2011-12-30T20:00:00Z@-36000 2011-12-29T20:00:00Z@50400"},
		{"Pacific/Apia", "2011-12-31 00:00", "", "2011-12-30T10:00:00Z"},
		{"Pacific/Apia", "2011-12-29 23:59", "", "2011-12-30T09:59:00Z"},
		{"Asia/Shanghai", "2024-05-02 02:00", "", "2024-05-01T18:00:00Z"},
		{"Europe/Berlin", "tomorrow 02:30", "2024-03-30T12:00:00Z", "gap 2024-03-31T01:30:00Z@3600 2024-03-31T00:30:00Z@7200"},
		{"Europe/Berlin", "02:30", "2024-03-30T12:00:00Z", "gap 2024-03-31T01:30:00Z@3600 2024-03-31T00:30:00Z@7200"},
		{"Europe/Berlin", "sun 02:30", "2024-10-26T12:00:00Z", "repeat 2024-10-27T00:30:00Z@7200 2024-10-27T01:30:00Z@3600"},
		{"Europe/Berlin", "sun 02:30", "2024-10-27T01:00:00Z", "repeat 2024-10-27T00:30:00Z@7200 2024-10-27T01:30:00Z@3600"},
		{"Europe/Berlin", "sun 02:30", "2024-10-27T12:00:00Z", "2024-11-03T01:30:00Z"},
		{"Europe/Berlin", "+24h", "2024-03-30T12:00:00Z", "2024-03-31T12:00:00Z"},
	} {
		at := now
		if tt.now != "" {
			at, _ = time.Parse(time.RFC3339, tt.now)
		}
		when, err := handlers.ParseWhen(tt.text, at, zone(t, tt.zone))
		got := when.Format(time.RFC3339)
		switch e := err.(type) {
		case nil:
		case *handlers.Gap:
			got = "gap " + reading(e.Before) + " " + reading(e.After)
			readable(t, e.Before, e.After)
		case *handlers.Repeat:
			got = "repeat " + reading(e.First) + " " + reading(e.Second)
			readable(t, e.First, e.Second)
		default:
			t.Errorf("%s %q: %v", tt.zone, tt.text, err)
			continue
		}
		if got != tt.want {
			t.Errorf("%s %q = %s, want %s", tt.zone, tt.text, got, tt.want)
		}
	}
}

// readable checks that each reading can be typed as it is suggested.
func readable(t *testing.T, readings ...handlers.Reading) {
	t.Helper()
	for _, r := range readings {
		got, err := handlers.ParseWhen(r.Typed(), now, nil)
		if err != nil || !got.Equal(r.At) {
			t.Errorf("%q = %v, %v; want %v", r.Typed(), got, err, r.At)
		}
	}
}

// Every hour of a year, in zones that move their clocks: what is read shows that
// very hour on the zone's clocks, and what is not is a gap or a repeat.
func TestParseWhenAgreesWithTheZone(t *testing.T) {
	for _, name := range []string{"America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Europe/Dublin", "Africa/Casablanca"} {
		z := zone(t, name)
		odd := 0
		for wall := time.Date(2024, 1, 1, 0, 15, 0, 0, time.UTC); wall.Year() == 2024; wall = wall.Add(30 * time.Minute) {
			text := wall.Format("2006-01-02 15:04")
			at, err := handlers.ParseWhen(text, now, z)
			if err != nil {
				odd++
				continue
			}
			if got := at.In(z).Format("2006-01-02 15:04"); got != text {
				t.Fatalf("%s: %s is read as %s", name, text, got)
			}
		}
		want := map[string]int{"Asia/Shanghai": 0, "Australia/Lord_Howe": 2}
		if n, ok := want[name]; !ok && odd != 4 || ok && odd != n {
			t.Errorf("%s: %d half hours are skipped or repeated", name, odd)
		}
	}
}

func FuzzParseWhen(f *testing.F) {
	for _, s := range []string{
		"2024-05-02 02:00", "2024-05-02T02:00:30+08:00", "tomorrow 02:00 Europe/Berlin", "fri 2pm", "+1d2h", "2/3", "next fri 1:00",
		"明天凌晨2点", "下周五 下午三点半", "3小时后", "５月２日　２：００", "2024年5月2日 15时05分", "29 feb 02:00", "晚上12点", "2011-12-30 10:00",
	} {
		f.Add(s, int64(1714102200), uint8(0))
		f.Add(s, int64(1730000000), uint8(2))
	}
	zones := []*time.Location{time.UTC, zone(f, "Asia/Shanghai"), zone(f, "America/New_York"), zone(f, "Pacific/Apia"), nil}
	f.Fuzz(func(t *testing.T, text string, unix int64, z uint8) {
		if unix < 1_000_000_000 || unix > 4_000_000_000 {
			return
		}
		now := time.Unix(unix, 0).UTC()
		at, err := handlers.ParseWhen(text, now, zones[int(z)%len(zones)])
		if err != nil {
			return
		}
		if at.Location() != time.UTC || at.Nanosecond() != 0 {
			t.Fatalf("%q = %v: not UTC in whole seconds", text, at)
		}
		again, err := handlers.ParseWhen(at.Format(time.RFC3339), now, nil)
		if err != nil || !again.Equal(at) {
			t.Fatalf("%q = %v, which is read back as %v, %v", text, at, again, err)
		}
	})
}
