package notifier

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

// postsEndings are the possible ends of the posts' keys with a changing end, by
// literal prefix; see catalogue.go.
func postsEndings() map[string][]string {
	var troubles []string
	for _, n := range notices() {
		if t := string(n.Trouble); !slices.Contains(troubles, t) {
			troubles = append(troubles, t)
		}
	}
	return map[string][]string{"notice.open.": troubles, "notice.past.": troubles, "notice.over.": troubles, "notice.next.": troubles}
}

// notices are one of each trouble, and what becomes of one.
func notices() map[string]migration.Notice {
	region := migration.Notice{Account: "prod", Regions: []string{"cn-hangzhou"}, Since: now.Add(-5 * time.Minute)}
	is := func(t migration.Trouble, change ...func(*migration.Notice)) migration.Notice {
		n := region
		n.Trouble = t
		for _, f := range change {
			f(&n)
		}
		return n
	}
	said := func(code, message string) func(*migration.Notice) {
		return func(n *migration.Notice) { n.Code, n.Message = code, message }
	}
	healed := func(n *migration.Notice) { n.Healed = n.Since.Add(25 * time.Minute) }
	return map[string]migration.Notice{
		"down":      is(migration.TroubleDown, said("", "no answer from ecs.cn-hangzhou.aliyuncs.com in time")),
		"throttled": is(migration.TroubleThrottled, said("Throttling.User", "Request was denied due to user flow control.")),
		"malformed": is(migration.TroubleMalformed, said("", "the answer is no JSON object")),
		"unread":    is(migration.TroubleUnread, said("", "e-bp1a (unreadable NotBefore), an event (no usable EventId)")),
		"untrusted": is(migration.TroubleUntrusted, said("InvalidTimeStamp.Expired", refusals["untrusted"].Message), func(n *migration.Notice) {
			n.Regions = append(n.Regions, "cn-shanghai")
		}),
		"permission": is(migration.TroublePermitted, said("Forbidden.RAM", "User not authorized."), func(n *migration.Notice) {
			n.Action = "ecs:DescribeInstanceHistoryEvents"
		}),
		"late":    is(migration.TroubleLate),
		"own":     is(migration.TroubleOwn),
		"channel": {Trouble: migration.TroubleChannel, Channel: "C0123456789", Since: now, Code: "not_in_channel"},
		"store":   {Trouble: migration.TroubleStore, Path: "/var/lib/ecs-migrate/ecs-migrate.db", Since: now},
		"healed":  is(migration.TroubleDown, healed),
		"over":    is(migration.TroubleDown, healed, func(n *migration.Notice) { n.Over = true }),
	}
}

// crowd is so many migrations that were announced at once, the later half of
// them not posted yet.
func crowd(n int) []migration.Migration {
	var all []migration.Migration
	for i := range n {
		m := base()
		m.Event.EventID, m.Event.InstanceID = fmt.Sprintf("e-%03d", i), fmt.Sprintf("i-%03d", i)
		m.Instance.Name = fmt.Sprintf("web-%03d", i)
		m.Event.InitialNotBefore = planned.Add(time.Duration((i*7)%n) * time.Hour)
		m.Card = migration.Card{Channel: "C0123456789", Generation: 1, Overview: "overview/C0123456789/1"}
		if i < n/2 {
			m.Card.TS, m.Card.Thread = fmt.Sprintf("1714096800.%06d", i), "1714096800.000000"
		}
		all = append(all, m)
	}
	return all
}

// crowds are the overviews of the golden files.
func crowds() map[string][]migration.Migration {
	mixed := crowd(12)
	for i := range mixed {
		mixed[i].Card.TS, mixed[i].Card.Thread = "1714096800.000001", "1714096800.000000"
	}
	held(lin, migration.Confirmed)(&mixed[0])
	asked(refusals["permission"])(&mixed[1])
	status(migration.Executing)(&mixed[2])
	status(migration.Executed)(&mixed[3])
	status(migration.Inquiring)(&mixed[4])
	over := crowd(12)
	for i := range over {
		over[i].Card.TS = "1714096800.000001"
		status(migration.Executed)(&over[i])
	}
	return map[string][]migration.Migration{"waiting": crowd(60), "mixed": mixed, "over": over}
}

