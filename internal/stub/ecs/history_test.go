package ecs

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func announce(t testing.TB, s *Server, spec EventSpec) string {
	t.Helper()
	id, err := s.Announce(spec)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Source: API reference, DescribeInstanceHistoryEvents, for each filter.
func TestHistoryFilters(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	now := clock.Now()
	web, db, app := "i-bp1web01classic0001", "i-bp1db01classic00002", "i-bp1app01vpc00000004"
	announce(t, s, EventSpec{EventID: "e-planned", InstanceID: web, NotBefore: now.Add(10 * time.Hour)})
	announce(t, s, EventSpec{EventID: "e-asking", InstanceID: db, Status: Inquiring, Type: "SystemMaintenance.RebootAndIsolateErrorDisk"})
	announce(t, s, EventSpec{EventID: "e-running", InstanceID: app, Status: Executing, Type: "SystemMaintenance.Reboot", NotBefore: now})
	announce(t, s, EventSpec{EventID: "e-avoided", InstanceID: app, Type: "SystemMaintenance.Reboot", Publish: now.Add(-time.Hour)})
	announce(t, s, EventSpec{EventID: "e-failed", InstanceID: web})
	announce(t, s, EventSpec{EventID: "e-gone", InstanceID: web})
	announce(t, s, EventSpec{EventID: "e-shanghai", Region: "cn-shanghai"})
	for id, end := range map[string]func(string) error{"e-avoided": s.Avoid, "e-failed": s.Fail, "e-gone": s.Cancel} {
		if err := end(id); err != nil {
			t.Fatal(err)
		}
	}
	open := params{"InstanceEventCycleStatus.1": Inquiring, "InstanceEventCycleStatus.2": Scheduled, "InstanceEventCycleStatus.3": Executing}
	for name, tc := range map[string]struct {
		ask  params
		want string
	}{
		"no status: only finished":       {params{}, "e-avoided e-failed e-gone"},
		"an id needs its status too":     {params{"EventId.1": "e-planned"}, ""},
		"statuses":                       {open, "e-planned e-asking e-running"},
		"single status":                  {params{"EventCycleStatus": Canceled}, "e-gone"},
		"the list wins over the single":  {params{"EventCycleStatus": Canceled, "InstanceEventCycleStatus.1": Failed}, "e-failed"},
		"type":                           {params{"InstanceEventType.1": "SystemMaintenance.Reboot"}, "e-avoided"},
		"single type":                    {params{"EventType": TypeMigrate}, "e-failed e-gone"},
		"ids":                            {params{"EventId.1": "e-gone", "EventId.2": "e-avoided", "EventId.3": "e-none", "EventId.4": "e-gone"}, "e-avoided e-gone"},
		"resources":                      {params{"ResourceId.1": web}, "e-failed e-gone"},
		"resources win over instance":    {params{"ResourceId.1": web, "InstanceId": app}, "e-failed e-gone"},
		"instance":                       {params{"InstanceId": app}, "e-avoided"},
		"not before, from":               {params{"InstanceEventCycleStatus.1": Scheduled, "NotBefore.Start": stamp(now.Add(11 * time.Hour))}, ""},
		"not before, to":                 {params{"InstanceEventCycleStatus.1": Scheduled, "NotBefore.End": stamp(now.Add(10 * time.Hour))}, "e-planned"},
		"published, to":                  {params{"EventPublishTime.End": stamp(now.Add(-time.Minute))}, "e-avoided"},
		"tag":                            {params{"Tag.1.Key": "team", "Tag.1.Value": "data", "EventCycleStatus": Inquiring}, "e-asking"},
		"tag of another":                 {params{"Tag.1.Key": "team", "Tag.1.Value": "web", "EventCycleStatus": Inquiring}, ""},
		"tag key alone":                  {params{"Tag.1.Key": "owner"}, "e-avoided e-failed e-gone"},
		"resource type":                  {params{"ResourceType": "instance"}, "e-avoided e-failed e-gone"},
		"hosts":                          {params{"ResourceType": "ddh"}, ""},
		"resource group nobody is in":    {params{"ResourceGroupId": "rg-1"}, ""},
		"event of another region's":      {params{"EventId.1": "e-shanghai", "EventCycleStatus": Scheduled}, ""},
		"by page number, with the total": {params{"PageNumber": "2", "PageSize": "2"}, "e-gone"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range events(t, c.must("DescribeInstanceHistoryEvents", tc.ask)) {
				got = append(got, e["EventId"].(string))
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %v, want %s", got, tc.want)
			}
		})
	}
	if got := c.must("DescribeInstanceHistoryEvents", params{"PageNumber": "2", "PageSize": "2"}); got["TotalCount"] != 3.0 || got["PageNumber"] != 2.0 {
		t.Errorf("page: %v", got)
	}
}

