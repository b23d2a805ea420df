package notifier

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// ourToken is everything of our own making that may stand between < and >.
var ourToken = regexp.MustCompile(`^<(?:!date\^-?\d+\^\{date_short_pretty\} \{time\}\|[^<>|&]+|@[UW][A-Z0-9]{1,30}|!subteam\^S[A-Z0-9]{1,30}|#[CG][A-Z0-9]{1,30}|https://(?:ecs\.console\.aliyun\.com|slack\.com/app_redirect|selfservice\.console\.aliyun\.com|www\.alibabacloud\.com/help|help\.aliyun\.com|wiki\.example\.com)[^<>| ]*\|[^<>|]*)>`)

// faults lists where a message breaks Slack's limits or lets text from outside
// through unescaped.
func faults(t testing.TB, msg Message) []string {
	t.Helper()
	var found []string
	fault := func(what, text string) { found = append(found, what+": "+cut(text, 300)) }
	texts := 0
	check := func(what, text string, limit int) {
		n := utf8.RuneCountInString(text)
		texts += n
		switch {
		case n == 0:
			fault(what+" is empty", text)
		case n > limit:
			fault(what+" is too long", text)
		case !utf8.ValidString(text):
			fault(what+" is no UTF-8", text)
		}
		if s := unescaped(text); s != "" {
			fault(what+" holds unescaped text", s)
		}
	}
	checkButton := func(b *slack.ButtonBlockElement) {
		check("button", b.Text.Text, 75)
		if len(b.ActionID) > 255 || utf8.RuneCountInString(b.Value) > 2000 || utf8.RuneCountInString(b.URL) > 3000 {
			fault("button's ids", b.ActionID+b.Value+b.URL)
		}
		if c := b.Confirm; c != nil {
			check("confirm title", c.Title.Text, 100)
			check("confirm text", c.Text.Text, 300)
			check("confirm yes", c.Confirm.Text, 30)
			check("confirm no", c.Deny.Text, 30)
		}
	}
	checkMenu := func(m *slack.SelectBlockElement) {
		check("placeholder", m.Placeholder.Text, 150)
		if n := len(m.Options); n == 0 || n > 100 {
			fault("options", m.ActionID)
		}
		for _, o := range m.Options {
			check("option", o.Text.Text, 75)
			check("option's value", o.Value, 150)
		}
	}
	check("text", msg.Text, 3000)
	if len(msg.Blocks) == 0 || len(msg.Blocks) > 50 {
		fault("blocks", "")
	}
	for _, b := range msg.Blocks {
		switch b := b.(type) {
		case *slack.HeaderBlock:
			check("header", b.Text.Text, 150)
		case *slack.SectionBlock:
			if b.Text != nil {
				check("section", b.Text.Text, 3000)
			}
			if len(b.Fields) > 10 {
				fault("fields", "")
			}
			for _, f := range b.Fields {
				check("field", f.Text, 2000)
			}
		case *slack.ContextBlock:
			if len(b.ContextElements.Elements) > 10 {
				fault("context", "")
			}
			for _, e := range b.ContextElements.Elements {
				check("context", e.(*slack.TextBlockObject).Text, 2000)
			}
		case *slack.ActionBlock:
			if n := len(b.Elements.ElementSet); n == 0 || n > 25 {
				fault("actions", "")
			}
			if utf8.RuneCountInString(b.BlockID) > 255 {
				fault("block_id", b.BlockID)
			}
			for _, e := range b.Elements.ElementSet {
				switch e := e.(type) {
				case *slack.ButtonBlockElement:
					checkButton(e)
				case *slack.SelectBlockElement:
					checkMenu(e)
				default:
					t.Fatalf("an element that this test does not know: %T", e)
				}
			}
		default:
			t.Fatalf("a block that this test does not know: %T", b)
		}
	}
	if texts > 12_000 {
		fault("all texts together", "")
	}
	return found
}

// unescaped is the rest of a text from its first unescaped character on.
func unescaped(s string) string {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '&':
			rest := s[i:]
			if !strings.HasPrefix(rest, "&amp;") && !strings.HasPrefix(rest, "&lt;") && !strings.HasPrefix(rest, "&gt;") {
				return rest
			}
		case '<':
			m := ourToken.FindString(s[i:])
			if m == "" {
				return s[i:]
			}
			i += len(m) - 1
		case '>':
			return s[i:]
		}
	}
	return ""
}

