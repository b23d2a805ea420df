package notifier

import (
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
		"untrusted": is(migration.TroubleUntrusted, said("InvalidTimeStamp.Expired", refusals["untrusted"].Message), func(n *migration.Notice) {
			n.Regions = append(n.Regions, "cn-shanghai")
		}),
		"permission": is(migration.TroublePermitted, said("Forbidden.RAM", "User not authorized."), func(n *migration.Notice) {
			n.Action = "ecs:DescribeInstanceHistoryEvents"
		}),
		"late":    is(migration.TroubleLate),
		"own":     is(migration.TroubleOwn),
		"channel": {Trouble: migration.TroubleChannel, Channel: "C0123456789", Since: now, Code: "not_in_channel"},
		"healed":  is(migration.TroubleDown, healed),
		"over":    is(migration.TroubleDown, healed, func(n *migration.Notice) { n.Over = true }),
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
	return all
}

func TestANoticeKeepsSlacksLimitsWhateverItTells(t *testing.T) {
	hostile := strings.Repeat("<!channel>&数 ", 400)
	for name, p := range posts() {
		for _, lang := range Langs {
			n := *p.Notice
			n.Account, n.Channel, n.Code, n.Message, n.Action = hostile, hostile, hostile, hostile, hostile
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