// Limits: API reference; that they are refused is inferred.
func TestHistoryRefusals(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	many := func(name string, n int, value string) params {
		p := params{"Method": http.MethodPost}
		for i := range n {
			p[fmt.Sprintf("form:%s.%d", name, i+1)] = value
		}
		return p
	}
	for name, p := range map[string]params{
		"101 ids":         many("EventId", 101, "e"),
		"101 resources":   many("ResourceId", 101, "i"),
		"31 types":        many("InstanceEventType", 31, TypeMigrate),
		"8 statuses":      many("InstanceEventCycleStatus", 8, Scheduled),
		"unknown status":  {"InstanceEventCycleStatus.1": "Pending"},
		"time without ss": {"NotBefore.Start": "2024-05-01T00:00Z"},
		"no number":       {"MaxResults": "many"},
		"zero":            {"MaxResults": "0"},
		"page zero":       {"PageNumber": "0"},
		"resource type":   {"ResourceType": "disk"},
	} {
		t.Run(name, func(t *testing.T) { c.refused("DescribeInstanceHistoryEvents", p, 400, "InvalidParameter") })
	}
	c.must("DescribeInstanceHistoryEvents", many("EventId", 100, "e"))
}

// Source: API reference: MaxResults 10 to 100, no token is the last page.
func TestHistoryPages(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	for i := range 205 {
		announce(t, s, EventSpec{EventID: fmt.Sprintf("e-%03d", i), Region: "cn-hangzhou"})
	}
	ask := params{"InstanceEventCycleStatus.1": Scheduled, "MaxResults": "100"}
	seen, token := 0, ""
	for _, want := range []int{100, 100, 6} {
		ask["NextToken"] = token
		got := c.must("DescribeInstanceHistoryEvents", ask)
		page := events(t, got)
		if len(page) != want || page[0]["EventId"] != fmt.Sprintf("e-%03d", seen) {
			t.Fatalf("%d events from %v after %d", len(page), page[0]["EventId"], seen)
		}
		seen += len(page)
		token, _ = got["NextToken"].(string)
		if seen == 200 { // an event more, between two pages
			announce(t, s, EventSpec{EventID: "e-205"})
		}
	}
	if token != "" {
		t.Error("a token after the last page")
	}
	for asked, served := range map[string]int{"1": 10, "10": 10, "99": 99, "100": 100, "500": 100} {
		if got := events(t, c.must("DescribeInstanceHistoryEvents", params{"InstanceEventCycleStatus.1": Scheduled, "MaxResults": asked})); len(got) != served {
			t.Errorf("MaxResults %s: %d events", asked, len(got))
		}
	}
	first := c.must("DescribeInstanceHistoryEvents", params{"InstanceEventCycleStatus.1": Scheduled, "MaxResults": "10"})
	good := first["NextToken"].(string)
	c.must("DescribeInstanceHistoryEvents", params{"InstanceEventCycleStatus.1": Scheduled, "MaxResults": "20", "NextToken": good})
	for name, p := range map[string]params{
		"made up":       {"InstanceEventCycleStatus.1": Scheduled, "NextToken": "f1c9fa9de5752"},
		"other filters": {"InstanceEventCycleStatus.1": Executing, "NextToken": good},
		"other region":  {"InstanceEventCycleStatus.1": Scheduled, "NextToken": good, "RegionId": "cn-shanghai"},
		"cut":           {"InstanceEventCycleStatus.1": Scheduled, "NextToken": good[:len(good)-1]},
	} {
		t.Run(name, func(t *testing.T) {
			c.refused("DescribeInstanceHistoryEvents", p, 400, "InvalidNextToken")
		})
	}
}