func TestEveryMessageKeepsTheLimits(t *testing.T) {
	for _, lang := range Langs {
		for name, msg := range rendered(t, lang) {
			for _, f := range faults(t, msg) {
				t.Errorf("%s/%s: %s", lang, name, f)
			}
		}
	}
}

// huge is a migration whose every text is as long as it can be, and longer.
func huge(fill string) migration.Migration {
	long := strings.Repeat(fill, 10_000_000/len(fill))
	name := string([]rune(strings.Repeat(fill, 128))[:128])
	m := with(held(lin, migration.Confirmed), asked(&migration.Refusal{Kind: migration.RefusedByCloud, Code: long, Message: long, Action: long}))
	m.Event.Account, m.Event.Type, m.Event.Reason, m.Event.ReasonCode = name, name, long, long
	m.Instance.Name, m.Instance.Zone, m.Instance.VPC = name, name, name
	m.Instance.Tags = map[string]string{"owner": long}
	for range 30 {
		m.Instance.Tags[fmt.Sprint("tag", len(m.Instance.Tags))] = long
		m.Instance.PublicIPs = append(m.Instance.PublicIPs, name)
		m.Instance.PrivateIPs = append(m.Instance.PrivateIPs, name)
	}
	return m
}

func TestHugeTextsAreCut(t *testing.T) {
	for _, fill := range []string{"迁", "&", "<", "a", "👩‍💻", "\n"} {
		m := huge(fill)
		classic := m
		classic.Event.Type = "SystemUpgrade.Migrate"
		for _, m := range []migration.Migration{m, classic} {
			for _, lang := range Langs {
				v := View{Lang: lang, Zone: shanghai(t), Now: now}
				for _, f := range faults(t, Card(m, v)) {
					t.Errorf("%q: card: %s", fill, f)
				}
				news := migration.News{Kind: migration.NewsRefused, By: lin, At: chosen, Refusal: m.Asked.Refusal}
				for _, f := range faults(t, Line(m, news, 1, v)) {
					t.Errorf("%q: line: %s", fill, f)
				}
				for name, r := range reminders() {
					r.r.Open = append(r.r.Open, migration.Item{ID: "a", Title: migration.Text{"": fill + fill}})
					for _, f := range append(faults(t, Remind(m, r.r, v)), faults(t, Escalation(m, r.r, fill, v))...) {
						t.Errorf("%q: reminder %s: %s", fill, name, f)
					}
				}
			}
		}
	}
}

func TestADigestOfHugeTextsKeepsTheLimits(t *testing.T) {
	for _, fill := range []string{"迁", "&", "👩‍💻"} {
		m := huge(fill)
		m.Asked = nil
		var all []migration.Migration
		p := migration.Post{ID: "digest/C0123456789/2024-04-26", Kind: migration.PostDigest, Begun: now, Counts: map[string]int{}}
		for range 5 {
			for _, s := range []migration.Status{migration.Executing, migration.Inquiring, migration.Scheduled, migration.Executed} {
				m.Event.Status = s
				all = append(all, m)
			}
			m.Event.Status, m.Event.NotBefore = migration.Scheduled, now.Add(time.Hour)
			all = append(all, m)
			m.Event.NotBefore = planned
		}
		for _, g := range migration.Groups {
			p.Counts[string(g)] = 100_000
		}
		for range 50 {
			p.Unseen = append(p.Unseen, migration.Unseen{Account: m.Event.Account, Region: m.Event.Account, Since: now})
		}
		for _, lang := range Langs {
			for _, f := range faults(t, Digest(p, all, View{Lang: lang, Zone: shanghai(t), Now: now, Checklists: migration.DefaultChecklists()})) {
				t.Errorf("%q: %s", fill, f)
			}
		}
	}
}

