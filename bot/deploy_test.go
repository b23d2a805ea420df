package bot_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

var metricName = regexp.MustCompile(`\b(ecs_migrate|process|go)_[a-z_]+`)

// asked are the metrics that the alert rules and the dashboard in deploy/ ask for.
func asked(t *testing.T) map[string]bool {
	t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations struct{ Summary, Action string }
			}
		}
	}
	text, err := os.ReadFile("../deploy/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if text, err = os.ReadFile("../deploy/grafana-dashboard.json"); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	var exprs []string
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Annotations.Summary == "" || r.Annotations.Action == "" {
				t.Errorf("%s does not say what is wrong and what to do", r.Alert)
			}
			exprs = append(exprs, r.Expr)
		}
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			exprs = append(exprs, target.Expr)
		}
	}
	names := map[string]bool{}
	for _, e := range exprs {
		for _, name := range metricName.FindAllString(e, -1) {
			names[name] = true
		}
	}
	if len(names) < 15 {
		t.Fatalf("only %v are asked for", slices.Sorted(maps.Keys(names)))
	}
	return names
}

// A metric that was renamed must not leave an alert that can never fire.
func TestAlertsAndDashboardAskForMetricsThatThereAre(t *testing.T) {
	w := newWorld(t, options{listen: loopback})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	w.poll()
	w.cardSays(event, "No time reserved")
	w.command(mary, ops, "/ecs-migrate list")
	if _, err := w.slack.WaitCall(w.soon(), "users.info", func(slackstub.Call) bool { return true }); err != nil {
		t.Fatal(err)
	}
	_, body := w.get("/metrics")
	for name := range asked(t) {
		if !strings.Contains(body, "\n"+name+" ") && !strings.Contains(body, "\n"+name+"{") {
			t.Errorf("nothing is told of %s", name)
		}
	}
}
