package ecs

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func ids(items []map[string]any, name string) string {
	var out []string
	for _, item := range items {
		out = append(out, item[name].(string))
	}
	return strings.Join(out, " ")
}

// Source: API reference, DescribeInstances.
func TestDescribeInstances(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	ask := func(p params) string {
		t.Helper()
		return ids(list(t, c.must("DescribeInstances", p), "Instances", "Instance"), "InstanceId")
	}
	web, db := "i-bp1web01classic0001", "i-bp1db01classic00002"
	for name, tc := range map[string]struct {
		ask  params
		want string
	}{
		"ids":         {params{"InstanceIds": `["` + db + `","i-none","` + web + `"]`}, web + " " + db},
		"no ids":      {params{"InstanceIds": `[]`}, ""},
		"tags":        {params{"Tag.1.Key": "team", "Tag.1.Value": "web", "Tag.2.Key": "owner"}, web + " i-bp1app01vpc00000004"},
		"name":        {params{"InstanceName": "web*"}, web},
		"network":     {params{"InstanceNetworkType": "vpc"}, "i-bp1app01vpc00000004"},
		"zone":        {params{"ZoneId": "cn-hangzhou-d"}, "i-bp1job01classic0003"},
		"page number": {params{"PageSize": "1", "PageNumber": "2"}, db},
		"nothing":     {params{"Status": Stopped}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(tc.ask); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprintf("i-%d", i)
	}
	over, _ := json.Marshal(many)
	most, _ := json.Marshal(many[:100])
	c.refused("DescribeInstances", params{"InstanceIds": string(over)}, 400, "InvalidInstanceIds.Malformed")
	c.must("DescribeInstances", params{"InstanceIds": string(most)})
	c.refused("DescribeInstances", params{"InstanceIds": web}, 400, "InvalidInstanceIds.Malformed")
	c.refused("DescribeInstances", params{"NextToken": "x"}, 400, "InvalidNextToken")

	in := describe(c, db)
	if in["InstanceName"] != "订单数据库-主" || in["ZoneId"] != "cn-hangzhou-b" || in["CreationTime"] != "2017-12-10T04:04Z" || in["OSType"] != "linux" {
		t.Errorf("%v", in)
	}
	if tags := list(t, in, "Tags", "Tag"); len(tags) != 2 || tags[0]["TagKey"] != "owner" || tags[0]["TagValue"] != "han.meimei" {
		t.Errorf("tags: %v", tags)
	}
	if locks := list(t, in, "OperationLocks", "LockReason"); len(locks) != 0 {
		t.Errorf("locks: %v", locks)
	}
	regions := list(t, c.must("DescribeRegions", nil), "Regions", "Region")
	if ids(regions, "RegionId") != "cn-hangzhou cn-shanghai" {
		t.Errorf("regions: %v", regions)
	}
}

func TestDescribeInstancesPages(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	for i := range 30 {
		if err := s.AddInstance("prod", Instance{ID: fmt.Sprintf("i-%02d", i), Region: "cn-hangzhou"}); err != nil {
			t.Fatal(err)
		}
	}
	seen, token := 0, ""
	for _, want := range []int{15, 15, 4} {
		got := c.must("DescribeInstances", params{"MaxResults": "15", "NextToken": token})
		seen = len(list(t, got, "Instances", "Instance"))
		token, _ = got["NextToken"].(string)
		if seen != want {
			t.Fatalf("%d instances, want %d", seen, want)
		}
	}
	if token != "" {
		t.Error("a token after the last page")
	}
}

// Source: API reference, DescribeDisks.
func TestDescribeDisks(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	disks := list(t, c.must("DescribeDisks", params{"InstanceId": "i-bp1db01classic00002", "MaxResults": "100"}), "Disks", "Disk")
	if len(disks) != 3 || disks[0]["Type"] != "system" || disks[1]["Size"] != 500.0 || disks[1]["Device"] != "/dev/xvdb" || disks[0]["Status"] != "In_use" {
		t.Fatalf("%v", disks)
	}
	one := disks[2]["DiskId"].(string)
	if got := list(t, c.must("DescribeDisks", params{"DiskIds": `["` + one + `"]`}), "Disks", "Disk"); len(got) != 1 || got[0]["InstanceId"] != "i-bp1db01classic00002" {
		t.Errorf("by id: %v", got)
	}
	if got := list(t, c.must("DescribeDisks", params{"DiskIds": `[]`}), "Disks", "Disk"); len(got) != 0 {
		t.Errorf("no ids: %v", got)
	}
	if got := list(t, c.must("DescribeDisks", params{"DiskType": "system", "Category": "all"}), "Disks", "Disk"); len(got) != 4 {
		t.Errorf("system disks: %v", got)
	}
	if got := list(t, c.must("DescribeDisks", params{"InstanceId": "i-none"}), "Disks", "Disk"); len(got) != 0 {
		t.Errorf("of nobody: %v", got)
	}
}

// Source: API reference, CreateSnapshot and DescribeSnapshots.
func TestSnapshots(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	disk := s.Instances()[0].Disks[1].ID
	c.refused("CreateSnapshot", nil, 400, "MissingParameter")
	c.refused("CreateSnapshot", params{"DiskId": "d-none"}, 404, "InvalidDiskId.NotFound")
	c.refused("CreateSnapshot", params{"DiskId": disk, "SnapshotName": "auto1"}, 400, "InvalidSnapshotName.Malformed")
	made := c.must("CreateSnapshot", params{"DiskId": disk, "SnapshotName": "before-migration", "ClientToken": "t1"})["SnapshotId"]
	if again := c.must("CreateSnapshot", params{"DiskId": disk, "ClientToken": "t1"})["SnapshotId"]; again != made {
		t.Errorf("the same token made another: %v", again)
	}
	look := func() map[string]any {
		t.Helper()
		got := list(t, c.must("DescribeSnapshots", params{"DiskId": disk}), "Snapshots", "Snapshot")
		if len(got) != 1 {
			t.Fatalf("%v", got)
		}
		return got[0]
	}
	clock.advance(time.Minute)
	if got := look(); got["Status"] != "progressing" || got["Progress"] != "20%" || got["SourceDiskSize"] != "200" {
		t.Errorf("%v", got)
	}
	clock.advance(5 * time.Minute)
	if got := look(); got["Status"] != "accomplished" || got["Progress"] != "100%" {
		t.Errorf("%v", got)
	}
	if err := s.AddInstance("", Instance{ID: "i-locked", Region: "cn-hangzhou", Locks: []string{"security"}, Disks: []Disk{{ID: "d-locked"}}}); err != nil {
		t.Fatal(err)
	}
	c.refused("CreateSnapshot", params{"DiskId": "d-locked"}, 403, "InstanceLockedForSecurity")
}

// Source: API reference, RebootInstance and RedeployInstance.
func TestRespondEarly(t *testing.T) {
	web := "i-bp1web01classic0001"
	for name, tc := range map[string]struct {
		action string
		spec   EventSpec
		code   string // of a refusal
		want   string
	}{
		"reboot answers a reboot":         {"RebootInstance", EventSpec{Type: "SystemMaintenance.Reboot"}, "", Avoided},
		"but not a redeployment":          {"RebootInstance", EventSpec{Type: "SystemMaintenance.Redeploy"}, "", Scheduled},
		"nor a migration":                 {"RebootInstance", EventSpec{}, "", Scheduled},
		"nor an inquiry":                  {"RebootInstance", EventSpec{Type: "SystemMaintenance.Reboot", Status: Inquiring}, "", Inquiring},
		"redeploy answers a reboot":       {"RedeployInstance", EventSpec{Type: "SystemMaintenance.Reboot"}, "", Avoided},
		"and a redeployment":              {"RedeployInstance", EventSpec{Type: "SystemMaintenance.Redeploy", Status: Inquiring}, "", Avoided},
		"an isolation only while asked":   {"RedeployInstance", EventSpec{Type: "SystemMaintenance.IsolateErrorDisk"}, "OperationDenied.NoSystemEvent", Scheduled},
		"redeploy never does a migration": {"RedeployInstance", EventSpec{}, "OperationDenied.NoSystemEvent", Scheduled},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := start(t, Options{})
			c := newClient(t, s)
			tc.spec.InstanceID = web
			id := announce(t, s, tc.spec)
			if tc.code != "" {
				c.refused(tc.action, params{"InstanceId": web}, 403, tc.code)
			} else if got := c.must(tc.action, params{"InstanceId": web}); (got["TaskId"] != nil) != (tc.action == "RedeployInstance") {
				t.Errorf("%v", got)
			}
			if e, _ := s.Event(id); e.Status != tc.want {
				t.Errorf("%+v, want %s", e, tc.want)
			}
		})
	}
	s, _ := start(t, Options{})
	c := newClient(t, s)
	for _, in := range []Instance{
		{ID: "i-stopped", Region: "cn-shanghai", Status: Stopped}, {ID: "i-locked", Region: "cn-shanghai", Locks: []string{"security"}},
	} {
		if err := s.AddInstance("", in); err != nil {
			t.Fatal(err)
		}
	}
	c.refused("RebootInstance", nil, 400, "MissingParameter")
	c.refused("RebootInstance", params{"InstanceId": "i-none"}, 404, "InvalidInstanceId.NotFound")
	c.refused("RebootInstance", params{"InstanceId": "i-stopped"}, 403, "IncorrectInstanceStatus")
	c.refused("RebootInstance", params{"InstanceId": "i-locked"}, 403, "InstanceLockedForSecurity")
	c.refused("RedeployInstance", params{"InstanceId": "i-locked"}, 403, "InstanceLockedForSecurity")
	c.refused("RebootInstance", params{"InstanceId": web, "DryRun": "true"}, 400, "DryRunOperation")
}

