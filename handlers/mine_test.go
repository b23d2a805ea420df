package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
	slackstub "ecs-migrate/internal/stub/slack"
)

func tagged(owner string) func(*migration.Migration) {
	return func(m *migration.Migration) { m.Instance.Tags = map[string]string{"owner": owner} }
}

// owners is what a configuration says of the values of owner tags.
func owners(who map[string]string) func(string) string {
	return func(tag string) string { return who[tag] }
}

// rows are the numbers of the migrations that a text shows.
func rows(text string, most int) (all []int) {
	for n := 1; n <= most; n++ {
		if strings.Contains(text, fmt.Sprintf("web-%03d", n)) {
			all = append(all, n)
		}
	}
	return all
}

func TestMineIsWhatRemindersMentionOneFor(t *testing.T) {
	w := newWorld(t)
	w.owner = owners(map[string]string{"li.lei": lin, "web": webTeam, "mary": jonas, "new": "S0000000404"})
	w.put(host(1, tagged("li.lei")), host(2, tagged("web")), host(3, tagged("mary")), host(4, tagged("new")), host(5), host(6, tagged("jonas")))
	// By their name only where the configuration knows nobody by it.
	for by, want := range map[string]string{lin: "[1 2]", mary: "[2]", jonas: "[3 6]"} {
		if got := fmt.Sprint(rows(read(w.afterwards(by, "/ecs-migrate list mine")), 6)); got != want {
			t.Errorf("list mine of %s: %s, want %s", by, got, want)
		}
		text := plainJSON(w.homeOf(by, "web-001").Blocks)
		waiting, _, _ := strings.Cut(text, "Everything open")
		waiting, _, _ = strings.Cut(waiting, "全部未完成")
		if got := fmt.Sprint(rows(waiting, 6)); got != want {
			t.Errorf("what waits for %s: %s, want %s", by, got, want)
		}
		w.afterwards(by, "/ecs-migrate calendar mine")
		m, _ := w.file(by)
		if got := fmt.Sprint(rows(string(m.Files[0].Content), 6)); got != want {
			t.Errorf("calendar of %s: %s, want %s", by, got, want)
		}
	}
}

func TestWhatNobodyIsInChargeOfWaitsForWhoeverIsOnCall(t *testing.T) {
	w := newWorld(t)
	w.onCall = webTeam
	w.owner = owners(map[string]string{"li.lei": lin})
	w.put(host(1), host(2, tagged("li.lei")), host(3, refusedTo(lin)))
	text := plainJSON(w.homeOf(mary, "One migration waits for you").Blocks)
	waiting, _, _ := strings.Cut(text, "Everything open")
	if got := fmt.Sprint(rows(waiting, 3)); got != "[1]" {
		t.Errorf("%s waits for her", got)
	}
	w.homeOf(lin, "有 3 个迁移在等您处理")
	// That she is on call makes nothing hers.
	w.says(w.afterwards(mary, "/ecs-migrate list mine"), "None of the open migrations is yours")
}

// Who is in a group that cannot be read is not known, and it is asked for once.
func TestAGroupThatCannotBeReadOwnsNothing(t *testing.T) {
	w := newWorld(t)
	w.owner = owners(map[string]string{"web": webTeam})
	for n := 1; n <= 5; n++ {
		w.put(host(n, tagged("web")))
	}
	w.slack.AddFault(slackstub.Fault{Method: "usergroups.users.list", Error: "internal_error"})
	w.says(w.afterwards(mary, "/ecs-migrate list mine"), "None of the open migrations is yours")
	if n := len(w.slack.Calls("usergroups.users.list")); n != 1 {
		t.Errorf("asked for %d times", n)
	}
	w.clock.move(time.Minute)
	w.says(w.afterwards(mary, "/ecs-migrate list mine"), "web-005")
}