func overviewPost() migration.Post {
	return migration.Post{ID: "overview/C0123456789/1", Kind: migration.PostOverview, Channel: "C0123456789", Generation: 1, Begun: now}
}

func TestAnOverviewShowsTheMostUrgentFirstAndCountsTheRest(t *testing.T) {
	all := crowd(60)
	text := asJSON(t, Overview(overviewPost(), all, View{Lang: English, Now: now}))
	if !strings.Contains(text, "30 of 60 cards are posted, *30 wait.*") || !strings.Contains(text, "And 40 more: `/ecs-migrate list`") {
		t.Errorf("%s", text)
	}
	slices.SortFunc(all, compareUrgent)
	last := -1
	for i, m := range all {
		at := strings.Index(text, m.Instance.Name)
		if shown := at >= 0; shown != (i < 20) {
			t.Errorf("number %d by deadline, %s, is shown: %v", i, m.Instance.Name, shown)
		} else if shown && at < last {
			t.Errorf("%s stands above a more urgent one", m.Instance.Name)
		} else if shown {
			last = at
		}
	}
}

func TestAnOverviewKeepsSlacksLimits(t *testing.T) {
	hostile := strings.Repeat("&<!channel>数", 40)
	all := crowd(1000)
	for i := range all {
		all[i].Instance.Name = hostile
	}
	for _, lang := range Langs {
		msg := Overview(overviewPost(), all, View{Lang: lang, Now: now})
		for _, fault := range faults(t, msg) {
			t.Errorf("%s: %s", lang, fault)
		}
	}
}

func TestALineInAThreadOfManyCardsNamesItsInstance(t *testing.T) {
	m := base()
	news := migration.News{Kind: migration.NewsExecuting, When: now}
	alone := asJSON(t, Line(m, news, 1, View{Lang: English, Now: now}))
	m.Card.Thread = "1714096800.000001"
	among := asJSON(t, Line(m, news, 1, View{Lang: English, Now: now}))
	if strings.Contains(alone, "message_ts") || !strings.Contains(among, "|web-01>:* Started") || !strings.Contains(among, "thread_ts=1714096800.000001") {
		t.Errorf("alone %s\namong others %s", alone, among)
	}
}

// posts are the posts of the golden files.
func posts() map[string]migration.Post {
	all := map[string]migration.Post{}
	for name, n := range notices() {
		all["notice-"+name] = migration.Post{
			ID: "notice/" + name, Kind: migration.PostNotice, Channel: "C0000000000", Generation: 1, Begun: now, Notice: &n,
		}
	}
	gone := all["notice-store"]
	gone.Keys = []migration.Key{base().Key(), {EventID: "e-2"}}
	all["notice-store"] = gone
	return all
}

func TestANoticeKeepsSlacksLimitsWhateverItTells(t *testing.T) {
	hostile := strings.Repeat("<!channel>&数 ", 400)
	for name, p := range posts() {
		for _, lang := range Langs {
			n := *p.Notice
			n.Account, n.Channel, n.Path, n.Code, n.Message, n.Action = hostile, hostile, hostile, hostile, hostile, hostile
			n.Regions = slices.Repeat([]string{hostile}, 40)
			p.Notice = &n
			for _, fault := range faults(t, Notice(p, View{Lang: lang, Now: now})) {
				t.Errorf("%s, %s: %s", lang, name, fault)
			}
		}
	}
}

func TestHowLongTroubleLastedIsToldInWords(t *testing.T) {
	for lasted, want := range map[time.Duration]string{
		30 * time.Second: "less than a minute", time.Minute: "1 minute", 119 * time.Minute: "119 minutes",
		2 * time.Hour: "2 hours", 47 * time.Hour: "47 hours", 48 * time.Hour: "2 days",
	} {
		n := notices()["over"]
		n.Healed = n.Since.Add(lasted)
		msg := Notice(migration.Post{Notice: &n}, View{Lang: English, Now: now})
		if !strings.Contains(msg.Text, "after "+want) {
			t.Errorf("%v: %s", lasted, msg.Text)
		}
	}
}