// Source: API reference, CreateSimulatedSystemEvents and its counterpart.
func TestSimulatedEvents(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	web, app := "i-bp1web01classic0001", "i-bp1app01vpc00000004"
	at := stamp(clock.Now().Add(time.Hour))
	good := func(change params) params {
		p := params{"InstanceId.1": web, "InstanceId.2": app, "EventType": "SystemMaintenance.Reboot", "NotBefore": at}
		for name, value := range change {
			p[name] = value
		}
		return p
	}
	drill := func(change params) []string {
		t.Helper()
		var out []string
		for _, id := range c.must("CreateSimulatedSystemEvents", good(change))["EventIdSet"].(map[string]any)["EventId"].([]any) {
			out = append(out, id.(string))
		}
		return out
	}
	c.refused("CreateSimulatedSystemEvents", params{"EventType": "SystemMaintenance.Reboot", "NotBefore": at}, 400, "MissingParameter")
	c.refused("CreateSimulatedSystemEvents", good(params{"EventType": TypeMigrate}), 400, "InvalidParameter")
	c.refused("CreateSimulatedSystemEvents", good(params{"NotBefore": "2020-01-01T00:00:00Z"}), 400, "InvalidParameter")
	c.refused("CreateSimulatedSystemEvents", good(params{"TriggerRealOps": "true"}), 400, "InvalidParameter")
	c.refused("CreateSimulatedSystemEvents", good(params{"InstanceId.2": "i-none"}), 404, "InvalidInstanceId.NotFound")

	planned, sudden, withdrawn := drill(nil), drill(params{"EventType": "SystemFailure.Reboot"}), drill(params{"EventType": "SystemMaintenance.Stop"})
	want := func(id, status string) {
		t.Helper()
		if e, _ := s.Event(id); e.Status != status {
			t.Errorf("%+v, want %s", e, status)
		}
	}
	want(planned[0], Scheduled)
	want(sudden[0], Executing)
	c.must("CancelSimulatedSystemEvents", params{"EventId.1": withdrawn[0], "EventId.2": withdrawn[1]})
	want(withdrawn[1], Canceled)
	c.refused("CancelSimulatedSystemEvents", params{"EventId.1": withdrawn[0]}, 404, "InvalidEventId.NotFound")
	c.refused("CancelSimulatedSystemEvents", nil, 400, "MissingParameter")
	c.must("RebootInstance", params{"InstanceId": web})
	want(planned[0], Avoided)
	clock.advance(time.Hour)
	want(planned[1], Executed)
	want(sudden[1], Executed)
	if in := describe(c, app); in["Status"] != Running {
		t.Errorf("a drill touched %v", in)
	}
}

// Source: API reference, DescribePlanMaintenanceWindows.
func TestMaintenanceWindows(t *testing.T) {
	s, _ := start(t, Options{})
	c := newClient(t, s)
	c.region = "cn-shanghai" // windows are the account's, not a region's
	got := list(t, c.must("DescribePlanMaintenanceWindows", nil), "PlanMaintenanceWindowList")
	if len(got) != 1 {
		t.Fatalf("%v", got)
	}
	ranges := list(t, got[0], "TimePeriod", "RangeList")
	if got[0]["Enable"] != true || len(ranges) != 2 || ranges[0]["StartTime"] != "Monday,18:00" {
		t.Errorf("%v", got[0])
	}
	if got := list(t, c.must("DescribePlanMaintenanceWindows", params{"Enable": "false"}), "PlanMaintenanceWindowList"); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
