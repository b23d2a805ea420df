package notifier

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// unfilled is what stands in a text for a key or a value that is missing.
var unfilled = regexp.MustCompile(`\[[a-z][a-z_.]*\]`)

// rendered is each golden message by the name of its file.
func rendered(t testing.TB, lang Lang) map[string]Message {
	t.Helper()
	v := View{Lang: lang, Zone: shanghai(t), Now: now}
	all := map[string]Message{}
	for name, c := range cards() {
		v := v
		if !c.at.IsZero() {
			v.Now = c.at
		}
		v.Checklists = c.lists
		all["card-"+name] = Card(c.m, v)
	}
	v.Checklists = migration.DefaultChecklists()
	for name, l := range lines() {
		all["line-"+name] = Line(l.m, l.n, 3, v)
	}
	for name, r := range reminders() {
		v := v
		v.Blind = r.blind
		all["remind-"+name] = Remind(r.m, r.r, v)
		if r.r.Reminder.Asks(r.m, v.Checklists) { // others are not escalated
			all["escalate-"+name] = Escalation(r.m, r.r, "S0000000001", v)
		}
	}
	for name, p := range digests() {
		var named []migration.Migration
		if p.Counts != nil {
			named = digested()
		}
		all["digest-"+name] = Digest(p, named, v)
	}
	for _, name := range []string{"failed", "facts-stopped"} {
		l := lines()[name]
		all["line-"+name+"-to"] = LineTo(lin, l.m, l.n, 3, v)
	}
	failed := lines()["failed"]
	all["line-form-missing"] = FormMissing(failed.m, lin, "form/e-1/envelope", v)
	for name, p := range posts() {
		all["post-"+name] = Notice(p, v)
	}
	for name, crowd := range crowds() {
		all["post-overview-"+name] = Overview(overviewPost(), crowd, v)
	}
	return all
}

func TestGolden(t *testing.T) {
	for _, lang := range Langs {
		dir := filepath.Join("testdata", "golden", string(lang))
		messages := rendered(t, lang)
		for name, msg := range messages {
			t.Run(string(lang)+"/"+name, func(t *testing.T) {
				checkGolden(t, filepath.Join(dir, name+".json"), asJSON(t, msg))
				if s := unfilled.FindString(msg.Text + asJSON(t, msg)); s != "" {
					t.Errorf("no text for %s", s)
				}
			})
		}
		if *update {
			continue
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if _, ok := messages[strings.TrimSuffix(filepath.Base(f), ".json")]; !ok {
				t.Errorf("%s belongs to no case", f)
			}
		}
	}
}

func TestGoldenCoversEveryState(t *testing.T) {
	var states []migration.State
	for _, c := range cards() {
		states = append(states, c.m.State())
	}
	for _, s := range migration.States {
		if !slices.Contains(states, s) {
			t.Errorf("no golden card for the state %s", s)
		}
	}
	var kinds []migration.NewsKind
	for _, l := range lines() {
		kinds = append(kinds, l.n.Kind)
	}
	for _, k := range []migration.NewsKind{
		migration.NewsAnnounced, migration.NewsKept, migration.NewsRequested, migration.NewsConfirmed, migration.NewsRefused,
		migration.NewsDeclared, migration.NewsMoved, migration.NewsConsent, migration.NewsConsentFailed, migration.NewsScheduled,
		migration.NewsExecuting, migration.NewsExecuted, migration.NewsFailed, migration.NewsCanceled, migration.NewsAvoided, migration.NewsAcknowledged,
		migration.NewsTicked, migration.NewsNotNeeded, migration.NewsTakenBack, migration.NewsNoted,
		migration.NewsAssigned, migration.NewsUnassigned, migration.NewsSnoozed, migration.NewsReminded,
		migration.NewsEscalated, migration.NewsUndelivered,
		migration.NewsFactsAfter,
	} {
		if !slices.Contains(kinds, k) {
			t.Errorf("no golden line for the news %s", k)
		}
	}
}

func asJSON(t testing.TB, msg Message) string {
	t.Helper()
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		Text     string               `json:"text"`
		Blocks   []slack.Block        `json:"blocks"`
		Metadata *slack.SlackMetadata `json:"metadata"`
	}{msg.Text, msg.Blocks, msg.Metadata})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func checkGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with go test ./notifier -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
