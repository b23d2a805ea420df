package ecs

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// control sends one control and decodes its answer into out.
func control(t *testing.T, s *Server, method, path, body string, want int, out any) {
	t.Helper()
	r, err := http.NewRequest(method, s.URL()+"/control"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != want {
		t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
}

// The control API does what the Go methods do.
func TestControlEvents(t *testing.T) {
	s, clock := start(t, Options{})
	var made struct {
		ID string `json:"event_id"`
	}
	control(t, s, "POST", "/events", `{"instance":"i-bp1web01classic0001","in":"36h","options":["MigrationPlan"],"fields":{"ImpactLevel":"100"}}`, 200, &made)
	e, ok := s.Event(made.ID)
	if !ok || !e.NotBefore.Equal(clock.Now().Add(36*time.Hour)) || len(e.Options) != 1 {
		t.Fatalf("%+v", e)
	}
	control(t, s, "POST", "/events/"+made.ID+"/move", `{"not_before":"2024-05-02T02:00:00Z"}`, 200, &e)
	if stamp(e.NotBefore) != "2024-05-02T02:00:00Z" {
		t.Errorf("moved: %+v", e)
	}
	control(t, s, "POST", "/events/"+made.ID+"/move", `{"in":"1h"}`, 200, &e)
	for _, step := range []struct{ verb, want string }{{"will-fail", Scheduled}, {"run", Executing}, {"finish", Failed}} {
		control(t, s, "POST", "/events/"+made.ID+"/"+step.verb, ``, 200, &e)
		if e.Status != step.want {
			t.Errorf("%s: %+v", step.verb, e)
		}
	}
	for _, step := range []struct{ from, verb, want string }{
		{Inquiring, "accept", Scheduled}, {Scheduled, "cancel", Canceled}, {Scheduled, "avoid", Avoided}, {Executing, "fail", Failed},
	} {
		control(t, s, "POST", "/events", `{"status":"`+step.from+`","duration":"1m"}`, 200, &made)
		control(t, s, "POST", "/events/"+made.ID+"/"+step.verb, `{}`, 200, &e)
		if e.Status != step.want {
			t.Errorf("%s: %+v", step.verb, e)
		}
	}
	var all []Event
	control(t, s, "GET", "/events", "", 200, &all)
	if len(all) != 5 {
		t.Errorf("%d events", len(all))
	}
}

func TestControlRefusals(t *testing.T) {
	s, _ := start(t, Options{})
	id := announce(t, s, EventSpec{})
	for _, tc := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/events", `{"instanse":"i"}`, 400},
		{"POST", "/events", `{"instance":"i-none"}`, 400},
		{"POST", "/events", `{"in":"soon"}`, 400},
		{"POST", "/events/" + id + "/move", `{}`, 400},
		{"POST", "/events/e-none/run", `{}`, 400},
		{"POST", "/events/" + id + "/dance", `{}`, 404},
		{"POST", "/faults", `{"kind":"rain"}`, 400},
		{"DELETE", "/faults/first", ``, 400},
		{"POST", "/permissions", `{"key":"nobody","deny":["ecs:*"]}`, 400},
		{"POST", "/settings", `{"latency":"long"}`, 400},
		{"GET", "/record?after=x", ``, 400},
		{"GET", "/weather", ``, 404},
	} {
		var out struct {
			Error string `json:"error"`
		}
		control(t, s, tc.method, tc.path, tc.body, tc.want, &out)
		if out.Error == "" {
			t.Errorf("%s %s: no reason", tc.method, tc.path)
		}
	}
	// A form of some other web page must not be able to do anything.
	resp, err := http.Post(s.URL()+"/control/faults", "text/plain", strings.NewReader(`{"kind":"down"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnsupportedMediaType || len(s.Faults()) != 0 {
		t.Errorf("%d, %v", resp.StatusCode, s.Faults())
	}
}

func TestControlTheRest(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	var state struct {
		Accounts []struct {
			Keys  []Key
			Roles []struct{ ARN string }
		}
	}
	control(t, s, "GET", "/state", "", 200, &state)
	if len(state.Accounts) != 1 || state.Accounts[0].Keys[0].ID != DefaultKeyID || !strings.Contains(state.Accounts[0].Roles[0].ARN, ":role/") {
		t.Errorf("%+v", state)
	}

	control(t, s, "POST", "/faults", `{"kind":"delay","delay":"1ms","times":1}`, 200, nil)
	var fault struct {
		ID int `json:"id"`
	}
	control(t, s, "POST", "/faults", `{"kind":"throttle","action":"DescribeInstances"}`, 200, &fault)
	c.refused("DescribeInstances", nil, 400, "Throttling.User")
	control(t, s, "DELETE", "/faults/"+itoa(fault.ID), "", 200, nil)
	c.must("DescribeInstances", nil)
	control(t, s, "POST", "/faults", `{"kind":"down"}`, 200, nil)
	control(t, s, "DELETE", "/faults", "", 200, nil)
	c.must("DescribeInstances", nil)

	control(t, s, "POST", "/permissions", `{"key":"`+DefaultKeyID+`","deny":["ecs:RebootInstance"]}`, 200, nil)
	c.refused("RebootInstance", params{"InstanceId": "i"}, 403, "Forbidden.RAM")
	control(t, s, "POST", "/permissions", `{"key":"`+DefaultKeyID+`","allow":["ecs:RebootInstance"]}`, 200, nil)
	c.refused("RebootInstance", params{"InstanceId": "i"}, 404, "InvalidInstanceId.NotFound")

	control(t, s, "POST", "/settings", `{"skew":"20m"}`, 200, nil)
	c.refused("DescribeRegions", nil, 400, "InvalidTimeStamp.Expired")
	control(t, s, "POST", "/settings", `{"skew":"0s","latency":"1ms"}`, 200, nil)
	c.must("DescribeRegions", nil)

	control(t, s, "POST", "/instances", `{"id":"i-new","region":"cn-hangzhou","classic":true,"disks":[{"size_gib":100}],"tags":{"team":"x"}}`, 200, nil)
	var instances []controlInstance
	control(t, s, "GET", "/instances", "", 200, &instances)
	if len(instances) != 7 || instances[4].ID != "i-new" || instances[4].Disks[0].SizeGiB != 100 {
		t.Errorf("%+v", instances)
	}
	var stats struct {
		Counts map[string]int
		Peak   int
	}
	control(t, s, "GET", "/stats", "", 200, &stats)
	if stats.Counts["DescribeInstances"] != 3 || stats.Peak != 1 {
		t.Errorf("%+v", stats)
	}
	var calls []Call
	control(t, s, "GET", "/calls?action=RebootInstance", "", 200, &calls)
	if len(calls) != 2 || calls[0].Code != "Forbidden.RAM" {
		t.Errorf("%+v", calls)
	}
	control(t, s, "GET", "/calls?action=RebootInstance&after="+itoa(int(calls[0].Seq)), "", 200, &calls)
	if len(calls) != 1 {
		t.Errorf("after the first: %+v", calls)
	}
	var entries []Entry
	control(t, s, "GET", "/record?after=1", "", 200, &entries)
	if len(entries) == 0 || entries[0].Seq != 2 {
		t.Errorf("%+v", entries)
	}
}

// The stream tells what was and what comes, in order.
func TestControlStream(t *testing.T) {
	s, _ := start(t, Options{})
	announce(t, s, EventSpec{EventID: "e-1"})
	resp, err := http.Get(s.URL() + "/control/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	next := func() Entry {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var e Entry
				if err := json.Unmarshal([]byte(data), &e); err != nil {
					t.Fatal(err)
				}
				return e
			}
		}
		t.Fatal("the stream ended", lines.Err())
		return Entry{}
	}
	if e := next(); e.Seq != 1 || e.Event == nil || e.Event.Status != Scheduled {
		t.Errorf("%+v", e)
	}
	if err := s.Run("e-1"); err != nil {
		t.Fatal(err)
	}
	if e := next(); e.Event == nil || e.Event.Status != Executing {
		t.Errorf("%+v", e)
	}
	newClient(t, s).must("DescribeRegions", nil)
	if e := next(); e.Call == nil || e.Call.Action != "DescribeRegions" {
		t.Errorf("%+v", e)
	}
	s.Close()
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") {
			t.Error("told after the end:", lines.Text())
		}
	}
}