func FuzzMessages(f *testing.F) {
	f.Add("web-01", "prod", "Physical host", "SystemUpgrade.Migrate", "Scheduled", "U1", "cloud", int64(1714672800), int64(0), uint16(3))
	f.Add("<!channel>", "&lt;", "\u202e`", "SystemMaintenance.Redeploy", "Inquiring", "<!here>", "permission", int64(-1), int64(1), uint16(0xffff))
	f.Add("一二三\n", "a|b", "<https://a|b>", "", "Executed", "", "", int64(0), int64(0), uint16(0))
	f.Fuzz(func(t *testing.T, name, account, reason, eventType, cycle, by, refusal string, notBefore, made int64, bits uint16) {
		bit := func(n int) bool { return bits>>n&1 == 1 }
		at := func(sec int64) time.Time {
			if sec == 0 {
				return time.Time{}
			}
			return time.Unix(sec%(1<<40), 0).UTC()
		}
		m := base()
		m.Event.Account, m.Event.EventID, m.Event.Type, m.Event.Status = account, name, eventType, migration.Status(cycle)
		m.Event.Reason, m.Event.ReasonCode, m.Event.InstanceID = reason, reason, name
		m.Event.NotBefore, m.Event.InitialNotBefore, m.FirstNotBefore = at(notBefore), time.Time{}, at(made)
		m.Instance.Name, m.Instance.VPC, m.Instance.PublicIPs = name, reason, []string{account, reason}
		m.Instance.Tags = map[string]string{"Owner": reason}
		m.Card.TS, m.Card.Channel = reason, name
		why := &migration.Refusal{Kind: migration.RefusalKind(refusal), Code: reason, Message: name, Action: account}
		kinds := []migration.Certainty{migration.Requested, migration.Confirmed, migration.Declared, migration.Refused}
		if bit(0) {
			m.Held = &migration.Reservation{At: at(notBefore), By: by, Made: at(made), Certainty: kinds[1+bits>>1&1]}
		}
		if bit(2) {
			m.Asked = &migration.Reservation{At: at(made), By: by, Made: at(made), Certainty: kinds[3*(bits>>3&1)]}
		}
		if bit(4) && m.Asked != nil {
			m.Asked.Refusal = why
		}
		if bit(5) {
			m.Event.MigrationOptions = []string{migration.PlanOnly}
		}
		if bit(6) {
			m.Instance = migration.Instance{Name: name}
		}
		if bit(7) {
			m.Consent = &migration.Consent{By: by, Made: at(made), Certainty: kinds[3*(bits>>8&1)], Refusal: why}
		}
		if bit(9) {
			m.Instance.NetworkType = reason
		}
		if bit(10) {
			m.Instance = m.Instance.WithDisks([]migration.Disk{{ID: name, Device: account, Category: reason, SizeGiB: int(bits)}}, now)
		}
		if bit(11) {
			was, is := m.Instance, m.Instance
			is.Zone, is.MACs, is.Disks = name, []string{reason}, []migration.Disk{{ID: name, Device: reason}}
			m.Before, m.After = &was, &is
		}
		if bit(12) {
			m.Unread = &migration.Unread{Reading: migration.ReadAfter, At: at(made), Why: *why}
		}
		for _, lang := range Langs {
			v := View{Lang: lang, Zone: time.UTC, Now: now}
			for _, f := range faults(t, Card(m, v)) {
				t.Errorf("card: %s", f)
			}
			for _, f := range faults(t, Facts(m, v)) {
				t.Errorf("facts: %s", f)
			}
			for _, kind := range []string{cycle, refusal, string(migration.NewsFactsAfter), string(migration.NewsRefused), string(migration.NewsMoved), string(migration.NewsConsentFailed)} {
				news := migration.News{Kind: migration.NewsKind(kind), By: by, At: at(notBefore), From: at(made), Refusal: why}
				for _, f := range faults(t, Line(m, news, 1, v)) {
					t.Errorf("line: %s", f)
				}
			}
		}
	})
}

func BenchmarkCard(b *testing.B) {
	long := with(func(m *migration.Migration) { m.Instance.Name = strings.Repeat("杭州生产网站实例", 16) })
	for name, m := range map[string]migration.Migration{"name-6": base(), "name-128-chinese": long} {
		b.Run(name, func(b *testing.B) {
			v := View{Lang: Chinese, Zone: shanghai(b), Now: now}
			b.ReportAllocs()
			for b.Loop() {
				Card(m, v)
			}
		})
	}
}

func BenchmarkLine(b *testing.B) {
	v := View{Lang: English, Zone: shanghai(b), Now: now}
	m, news := base(), migration.News{Kind: migration.NewsRequested, By: lin, At: chosen, From: planned}
	b.ReportAllocs()
	for b.Loop() {
		Line(m, news, 1, v)
	}
}
