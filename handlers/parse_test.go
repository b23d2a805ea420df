package handlers_test

import (
	"errors"
	"strings"
	"testing"

	"ecs-migrate/handlers"
)

func TestParseCommand(t *testing.T) {
	for _, tt := range []struct {
		text string
		want handlers.Request
	}{
		{"", handlers.Request{Verb: handlers.Help}},
		{"  \u3000 ", handlers.Request{Verb: handlers.Help}},
		{"help me please", handlers.Request{Verb: handlers.Help}},
		{"HELP", handlers.Request{Verb: handlers.Help}},
		{"list", handlers.Request{Verb: handlers.List, Filter: handlers.All, Page: 1}},
		{"List MINE", handlers.Request{Verb: handlers.List, Filter: handlers.Mine, Page: 1}},
		{"list unreserved 3", handlers.Request{Verb: handlers.List, Filter: handlers.Unreserved, Page: 3}},
		{"show i-1", handlers.Request{Verb: handlers.Show, Target: "i-1"}},
		{"show web 01", handlers.Request{Verb: handlers.Show, Target: "web 01"}},
		{`show "web 01"`, handlers.Request{Verb: handlers.Show, Target: "web 01"}},
		{"accept\u00a0e-1\n", handlers.Request{Verb: handlers.Accept, Target: "e-1"}},
		{"checklist web 01", handlers.Request{Verb: handlers.Checklist, Target: "web 01"}},
		{"ack e-1", handlers.Request{Verb: handlers.Ack, Target: "e-1"}},
		{"ack “web 01” ticket  42, Lin's on it", handlers.Request{Verb: handlers.Ack, Target: "web 01", Reason: "ticket 42, Lin's on it"}},
		{`ack e-1 "ticket 42"`, handlers.Request{Verb: handlers.Ack, Target: "e-1", Reason: "ticket 42"}},
		{"reserve i-1", handlers.Request{Verb: handlers.Reserve, Target: "i-1"}},
		{"reserve i-1 2024-05-02 02:00", handlers.Request{Verb: handlers.Reserve, Target: "i-1", When: "2024-05-02 02:00"}},
		{"reserve “web 01” tomorrow  02:00", handlers.Request{Verb: handlers.Reserve, Target: "web 01", When: "tomorrow 02:00"}},
		{"reserve ”web 01” 明天 02:00", handlers.Request{Verb: handlers.Reserve, Target: "web 01", When: "明天 02:00"}},
		{"reserve 「网站 01」 明天 02:00", handlers.Request{Verb: handlers.Reserve, Target: "网站 01", When: "明天 02:00"}},
		{"reserve 『a”b』 +3h", handlers.Request{Verb: handlers.Reserve, Target: "a”b", When: "+3h"}},
		{`reserve "web 01`, handlers.Request{Verb: handlers.Reserve, Target: "web 01"}},
		{`reserve bob's-box +3h`, handlers.Request{Verb: handlers.Reserve, Target: "bob's-box", When: "+3h"}},
		{`reschedule i-1 "2024-05-02 02:00"`, handlers.Request{Verb: handlers.Reschedule, Target: "i-1", When: "2024-05-02 02:00"}},
		{"assign web-01 me", handlers.Request{Verb: handlers.Assign, Target: "web-01", Who: handlers.Me}},
		{"assign web 01 ME", handlers.Request{Verb: handlers.Assign, Target: "web 01", Who: handlers.Me}},
		{"assign 网站 我", handlers.Request{Verb: handlers.Assign, Target: "网站", Who: handlers.Me}},
		{"Assign web-01 None", handlers.Request{Verb: handlers.Assign, Target: "web-01", Who: handlers.Nobody}},
		{"assign web-01 <@U0000000001|lin yue>", handlers.Request{Verb: handlers.Assign, Target: "web-01", Who: "U0000000001"}},
		{"assign web-01 <@W0000000001>", handlers.Request{Verb: handlers.Assign, Target: "web-01", Who: "W0000000001"}},
		{"assign web-01 @U0000000001", handlers.Request{Verb: handlers.Assign, Target: "web-01", Who: "U0000000001"}},
		{"assign web-01 @lin", handlers.Request{Verb: handlers.Assign, Target: "web-01", Who: "@lin"}},
		{"assign “web 01” @lin", handlers.Request{Verb: handlers.Assign, Target: "web 01", Who: "@lin"}},
		{"snooze web-01 4h", handlers.Request{Verb: handlers.Snooze, Target: "web-01", When: "4h"}},
		{"snooze web 01 tomorrow", handlers.Request{Verb: handlers.Snooze, Target: "web 01", When: "tomorrow"}},
		{"show a&amp;b&lt;c&gt;", handlers.Request{Verb: handlers.Show, Target: "a&b<c>"}},
		{"show &amp;lt;", handlers.Request{Verb: handlers.Show, Target: "&lt;"}},
		{"show <http://web.example.com|web.example.com>", handlers.Request{Verb: handlers.Show, Target: "web.example.com"}},
		{"show <http://web.example.com>", handlers.Request{Verb: handlers.Show, Target: "http://web.example.com"}},
		{"show <mailto:a@b.c|a@b.c>", handlers.Request{Verb: handlers.Show, Target: "a@b.c"}},
		{"show <@U0000000001|lin>", handlers.Request{Verb: handlers.Show, Target: "@lin"}},
		{"show <@U0000000001>", handlers.Request{Verb: handlers.Show, Target: "@U0000000001"}},
		{"show <#C1|web-ops>", handlers.Request{Verb: handlers.Show, Target: "#web-ops"}},
		{"show a<b", handlers.Request{Verb: handlers.Show, Target: "a<b"}},
		{"show batch <nightly> & reports", handlers.Request{Verb: handlers.Show, Target: "batch <nightly> & reports"}},
		{`show "batch <nightly> & reports"`, handlers.Request{Verb: handlers.Show, Target: "batch <nightly> & reports"}},
		{"show batch &lt;nightly&gt; &amp; reports", handlers.Request{Verb: handlers.Show, Target: "batch <nightly> & reports"}},
		{"show “batch &lt;nightly&gt; &amp; reports”", handlers.Request{Verb: handlers.Show, Target: "batch <nightly> & reports"}},
		{"reserve “a <b|c> d” +3h", handlers.Request{Verb: handlers.Reserve, Target: "a <b|c> d", When: "+3h"}},
		{"show <a <@U1|lin> <#c> <httpd> <!x> <>", handlers.Request{Verb: handlers.Show, Target: "<a @lin <#c> <httpd> <!x> <>"}},
		{"show &lt;@U1|lin&gt;", handlers.Request{Verb: handlers.Show, Target: "<@U1|lin>"}},
		{"show <tel:555-0100|555-0100>", handlers.Request{Verb: handlers.Show, Target: "555-0100"}},
		{"show <tel:555-0100>", handlers.Request{Verb: handlers.Show, Target: "555-0100"}},
		{"show <https://a.b/c?d=1&amp;e=2|>", handlers.Request{Verb: handlers.Show, Target: "https://a.b/c?d=1&e=2"}},
		{"show <!here> <!channel|channel> <!subteam^S1|@ops>", handlers.Request{Verb: handlers.Show, Target: "@here @channel @ops"}},
	} {
		got, err := handlers.ParseCommand(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("%q = %+v, %v; want %+v", tt.text, got, err, tt.want)
		}
	}
}

