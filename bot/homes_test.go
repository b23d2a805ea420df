package bot_test

import (
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// homeSays opens somebody's Home tab and waits until it has all the words.
func (w *world) homeSays(user string, words ...string) slackstub.View {
	w.t.Helper()
	if _, err := w.slack.OpenHome(user); err != nil {
		w.t.Fatal(err)
	}
	v, err := w.slack.WaitHome(w.soon(), user, func(v slackstub.View) bool { return containsAll(seen(v), words) })
	if err != nil {
		w.t.Fatalf("the Home tab of %s has not %q: %v", user, words, err)
	}
	return v
}

func TestWhoIsMentionedFindsItAmongTheirs(t *testing.T) {
	w, event, _ := remindedWorld(t, reminded)
	w.announce(ecsstub.EventSpec{InstanceID: api01, NotBefore: deadline}) // whose owner nobody knows
	w.poll()
	w.at(deadline.Add(-72 * time.Hour))
	w.remindedOf(event, "unreserved/72h", deadline.Add(-72*time.Hour), "<@"+lin+">")

	if r, err := w.slack.Command(lin, web, "/ecs-migrate list mine"); err != nil || r.Error != "" {
		t.Fatal(err, r.Error)
	}
	m, err := w.slack.WaitEphemeral(w.soon(), lin, func(slackstub.Message) bool { return true })
	if err != nil || !strings.Contains(read(m), "web-01") || strings.Contains(read(m), "api-01") {
		t.Errorf("%v: %s", err, read(m))
	}
	w.homeSays(lin, "有 2 个迁移在等您处理") // Lin is on call too
	// Mary is on call.
	waiting, _, _ := strings.Cut(seen(w.homeSays(mary, "One migration waits for you")), "Everything open")
	if !strings.Contains(waiting, "api-01") || strings.Contains(waiting, "web-01") {
		t.Errorf("for her waits %s", waiting)
	}
}