// Source: API reference: finished events of the last 30 days, unfinished ones
// without a limit.
func TestHistoryKeepsThirtyDays(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	id := announce(t, s, EventSpec{})
	asking := announce(t, s, EventSpec{Status: Inquiring})
	if err := s.Cancel(id); err != nil {
		t.Fatal(err)
	}
	clock.advance(30 * 24 * time.Hour)
	if got := events(t, c.must("DescribeInstanceHistoryEvents", nil)); len(got) != 1 {
		t.Errorf("after 30 days: %v", got)
	}
	clock.advance(time.Second)
	if got := events(t, c.must("DescribeInstanceHistoryEvents", params{"EventId.1": id})); len(got) != 0 {
		t.Errorf("after more: %v", got)
	}
	if got := events(t, c.must("DescribeInstanceHistoryEvents", params{"EventId.1": asking, "EventCycleStatus": Inquiring})); len(got) != 1 {
		t.Errorf("inquiring: %v", got)
	}
}

// The shape: API reference, InstanceSystemEventType and its sample.
func TestEventShape(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	at := clock.Now().Add(24 * time.Hour)
	no := false
	announce(t, s, EventSpec{EventID: "e-1", NotBefore: at, Options: []string{"MigrationPlan"}, DiskID: "d-1", Device: "/dev/xvdb"})
	announce(t, s, EventSpec{EventID: "e-2", Status: Inquiring, CanAccept: &no, Type: "SystemFailure.Redeploy"})
	announce(t, s, EventSpec{EventID: "e-3", HideInitial: true, Fields: map[string]json.RawMessage{
		"ImpactLevel": json.RawMessage(`"100"`), "ExtendedAttribute.CanAccept": json.RawMessage(`true`),
		"NotBefore": json.RawMessage(`"2024-05-03T00:00Z"`), "Reason": json.RawMessage(`null`),
		"ExtendedAttribute.New.Deep": json.RawMessage(`[1]`),
	}})
	got := events(t, c.must("DescribeInstanceHistoryEvents", params{"InstanceEventCycleStatus.1": Scheduled, "InstanceEventCycleStatus.2": Inquiring}))
	wants := []string{
		`{"EventCycleStatus":{"Code":24,"Name":"Scheduled"},"EventId":"e-1","EventPublishTime":"2024-05-01T08:30:00Z",` +
			`"EventType":{"Code":0,"Name":"SystemUpgrade.Migrate"},"ExtendedAttribute":{"Device":"/dev/xvdb","DiskId":"d-1",` +
			`"InitialNotBefore":"2024-05-02T08:30:00Z","MigrationOptions":{"MigrationOption":["MigrationPlan"]}},"ImpactLevel":100,` +
			`"InstanceId":"i-bp1web01classic0001","NotBefore":"2024-05-02T08:30:00Z",` +
			`"Reason":"System maintenance is scheduled due to underlying hardware upgrade.","ReasonCode":"VPCMigrationEcs","ResourceType":"instance"}`,
		`{"EventCycleStatus":{"Code":32,"Name":"Inquiring"},"EventId":"e-2","EventPublishTime":"2024-05-01T08:30:00Z",` +
			`"EventType":{"Code":0,"Name":"SystemFailure.Redeploy"},"ExtendedAttribute":{"CanAccept":"false"},"ImpactLevel":100,` +
			`"InstanceId":"i-bp1web01classic0001","Reason":"System maintenance is scheduled due to underlying hardware upgrade.","ResourceType":"instance"}`,
		`{"EventCycleStatus":{"Code":24,"Name":"Scheduled"},"EventId":"e-3","EventPublishTime":"2024-05-01T08:30:00Z",` +
			`"EventType":{"Code":0,"Name":"SystemUpgrade.Migrate"},"ExtendedAttribute":{"CanAccept":true,"New":{"Deep":[1]}},"ImpactLevel":"100",` +
			`"InstanceId":"i-bp1web01classic0001","NotBefore":"2024-05-03T00:00Z","ReasonCode":"VPCMigrationEcs","ResourceType":"instance"}`,
	}
	for i, want := range wants {
		out, err := json.Marshal(got[i])
		if err != nil {
			t.Fatal(err)
		}
		if string(out) != want {
			t.Errorf("event %d\n got %s\nwant %s", i, out, want)
		}
	}
}

