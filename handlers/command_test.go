package handlers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
)

func TestReserveKeepsThePlan(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	answer := w.command(mary, "/ecs-migrate reserve web-001")
	w.says(answer, "Reserved: Thu 2024-05-02 14:00 (America/New_York, UTC-04:00) = 2024-05-02 18:00 UTC", "web-001", "nothing more has to be done", "app_redirect")
	m := w.get(1)
	if m.State() != migration.StateConfirmed || m.Held.By != mary || m.Held.Via != migration.ViaCommand {
		t.Errorf("%s, %+v", m.State(), m.Held)
	}
	if jobs := w.jobs(); jobs[migration.JobCard] != 1 || jobs[migration.JobLine] != 1 || jobs[migration.JobModify] != 0 {
		t.Errorf("jobs %v", jobs)
	}
}

func TestReserveAsksForATime(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	answer := w.command(lin, "/ecs-migrate reserve i-001 5月1日 02:00")
	w.says(answer, "已提交预约：周三 2024-05-01 02:00（Asia/Shanghai，UTC+08:00）= 2024-04-30 18:00 UTC", "正在请求阿里云")
	m := w.get(1)
	if want := time.Date(2024, 4, 30, 18, 0, 0, 0, time.UTC); m.State() != migration.StateRequested || !m.Asked.At.Equal(want) || m.Asked.By != lin {
		t.Errorf("%s, %+v", m.State(), m.Asked)
	}
	if jobs := w.jobs(); jobs[migration.JobModify] != 1 || jobs[migration.JobLine] != 1 {
		t.Errorf("jobs %v", jobs)
	}
}

func TestRescheduleByEachKindOfTarget(t *testing.T) {
	w := newWorld(t)
	w.put(host(1, heldBy(lin)), host(2), host(3, named("web 03 & co")), host(4), host(5), host(6, named("web <06> & co")))
	for line, n := range map[string]int{
		"/ecs-migrate reschedule e-001 2024-05-01 02:00": 1,
		"/ecs-migrate reschedule WEB-002 +3h":            2, // nothing is reserved yet
		"/ecs-migrate reschedule “web 03 &amp; co” +3h":  3,
		"/ecs-migrate reschedule E-004 +3h":              4,
		"/ecs-migrate reschedule I-005 +3h":              5,
		"/ecs-migrate reschedule \"web <06> & co\" +3h":  6,
	} {
		w.says(w.command(mary, line), "Requested: ")
		if m := w.get(n); m.State() != migration.StateRequested || m.Asked.By != mary {
			t.Errorf("%s: %s", line, m.State())
		}
	}
}

func TestAcceptAuthorises(t *testing.T) {
	w := newWorld(t)
	w.put(host(1, inStatus(migration.Inquiring), due(time.Time{})), host(2, func(m *migration.Migration) { m.Event.InstanceID = "i-001" }))
	w.says(w.command(mary, "/ecs-migrate accept i-001"), "Authorised. Alibaba Cloud is being told")
	if m := w.get(1); m.State() != migration.StateAuthorising || m.Consent.By != mary {
		t.Errorf("%s", m.State())
	}
	if jobs := w.jobs(); jobs[migration.JobAccept] != 1 {
		t.Errorf("jobs %v", jobs)
	}
}

