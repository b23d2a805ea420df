package ecs

import (
	"testing"
	"time"
)

// one is the wire form of an instance.
func one(t *testing.T, c *client, id string) map[string]any {
	t.Helper()
	got := list(t, c.must("DescribeInstances", params{"InstanceIds": `["` + id + `"]`}), "Instances", "Instance")
	if len(got) != 1 {
		t.Fatalf("%v", got)
	}
	return got[0]
}

// Source: the migration notice: snapshots and disk functions are off for 4 hours
// for each 100 GiB after the migration.
func TestNoSnapshotsWhileDataIsAppended(t *testing.T) {
	for name, tc := range map[string]struct {
		spec EventSpec
		off  time.Duration
	}{
		"a move to a VPC": {EventSpec{}, 240 * appendGiB},
		"another upgrade": {EventSpec{ReasonCode: "HostUpgrade"}, 240 * appendGiB},
		"a failed one":    {EventSpec{WillFail: true}, 0},
		"a mere restart":  {EventSpec{Type: "SystemMaintenance.Reboot"}, 0},
		"a redeployment":  {EventSpec{Type: "SystemMaintenance.Redeploy"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, clock := start(t, Options{})
			c := newClient(t, s)
			in := s.Instances()[0]
			tc.spec.InstanceID, tc.spec.NotBefore = in.ID, clock.Now().Add(time.Hour)
			announce(t, s, tc.spec)
			clock.advance(75 * time.Minute)
			snapshot := params{"DiskId": in.Disks[0].ID}
			if tc.off > 0 {
				c.refused("CreateSnapshot", snapshot, 403, "IncorrectDiskStatus")
				clock.advance(tc.off - time.Second)
				c.refused("CreateSnapshot", snapshot, 403, "IncorrectDiskStatus")
				clock.advance(time.Second)
			}
			c.must("CreateSnapshot", snapshot)
		})
	}
}

func TestARunLeavesItsMarkOnTheInstance(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	const web = "i-bp1web01classic0001"
	if got := one(t, c, web); got["StartTime"] != "2017-12-10T04:04Z" {
		t.Errorf("started %v", got["StartTime"])
	}
	announce(t, s, EventSpec{InstanceID: web, NotBefore: clock.Now().Add(time.Hour)})
	clock.advance(75 * time.Minute)
	if got, want := one(t, c, web)["StartTime"], clock.Now().Format(minuteForm); got != want {
		t.Errorf("started %v, want %v", got, want)
	}
	var devices []any
	for _, d := range list(t, c.must("DescribeDisks", params{"InstanceId": web}), "Disks", "Disk") {
		devices = append(devices, d["Device"])
	}
	if len(devices) != 2 || devices[0] != "/dev/vda" || devices[1] != "/dev/vdb" {
		t.Errorf("devices %v", devices)
	}
	announce(t, s, EventSpec{InstanceID: web, Type: "SystemMaintenance.Stop", NotBefore: clock.Now().Add(time.Hour)})
	clock.advance(time.Hour)
	if got := one(t, c, web)["Status"]; got != Running {
		t.Errorf("before it is stopped it is %v", got)
	}
	clock.advance(time.Hour)
	if got := one(t, c, web)["Status"]; got != Stopped {
		t.Errorf("stopped, it is %v", got)
	}
}

// Source: API reference, DescribeSnapshots, Filter.N.
func TestFilterByCreation(t *testing.T) {
	s, clock := start(t, Options{})
	c := newClient(t, s)
	disk := s.Instances()[0].Disks[0].ID
	old, err := s.AddSnapshot(disk, clock.Now().Add(-48*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := s.AddSnapshot(disk, clock.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddSnapshot("d-none", clock.Now()); err == nil {
		t.Error("a snapshot of no disk")
	}
	found := func(more params) string {
		return ids(list(t, c.must("DescribeSnapshots", more), "Snapshots", "Snapshot"), "SnapshotId")
	}
	since := clock.Now().Add(-24 * time.Hour).Format(minuteForm)
	if got := found(params{"Filter.1.Key": "CreationStartTime", "Filter.1.Value": since}); got != fresh {
		t.Errorf("since a day: %s", got)
	}
	if got := found(nil); got != old+" "+fresh {
		t.Errorf("all: %s", got)
	}
	for _, action := range []string{"DescribeSnapshots", "DescribeDisks"} {
		c.refused(action, params{"Filter.1.Value": since}, 400, "MissingParameter")
		c.refused(action, params{"Filter.1.Key": "Size", "Filter.1.Value": "7"}, 400, "InvalidParameter")
		c.refused(action, params{"Filter.1.Key": "CreationStartTime", "Filter.1.Value": "2024-05-01T02:00:00Z"}, 400, "InvalidParameter")
	}
	if got := list(t, c.must("DescribeDisks", params{"Filter.1.Key": "CreationStartTime", "Filter.1.Value": since}), "Disks", "Disk"); len(got) != 0 {
		t.Errorf("disks of 2017 are new: %v", got)
	}
}

func TestLocalDisksHaveNoSnapshots(t *testing.T) {
	s, _ := start(t, Options{})
	if err := s.AddInstance("", Instance{ID: "i-local", Region: "cn-hangzhou", Disks: []Disk{{ID: "d-local", Category: "local_ssd_pro"}}}); err != nil {
		t.Fatal(err)
	}
	newClient(t, s).refused("CreateSnapshot", params{"DiskId": "d-local"}, 403, "OperationDenied.LocalDisk")
}