func TestParseCommandRefuses(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for _, tt := range []struct{ text, near string }{
		{"lsit", "list"},
		{"hlep", "help"},
		{"resrve i-1 2024-05-02 02:00", "reserve i-1 2024-05-02 02:00"},
		{`reshedule "web 01" +3h`, `reschedule "web 01" +3h`},
		{"acept e-1", "accept e-1"},
		{"Shwo e-1", "show e-1"},
		{"i-bp1azkttqpldxgte1234", ""},
		{"go", ""},
		{"帮助", ""},
		{long, ""},
		{long + " " + long, ""},
	} {
		_, err := handlers.ParseCommand(tt.text)
		var e *handlers.UnknownVerb
		if !errors.As(err, &e) || e.Near != tt.near {
			t.Errorf("%.60q: %v, near %.60q; want %q", tt.text, err, e.Near, tt.near)
		}
	}
	for _, tt := range []struct {
		text string
		verb handlers.Verb
	}{
		{"list yours", handlers.List}, {"list all 0", handlers.List}, {"list all x", handlers.List}, {"list all 1 2", handlers.List},
		{"show", handlers.Show}, {"accept", handlers.Accept}, {"reserve", handlers.Reserve}, {`reserve ""`, handlers.Reserve},
		{"reschedule", handlers.Reschedule}, {"reschedule i-1", handlers.Reschedule},
		{"assign", handlers.Assign}, {"assign web-01", handlers.Assign}, {"snooze", handlers.Snooze}, {"snooze web-01", handlers.Snooze},
	} {
		_, err := handlers.ParseCommand(tt.text)
		var e *handlers.Incomplete
		if !errors.As(err, &e) || e.Verb != tt.verb {
			t.Errorf("%q: %v, want an Incomplete %s", tt.text, err, tt.verb)
		}
	}
}

// What a button carries is read as what it was written from.
func FuzzParseCommand(f *testing.F) {
	for _, s := range []string{
		"reserve i-1 2024-05-02 02:00", `show "web 01"`, "list mine 2", "reserve “a” +3h", "<http://a|b> &amp;lt; <@U1", "reschedule 「a b」 x", `show a"b`,
		"assign web 01 <@U0000000001|lin>", "assign web-01 me", "assign a nobody", "assign a @lin", "snooze web 01 4h", "snooze a tomorrow",
		"ack e-1 ticket 42", `ack "web 01" "a b"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := handlers.ParseCommand(text)
		if err != nil {
			return
		}
		if strings.ContainsAny(r.Who+r.When+r.Reason, "<&\"“”„«»「」『』\u200b\ufeff") || strings.ContainsAny(r.Target, "<&") || strings.ContainsAny(r.Target, "」』") && strings.ContainsAny(r.Target, "\"“”«»") {
			return // written again only for ids, which have none of these
		}
		again, err := handlers.ParseCommand(r.String())
		if err != nil || again != r {
			t.Fatalf("%q is %+v, written %q, read as %+v, %v", text, r, r.String(), again, err)
		}
	})
}