// Every refusal of a command: what it says, and that nothing changed.
func TestCommandsRefused(t *testing.T) {
	cannot := false
	past := now.Add(-time.Hour)
	for name, tt := range map[string]struct {
		m    migration.Migration
		line string
		says []string
	}{
		"in the past": {host(1), "reserve e-001 2024-04-25 02:00", []string{
			"That time has passed", "after Thu 2024-04-25 23:30 (America/New_York, UTC-04:00) = 2024-04-26 03:30 UTC",
			"not after Thu 2024-05-02 14:00 (America/New_York, UTC-04:00) = 2024-05-02 18:00 UTC",
			"To send again: `/ecs-migrate reserve e-001 WHEN`",
		}},
		"in the past without a deadline": {host(1, due(time.Time{})), "reserve e-001 2024-04-25 02:00", []string{"That time has passed", "`/ecs-migrate reserve e-001 WHEN`"}},
		"after the deadline": {host(1), "reschedule e-001 2024-05-02 14:00:01", []string{
			"after the latest reservable time", "not after Thu 2024-05-02 14:00 (America/New_York, UTC-04:00) = 2024-05-02 18:00 UTC",
			"To send again: `/ecs-migrate reschedule e-001 WHEN`",
		}},
		"closed":               {host(1, due(past)), "reserve e-001 +3h", []string{"cannot be moved any more", "2024-04-26 02:30 UTC"}},
		"executing":            {host(1, inStatus(migration.Executing)), "reserve e-001 +3h", []string{"It has started"}},
		"executing, kept":      {host(1, inStatus(migration.Executing)), "reserve e-001", []string{"It has started"}},
		"finished":             {host(1, inStatus(migration.Executed)), "reschedule e-001 +3h", []string{"It is over: Finished"}},
		"cancelled":            {host(1, inStatus(migration.Canceled)), "reserve e-001", []string{"It is over: Cancelled by Alibaba Cloud"}},
		"inquiring":            {host(1, inStatus(migration.Inquiring)), "reserve e-001 +3h", []string{"waits for authorisation", "`/ecs-migrate accept e-001`"}},
		"taken, kept":          {host(1, heldBy(lin)), "reserve e-001", []string{"<@" + lin + "> has reserved it already: Wed 2024-05-01 14:00", "= 2024-05-01 18:00 UTC", "decided <!date^", "`/ecs-migrate reschedule e-001 WHEN`"}},
		"taken, another time":  {host(1, heldBy(lin)), "reserve e-001 2024-04-30 02:00", []string{"<@" + lin + "> has reserved it already", "`/ecs-migrate reschedule e-001 2024-04-30 02:00-04:00`"}},
		"taken, a past time":   {host(1, heldBy(lin)), "reserve e-001 2024-04-25 02:00", []string{"`/ecs-migrate reschedule e-001 WHEN`"}},
		"taken, a late time":   {host(1, heldBy(lin)), "reserve e-001 2024-05-02 14:01", []string{"`/ecs-migrate reschedule e-001 WHEN`"}},
		"taken, that time":     {host(1, heldBy(lin)), "reserve e-001 2024-05-01 14:00:30", []string{"`/ecs-migrate reschedule e-001 WHEN`"}},
		"taken by oneself":     {host(1, heldBy(mary)), "reserve e-001 +3h", []string{"You have reserved it already", "`/ecs-migrate reschedule e-001 2024-04-26 02:30-04:00`"}},
		"taken in the console": {host(1, heldBy("")), "reserve e-001", []string{"It was set in the console in the meantime"}},
		"pending":              {host(1, askedBy(lin)), "reschedule e-001 +3h", []string{"<@" + lin + "> asked for Tue 2024-04-30 14:00", "yet to answer", "`/ecs-migrate reschedule e-001 2024-04-26 02:30-04:00`"}},
		"pending, a past time": {host(1, askedBy(lin)), "reschedule e-001 2024-04-25 02:00", []string{"yet to answer", "`/ecs-migrate reschedule e-001 WHEN`"}},
		"pending, a late time": {host(1, askedBy(lin)), "reserve e-001 2024-05-02 14:01", []string{"yet to answer", "`/ecs-migrate reschedule e-001 WHEN`"}},
		"pending, that time":   {host(1, askedBy(lin)), "reschedule e-001 2024-04-30 14:00", []string{"yet to answer", "`/ecs-migrate reschedule e-001 WHEN`"}},
		"pending, one's own":   {host(1, askedBy(mary)), "reserve e-001", []string{"You asked for"}},
		"the same time":        {host(1, heldBy(lin)), "reschedule e-001 2024-05-01 14:00", []string{"reserved for that very time already"}},
		"no planned time":      {host(1, due(time.Time{})), "reserve e-001", []string{"No planned time lies ahead", "`/ecs-migrate reserve e-001 WHEN`"}},
		"console only":         {host(1, planOnly), "reserve e-001 +3h", []string{"Only the console can move it", `"action_id":"declare"`, `"action_id":"open_console"`}},
		"nothing to authorise": {host(1), "accept e-001", []string{"does not wait for authorisation"}},
		"authorised when over": {host(1, inStatus(migration.Failed)), "accept e-001", []string{"It is over: Failed"}},
		"authorised before": {
			host(1, inStatus(migration.Inquiring), func(m *migration.Migration) {
				m.Consent = &migration.Consent{By: lin, Made: now.Add(-time.Minute), Certainty: migration.Requested}
			}), "accept e-001", []string{"<@" + lin + "> has authorised it already"},
		},
		"not by API": {
			host(1, inStatus(migration.Inquiring), func(m *migration.Migration) { m.Event.CanAccept = &cannot }),
			"accept e-001", []string{"takes no answer to this event by API", `"action_id":"open_console"`},
		},
		"a part of a name":  {host(1), "show web", []string{"Nothing is known", "`web-001`"}},
		"an unknown target": {host(1), "reserve web-oo1 +3h", []string{"Nothing is known by the id or name `web-oo1`", "`web-001`", "`/ecs-migrate list`"}},
		"a hostile target":  {host(1), "show &lt;!channel&gt;", []string{"`&lt;!channel&gt;`"}},
		"a name in two words": {host(1, named("batch nightly")), "reserve batch nightly tomorrow 02:00", []string{
			"`nightly tomorrow 02:00` is no time that can be read", "If the name has blanks, put it in quotes",
			"`/ecs-migrate reserve \"batch nightly\" tomorrow 02:00` → Fri 2024-04-26 02:00", "= 2024-04-26 06:00 UTC",
		}},
		"a name in many words": {host(1, named("batch nightly 02:00 reports")), "reschedule Batch nightly 02:00 reports +3h", []string{
			"`/ecs-migrate reschedule \"Batch nightly 02:00 reports\" +3h` → Fri 2024-04-26 02:30",
		}},
		"a name alone":                {host(1, named("batch nightly")), "reserve batch nightly", []string{"put it in quotes", "`/ecs-migrate reserve \"batch nightly\"`"}},
		"a name without a time":       {host(1, named("batch nightly")), "reschedule batch nightly", []string{"`/ecs-migrate reschedule \"batch nightly\" WHEN`"}},
		"a name that is a day":        {host(1, named("batch friday")), "reserve batch friday", []string{"`/ecs-migrate reserve \"batch friday\"`"}},
		"a name that is not known":    {host(1), "reserve batch nightly tomorrow 02:00", []string{"put it in quotes", "`/ecs-migrate reserve \"batch nightly\" tomorrow 02:00`"}},
		"words that are no time":      {host(1), "reserve batch nightly soon", []string{"put it in quotes", "Times are written like"}},
		"a name in angle brackets":    {host(1, named("batch <nightly>")), "reserve batch &lt;nightly&gt; +3h", []string{"`/ecs-migrate reserve \"batch &lt;nightly&gt;\" +3h`"}},
		"thousands of words, no time": {host(1), "reserve batch " + strings.Repeat("x ", 5_000), []string{"put it in quotes"}},
		"an unknown verb":             {host(1), "resrve e-001 +3h", []string{"no command `resrve`", "`/ecs-migrate reserve e-001 +3h`", "`/ecs-migrate help`"}},
		"no target":                   {host(1), "show", []string{"`/ecs-migrate show TARGET`"}},
		"no time":                     {host(1), "reschedule e-001", []string{"`/ecs-migrate reschedule TARGET WHEN`"}},
		"an unknown filter":           {host(1), "list theirs", []string{"`/ecs-migrate list [all|mine|unreserved|waiting]`"}},
		"no such time":                {host(1), "reserve e-001 2024-02-30 02:00", []string{"There is no such time"}},
		"an unclear time":             {host(1), "reserve e-001 soon", []string{"`soon` is no time that can be read", "`tomorrow 02:00`"}},
		"no hour":                     {host(1), "reserve e-001 friday", []string{"names no hour", "`/ecs-migrate reserve e-001 friday 02:00`"}},
		"an ambiguous date":           {host(1), "reserve e-001 5/1 02:00", []string{"`/ecs-migrate reserve e-001 2024-05-01 02:00`", "`/ecs-migrate reserve e-001 2025-01-05 02:00`", "2024-05-01 06:00 UTC"}},
		"a skipped hour":              {host(1), "reserve e-001 2025-03-09 02:30", []string{"There is no 2025-03-09 02:30 in America/New_York", "`/ecs-migrate reserve e-001 2025-03-09 02:30-05:00` → Sun 2025-03-09 03:30", "2025-03-09 07:30 UTC", "2025-03-09 06:30 UTC"}},
		"a repeated hour":             {host(1), "reserve e-001 2024-11-03 01:30", []string{"2024-11-03 01:30 comes twice in America/New_York", "2024-11-03 05:30 UTC", "2024-11-03 06:30 UTC"}},
		"a zone of many":              {host(1), "reserve e-001 2024-05-01 02:00 CST", []string{"several share its letters"}},
		"ten thousand letters":        {host(1), "reserve e-001 " + strings.Repeat("x", 10_000), []string{"no time that can be read"}},
		"ten thousand targets":        {host(1), "show " + strings.Repeat("web ", 2_500), []string{"Nothing is known"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(tt.m)
			before := asText(t, w.get(1))
			w.says(w.command(mary, "/ecs-migrate "+tt.line), tt.says...)
			if after := asText(t, w.get(1)); after != before {
				t.Errorf("it changed:\n%s\n%s", before, after)
			}
			if jobs := w.jobs(); jobs[migration.JobModify]+jobs[migration.JobAccept]+jobs[migration.JobLine] > 0 {
				t.Errorf("jobs %v", jobs)
			}
		})
	}
}