// An event can be served as anything, amid good ones.
func TestRawEvent(t *testing.T) {
	s, _ := start(t, Options{})
	announce(t, s, EventSpec{EventID: "e-1"})
	announce(t, s, EventSpec{EventID: "e-2", Raw: `{"EventId":17}`})
	announce(t, s, EventSpec{EventID: "e-3", Raw: `{"EventId":`})
	ask := params{"Action": "DescribeInstanceHistoryEvents", "InstanceEventCycleStatus.1": Scheduled, "ResourceId.1": "i-bp1web01classic0001"}
	v := sign(common(ask), "GET")
	resp, err := http.Get(s.URL() + "/?" + v.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out any
	if err := json.NewDecoder(resp.Body).Decode(&out); err == nil {
		t.Errorf("the third event left the page whole: %v", out)
	}
	if err := s.Cancel("e-3"); err != nil {
		t.Fatal(err)
	}
	got := events(t, newClient(t, s).must("DescribeInstanceHistoryEvents", params{"InstanceEventCycleStatus.1": Scheduled}))
	if len(got) != 2 || got[1]["EventId"] != 17.0 {
		t.Errorf("%v", got)
	}
}

// Source: API reference, DescribeInstancesFullStatus.
func TestFullStatus(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	announce(t, s, EventSpec{EventID: "e-1"})
	announce(t, s, EventSpec{EventID: "e-2", Status: Inquiring})
	got := list(t, c.must("DescribeInstancesFullStatus", params{"InstanceId.1": "i-bp1web01classic0001", "InstanceId.2": "i-bp1app01vpc00000004"}),
		"InstanceFullStatusSet", "InstanceFullStatusType")
	if len(got) != 2 {
		t.Fatalf("%v", got)
	}
	scheduled := list(t, got[0], "ScheduledSystemEventSet", "ScheduledSystemEventType")
	if len(scheduled) != 1 || scheduled[0]["EventId"] != "e-1" {
		t.Errorf("scheduled events: %v", scheduled)
	}
	ext := scheduled[0]["ExtendedAttribute"].(map[string]any)
	if scheduled[0]["ReasonCode"] != nil || ext["InitialNotBefore"] != nil || ext["MigrationOptions"] != nil {
		t.Errorf("more than the call tells: %v", scheduled[0])
	}
	if status := got[1]["Status"].(map[string]any); status["Name"] != Running {
		t.Errorf("status: %v", status)
	}
	got = list(t, c.must("DescribeInstancesFullStatus", params{"EventType": TypeMigrate}), "InstanceFullStatusSet", "InstanceFullStatusType")
	if len(got) != 1 {
		t.Errorf("by type: %v", got)
	}
	page := c.must("DescribeInstancesFullStatus", params{"PageSize": "3", "PageNumber": "2"})
	if rest := list(t, page, "InstanceFullStatusSet", "InstanceFullStatusType"); len(rest) != 1 || page["TotalCount"] != 4.0 {
		t.Errorf("second page: %v", page)
	}
}
