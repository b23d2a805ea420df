package bot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// loopback lets the probes take any port.
const loopback = "127.0.0.1:0"

// address is where the bot answers probes, as it logged it last.
func (w *world) address() (at string) {
	for _, line := range strings.Split(w.logs.String(), "\n") {
		if _, rest, ok := strings.Cut(line, `"address":"`); ok {
			at, _, _ = strings.Cut(rest, `"`)
		}
	}
	return at
}

// get asks a probe and gives its status and body.
func (w *world) get(path string) (int, string) {
	w.t.Helper()
	r, err := http.Get("http://" + w.address() + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

func TestReadinessTellsARegionThatCouldNotBeLookedAt(t *testing.T) {
	w := newWorld(t, options{listen: loopback})
	w.poll()
	w.poll() // the first one is whole once the second has begun
	code, body := w.get("/readyz")
	if code != http.StatusOK {
		t.Fatalf("/readyz answers %d: %s", code, body)
	}
	var well struct {
		Slack struct {
			Standing    int
			Connections []struct {
				Up        bool
				LastHeard time.Time `json:"last_heard"`
				Counted   int       `json:"connections_counted_by_slack"`
			}
		}
		Regions []struct {
			LastGood time.Time `json:"last_good_poll"`
		}
		Store struct{ Writable bool }
	}
	if err := json.Unmarshal([]byte(body), &well); err != nil {
		t.Fatal(err)
	}
	if well.Slack.Standing != 2 || len(well.Slack.Connections) != 2 || len(well.Regions) != 2 || !well.Store.Writable {
		t.Errorf("/readyz says %s", body)
	}
	for _, c := range well.Slack.Connections {
		if !c.Up || c.Counted < 1 || c.Counted > 2 || time.Since(c.LastHeard) > time.Minute {
			t.Errorf("a connection: %+v", c)
		}
	}
	for _, r := range well.Regions {
		if !r.LastGood.Equal(w.clock.Now()) && w.clock.Now().Sub(r.LastGood) > time.Minute {
			t.Errorf("last good poll at %v, it is %v", r.LastGood, w.clock.Now())
		}
	}

	w.inject(ecsstub.Fault{Kind: ecsstub.FaultFail, Action: "DescribeInstanceHistoryEvents", Region: "cn-hangzhou", Status: 403, Code: "Forbidden.RAM"})
	w.poll()
	w.poll()
	code, body = w.get("/readyz")
	if code != http.StatusServiceUnavailable {
		t.Errorf("/readyz answers %d while a region cannot be looked at: %s", code, body)
	}
	var state struct {
		Ready   bool
		Reasons []string
		Regions []struct{ Region, Error string }
	}
	if err := json.Unmarshal([]byte(body), &state); err != nil {
		t.Fatal(err)
	}
	for _, r := range state.Regions {
		if failed := r.Error != ""; failed != (r.Region == "cn-hangzhou") {
			t.Errorf("region %s: error %q", r.Region, r.Error)
		}
	}
	if state.Ready || len(state.Reasons) != 1 || !strings.Contains(state.Reasons[0], "prod/cn-hangzhou") {
		t.Errorf("reasons %q", state.Reasons)
	}
	if code, _ := w.get("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz answers %d: a restart would not help", code)
	}
}

func TestMetricsTellWhatWaits(t *testing.T) {
	w := newWorld(t, options{listen: loopback})
	event := w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	w.cardSays(event, "No time reserved")
	w.clock.Advance(6 * time.Second)
	w.cardSays(event, "This card's thread") // drawn again: the post is recorded
	_, body := w.get("/metrics")
	for _, line := range []string{
		`ecs_migrate_migrations{open="true"} 1`,
		`ecs_migrate_migrations_waiting 0`,
		`ecs_migrate_slack_connections 2`,
		`ecs_migrate_last_good_poll_timestamp_seconds{account="prod",region="cn-hangzhou"} 1.7`,
		`ecs_migrate_job_runs_total{kind="card",outcome="done"}`,
		`ecs_migrate_jobs_waiting{kind="tick"} 1`,
		`ecs_migrate_ready 1`,
		"ecs_migrate_oldest_due_job_seconds ",
		`ecs_migrate_next_unreserved_deadline_timestamp_seconds 1.7147`,
		`ecs_migrate_region_ok{account="prod",region="cn-shanghai"} 1`,
		`ecs_migrate_slack_last_heard_timestamp_seconds{connection="1"} 1.7`,
		`ecs_migrate_slack_call_seconds_count{method="chat.postMessage",outcome="200"} 1`,
		`ecs_migrate_cloud_call_seconds_count{account="prod",action="ecs:DescribeInstances",outcome="ok"} 1`,
		`ecs_migrate_polls_total{account="prod",outcome="ok",region="cn-hangzhou"}`,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("/metrics lacks %s", line)
		}
	}
}

func TestReadinessTellsAChannelThatIsClosed(t *testing.T) {
	w := newWorld(t, options{listen: loopback})
	w.slack.Archive(web)
	w.announce(ecsstub.EventSpec{InstanceID: web01, NotBefore: dawn.Add(72 * time.Hour)})
	w.poll()
	if _, err := w.slack.WaitCall(w.soon(), "chat.postMessage", func(c slackstub.Call) bool { return c.Error == "is_archived" }); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(6 * time.Minute)
	if code, body := w.get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "jobs wait too long") {
		t.Errorf("/readyz answers %d: %s", code, body)
	}
}

func TestConnectionsAreCountedAsTheyStand(t *testing.T) {
	w := newWorld(t, options{listen: loopback})
	w.slack.AddFault(slackstub.Fault{Method: "apps.connections.open", Times: -1, Status: 503})
	w.slack.CutSockets()
	const none = "ecs_migrate_slack_connections 0"
	for ctx := w.soon(); ; {
		_, body := w.get("/metrics")
		if strings.Contains(body, none) {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("/metrics never says %s", none)
		}
	}
	if _, body := w.get("/readyz"); !strings.Contains(body, "no connection to Slack") {
		t.Errorf("/readyz says %s", body)
	}
}