func asText(t *testing.T, m migration.Migration) string {
	t.Helper()
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestTwoPeopleAtOnce(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.says(w.command(lin, "/ecs-migrate reserve web-001"), "已预约")
	w.says(w.command(mary, "/ecs-migrate reserve web-001 2024-04-30 02:00"), "<@"+lin+"> has reserved it already", "/ecs-migrate reschedule e-001 2024-04-30 02:00-04:00")
	w.says(w.command(mary, "/ecs-migrate reschedule e-001 2024-04-30 02:00-04:00"), "Requested: Tue 2024-04-30 02:00")
	if m := w.get(1); m.Held.By != lin || m.Asked.By != mary {
		t.Errorf("held by %s, asked by %s", m.Held.By, m.Asked.By)
	}
}

func TestAnEnvelopeThatComesTwice(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	cmd := slackgo.SlashCommand{UserID: mary, ChannelID: webOps, Command: "/ecs-migrate", Text: "reserve web-001"}
	for range 2 {
		r := w.acts.Command(t.Context(), cmd, "envelope-1")
		if got := plainJSON(r.Ack); !strings.Contains(got, "Reserved: Thu 2024-05-02 14:00") {
			t.Errorf("answered %s", got)
		}
	}
	if m := w.get(1); m.Revision != 1 || m.Card.Lines != 1 {
		t.Errorf("revision %d, %d lines", m.Revision, m.Card.Lines)
	}
}

func TestWithoutAZoneNothingIsGuessed(t *testing.T) {
	w := newWorld(t)
	w.put(host(1), host(2))
	w.slack.AddFault(slackstub.Fault{Method: "users.info", Times: -1, Error: "internal_error"})
	w.says(w.command(mary, "/ecs-migrate reserve e-001 2024-04-30 02:00"), "time zone could not be read", "`UTC`")
	if m := w.get(1); m.Reserved() {
		t.Errorf("%s", m.State())
	}
	// With a zone it is clear, but nobody knows who it is that decides. Looking
	// goes on, in the configured zone.
	w.says(w.command(mary, "/ecs-migrate reserve e-001 2024-04-30 02:00 UTC"), "Your role cannot be checked now")
	if m := w.get(1); m.Reserved() {
		t.Errorf("%s", m.State())
	}
	w.says(w.command(mary, "/ecs-migrate show e-002"), "Fri 2024-05-03 02:00 (Asia/Shanghai, UTC+08:00) = 2024-05-02 18:00 UTC")
}

func TestASlowUsersInfoNeverHoldsTheAcknowledgement(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.slack.AddFault(slackstub.Fault{Method: "users.info", Hang: true})
	w.says(w.command(mary, "/ecs-migrate reserve e-001 2024-04-30 02:00 UTC"), "Your role cannot be checked now")
	if m := w.get(1); m.Reserved() {
		t.Errorf("%s", m.State())
	}
	for _, e := range w.slack.Envelopes() {
		if e.TimedOut || e.Acked.IsZero() {
			t.Errorf("not acknowledged in time: %+v", e)
		}
	}
}

func TestBotsAndThoseWhoLeftDecideNothing(t *testing.T) {
	w := newWorld(t)
	w.put(host(1), host(2, inStatus(migration.Inquiring)))
	for _, who := range []string{robot, gone, "U0000000099", ""} {
		for _, text := range []string{"reserve e-001", "reschedule e-001 +3h", "accept e-002"} {
			r := w.acts.Command(t.Context(), slackgo.SlashCommand{UserID: who, Text: text}, "")
			if got := plainJSON(r.Ack); !strings.Contains(got, "Only full members of this workspace") {
				t.Errorf("%q %s: %s", who, text, got)
			}
		}
	}
	if w.get(1).Reserved() || w.get(2).Consent != nil {
		t.Error("something was decided")
	}
}

func TestTheStoreFails(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.fault.fail(true, false)
	w.says(w.command(mary, "/ecs-migrate reserve e-001 2024-04-30 02:00"), "Nothing was saved", "/ecs-migrate reserve e-001 2024-04-30T06:00:00Z")
	w.fault.fail(false, true)
	for _, line := range []string{"list", "show e-001", "reserve e-001"} {
		w.says(w.command(mary, "/ecs-migrate "+line), "cannot read its store")
	}
	w.fault.fail(false, false)
	w.says(w.command(mary, "/ecs-migrate reserve e-001 2024-04-30T06:00:00Z"), "Requested: ")
}

func TestHelp(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{"/ecs-migrate", "/ecs-migrate help"} {
		w.says(w.command(mary, line), "What you can do", "reschedule TARGET WHEN", "America/New_York")
		w.says(w.command(lin, line), "可以做什么", "明天 02:00", "Asia/Shanghai")
	}
}

func TestShow(t *testing.T) {
	w := newWorld(t)
	w.put(host(1))
	w.command(lin, "/ecs-migrate reserve e-001 2024-05-01 02:00")
	w.says(w.command(mary, "/ecs-migrate show web-001"), "Requested, not confirmed yet", "History", "<@"+lin+"> asked for",
		"Latest reservable: Thu 2024-05-02 14:00 (America/New_York, UTC-04:00) = 2024-05-02 18:00 UTC")
}

// A long answer does not fit into an acknowledgement and comes right after it.
func TestALongAnswerComesAfterTheAcknowledgement(t *testing.T) {
	w := newWorld(t)
	for n := range 10 {
		w.put(host(n, named(strings.Repeat("&", 120)), func(m *migration.Migration) { m.Event.InstanceID = strings.Repeat("&", 64) }))
	}
	r, err := w.slack.Command(lin, webOps, "/ecs-migrate list")
	if err != nil || r.Error != "" || r.Message != nil {
		t.Fatal(err, r.Error, r.Message)
	}
	w.told(lin, "未完成的迁移", strings.Repeat("&amp;", 60))
}

func TestSeveralMatchesAreOfferedAsAChoice(t *testing.T) {
	w := newWorld(t)
	for n := 1; n <= 12; n++ {
		w.put(host(n, named("web")))
	}
	w.put(host(13, named("web"), inStatus(migration.Executed)))
	choice := w.command(mary, "/ecs-migrate reserve WEB +3h")
	w.says(choice, "Reserve Fri 2024-04-26 02:30 (America/New_York, UTC-04:00) = 2024-04-26 06:30 UTC. Several migrations match `WEB`: which one?",
		"2 more match", "pick:9")
	w.clock.move(time.Hour) // the wish is for the hour that was meant when it was typed
	w.click(mary, choice, "pick:1")
	w.told(mary, "Requested: Fri 2024-04-26 02:30 (America/New_York, UTC-04:00) = 2024-04-26 06:30 UTC")
	if m := w.get(2); m.Asked == nil || m.Asked.By != mary || m.Asked.Via != migration.ViaButton {
		t.Errorf("%+v", m.Asked)
	}
	if n := len(w.slack.Ephemerals(mary)); n != 1 {
		t.Errorf("%d answers, want the choice replaced", n)
	}
	// Once is enough.
	w.says(w.command(mary, "/ecs-migrate show web"), "Show everything about one of them. Several", "3 more match")
	for line, says := range map[string]string{
		"reserve web":                     "Keep the planned time. Several",
		"reschedule web 2024-05-02 02:00": "Reschedule to Thu 2024-05-02 02:00 (America/New_York, UTC-04:00) = 2024-05-02 06:00 UTC. Several",
		"accept web":                      "Authorise the event. Several",
	} {
		w.says(w.command(mary, "/ecs-migrate "+line), says)
	}
}

// A name in another case is found, and a name like it is not offered before it.
func TestNamesInAnyCase(t *testing.T) {
	w := newWorld(t)
	for n := range 10 {
		w.put(host(n, named(fmt.Sprintf("b-%02d", n)), func(m *migration.Migration) {
			m.Event.InstanceID, m.Event.EventID = "i-"+m.Instance.Name, "ev-"+m.Instance.Name
		}))
	}
	for _, target := range []string{"B-08", "b-08", "I-B-08", "EV-b-08"} {
		w.says(w.command(mary, "/ecs-migrate show "+target), "Host migration: b-08 ", "ev-b-08")
	}
	w.says(w.command(mary, "/ecs-migrate show B-8"), "Known are: `b-08`")
}

func TestAnIDWithCapitalsIsTheNearest(t *testing.T) {
	w := newWorld(t)
	for n := range 10 {
		w.put(host(n, func(m *migration.Migration) { m.Event.InstanceID = fmt.Sprintf("I-%02d", n) }))
	}
	w.says(w.command(mary, "/ecs-migrate show i-08"), "Known are: `I-08`")
	w.says(w.command(mary, "/ecs-migrate show I-08"), "web-008")
}

func TestWhatIsOverIsNoChoiceToDecide(t *testing.T) {
	w := newWorld(t)
	w.put(host(1, named("web"), inStatus(migration.Executed)), host(2, named("web")), host(3, named("web"), inStatus(migration.Avoided)))
	w.says(w.command(mary, "/ecs-migrate reserve web"), "Reserved: ", "e-002")
	w.put(host(2, named("web"), inStatus(migration.Failed)))
	w.says(w.command(mary, "/ecs-migrate reserve web"), "It is over: ")
}

func TestAnEventOfTwoAccounts(t *testing.T) {
	w := newWorld(t)
	w.put(host(1), host(1, func(m *migration.Migration) { m.Event.Account = "test" }))
	choice := w.command(mary, "/ecs-migrate reserve e-001")
	w.click(mary, choice, "pick:1")
	w.told(mary, "Reserved: ")
	if w.get(1).Held != nil {
		t.Error("the other account's was reserved")
	}
}

func TestList(t *testing.T) {
	w := newWorld(t)
	w.says(w.command(mary, "/ecs-migrate list"), "No migrations are open")
	w.says(w.afterwards(lin, "/ecs-migrate list mine"), "没有与您有关的未完成的迁移")
	w.says(w.afterwards(mary, "/ecs-migrate list unreserved"), "Every open migration has a time reserved")
	for n := 1; n <= 23; n++ {
		w.put(host(n, due(deadline.Add(-time.Duration(n)*time.Hour))))
	}
	w.put(host(24, inStatus(migration.Executed)))
	page := w.command(mary, "/ecs-migrate list")
	w.says(page, "web-023", "web-014", "Times in America/New_York and UTC", "Wed 2024-05-01 15:00 = 2024-05-01 19:00 UTC", "5 days left")
	if text := read(page); strings.Contains(text, "web-013") || strings.Index(text, "web-023") > strings.Index(text, "web-022") {
		t.Errorf("not the first ten by deadline: %s", text)
	}
	w.click(mary, page, "page:next")
	page = w.told(mary, "web-013", "web-004", "Page 2")
	w.click(mary, page, "page:next")
	page = w.told(mary, "web-003", "web-001", "Page 3")
	if strings.Contains(read(page), "page:next") {
		t.Error("the last page offers a next one")
	}
	w.click(mary, page, "page:previous")
	w.told(mary, "web-013", "Page 2")
	if n := len(w.slack.Ephemerals(mary)); n != 3 {
		t.Errorf("%d answers, want the list replaced", n)
	}
	w.says(w.command(mary, "/ecs-migrate list all 9"), "The list ends before this page", "page:previous")
}

func TestListFilters(t *testing.T) {
	w := newWorld(t)
	tag := func(owner string) func(*migration.Migration) {
		return func(m *migration.Migration) { m.Instance.Tags = map[string]string{"owner": owner} }
	}
	w.put(
		host(1, heldBy(mary)), host(2, askedBy(mary)), host(3, refusedTo(mary)), host(4, tag("@Mary")), host(5, tag(mary)), host(6, tag(" mary")),
		host(7, inStatus(migration.Inquiring), func(m *migration.Migration) { m.Consent = &migration.Consent{By: mary, Certainty: migration.Refused} }),
		host(8, heldBy(lin)), host(9, tag("marybeth")), host(10), host(11, inStatus(migration.Executing)),
	)
	for filter, want := range map[string][]int{"mine": {1, 2, 3, 4, 5, 6, 7}, "unreserved": {3, 4, 5, 6, 7, 9, 10}} {
		text := read(w.afterwards(mary, "/ecs-migrate list "+filter))
		for n := 1; n <= 11; n++ {
			wanted := false
			for _, i := range want {
				wanted = wanted || i == n
			}
			if got := strings.Contains(text, fmt.Sprintf("web-%03d", n)); got != wanted {
				t.Errorf("%s: web-%03d is shown: %v", filter, n, got)
			}
		}
	}
}
