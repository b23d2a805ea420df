package ecs_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/migration"
	stub "ecs-migrate/internal/stub/ecs"
)

// more adds instances with two disks each and gives their ids.
func (w *world) more(n int) []string {
	w.t.Helper()
	var ids []string
	for i := range n {
		id := fmt.Sprintf("i-more-%04d", i)
		disks := []stub.Disk{{ID: "d-system-" + id, Type: "system", SizeGiB: 40}, {ID: "d-data-" + id, SizeGiB: 100}}
		if err := w.cloud.AddInstance("prod", stub.Instance{ID: id, Region: hangzhou, Disks: disks}); err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func TestDisksOfAFewInstancesAreAskedForOneByOne(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	w.more(3)
	got, err := w.ecs.Disks(t.Context(), hangzhou, []string{"i-more-0001", "i-gone", web, "i-more-0001"})
	if err != nil || len(got) != 2 || len(w.requests("DescribeDisks")) != 3 {
		t.Fatalf("%d instances by %d calls, %v", len(got), len(w.requests("DescribeDisks")), err)
	}
	want := []migration.Disk{
		{ID: "d-system-i-more-0001", Name: "d-system-i-more-0001", Type: "system", Category: "cloud_efficiency", Device: "/dev/xvda", SizeGiB: 40},
		{ID: "d-data-i-more-0001", Name: "d-data-i-more-0001", Type: "data", Category: "cloud_efficiency", Device: "/dev/xvdb", SizeGiB: 100},
	}
	if d := cmp.Diff(want, got["i-more-0001"]); d != "" {
		t.Error(d)
	}
	for _, q := range w.requests("DescribeDisks") {
		if q.Get("MaxResults") != "500" || q.Get("RegionId") != hangzhou || q.Get("InstanceId") == "" {
			t.Errorf("asked %v", q)
		}
	}
}

func TestDisksOfManyInstancesAreReadFromTheRegionsList(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	ids := w.more(400)
	got, err := w.ecs.Disks(t.Context(), hangzhou, ids[:100])
	if err != nil || len(got) != 100 || len(w.requests("DescribeDisks")) != 2 {
		t.Fatalf("%d instances by %d calls, %v; want 100 by 2", len(got), len(w.requests("DescribeDisks")), err)
	}
	for _, id := range ids[:100] {
		if len(got[id]) != 2 {
			t.Errorf("%s has %d disks", id, len(got[id]))
		}
	}
	if n, err := w.ecs.Disks(t.Context(), hangzhou, nil); err != nil || len(n) != 0 || len(w.requests("DescribeDisks")) != 2 {
		t.Errorf("asked for nothing: %v, %v", n, err)
	}
}

// A region's list that is longer than it is worth is left.
func TestALongListIsLeftForSingleCalls(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	ids := w.more(1100)
	got, err := w.ecs.Disks(t.Context(), hangzhou, ids[1000:1008])
	if n := len(w.requests("DescribeDisks")); err != nil || len(got) != 8 || n != 4+8 {
		t.Fatalf("%d instances by %d calls, %v; want 8 by 12", len(got), n, err)
	}
	for id, disks := range got {
		if len(disks) != 2 {
			t.Errorf("%s has %d disks", id, len(disks))
		}
	}
}

func TestDisksThatTheCloudHidesOrRefuses(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	if err := w.cloud.Deny(stub.DefaultKeyID, "ecs:DescribeDisks", "ecs:DescribeSnapshots"); err != nil {
		t.Fatal(err)
	}
	got, err := w.ecs.Disks(t.Context(), hangzhou, []string{web})
	if err != nil || len(got) != 0 {
		t.Errorf("hidden: %v, %v", got, err)
	}
	snapshots, err := w.ecs.Snapshots(t.Context(), hangzhou, map[string][]migration.Disk{web: {{ID: "d-1"}}})
	if err != nil || len(snapshots) != 0 {
		t.Errorf("hidden: %v, %v", snapshots, err)
	}

	for _, ids := range [][]string{{web}, {"i-1", "i-2", "i-3", "i-4", "i-5", "i-6"}} {
		w := newWorld(t, ecs.Options{})
		w.inject(stub.Fault{Kind: stub.FaultFail, Action: "DescribeDisks", Status: 403, Code: "Forbidden.RAM"})
		_, err := w.ecs.Disks(t.Context(), hangzhou, ids)
		if e := cloudError(t, err); e.Kind != migration.CloudNotAllowed || e.Action != "ecs:DescribeDisks" {
			t.Errorf("refused: %v", err)
		}
		if n := len(w.requests("DescribeDisks")); n != 1 {
			t.Errorf("%d calls for %d instances, want one: the next would be refused too", n, len(ids))
		}
	}
}

func TestDisksInOddShapes(t *testing.T) {
	const body = `{"RequestId":"R","Disks":{"Disk":[null,7,"x",{"Size":1},
		{"DiskId":"d-1","Size":"40","Type":"system","Device":"/dev/xvda","InstanceId":"i-1"},
		{"DiskId":"d-2","Size":100.0,"Category":"local_ssd_pro","InstanceId":"i-1","Attachments":null},
		{"DiskId":"d-3","Size":-7,"Attachments":{"Attachment":[{"InstanceId":"i-1","Device":"/dev/xvdc"},{"InstanceId":"i-2","Device":"/dev/xvdd"},{}]}},
		{"DiskId":"d-1","Size":40,"Type":"system","InstanceId":"i-1"},
		{"DiskId":"d-4","InstanceId":"i-other"}]}}`
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
	got, err := c.Disks(t.Context(), hangzhou, []string{"i-1", "i-2", "i-3", "i-4", "i-5"})
	want := map[string][]migration.Disk{
		"i-1": {
			{ID: "d-1", Type: "system", Device: "/dev/xvda", SizeGiB: 40}, {ID: "d-2", Category: "local_ssd_pro", SizeGiB: 100},
			{ID: "d-3", Device: "/dev/xvdc"},
		},
		"i-2": {{ID: "d-3", Device: "/dev/xvdd"}},
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
	for _, bad := range []string{`[]`, `{"login":"please"}`, `{"RequestId":"R","Disks":{"Disk":7},"Snapshots":{"Snapshot":7}}`} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, bad) })
		_, err := c.Disks(t.Context(), hangzhou, []string{"i-1"})
		if e := cloudError(t, err); e.Kind != migration.CloudMalformed || e.Action != "ecs:DescribeDisks" {
			t.Errorf("%s: %v", bad, err)
		}
		_, err = c.Snapshots(t.Context(), hangzhou, map[string][]migration.Disk{"i-1": {{ID: "d-1"}}})
		if e := cloudError(t, err); e.Kind != migration.CloudMalformed || e.Action != "ecs:DescribeSnapshots" {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestTheLatestSnapshotOfEachDisk(t *testing.T) {
	clock := standing(time.Date(2024, 5, 1, 8, 30, 0, 0, time.UTC))
	w := newWorld(t, ecs.Options{Clock: clock})
	w.more(2)
	snap := func(disk string, ago time.Duration) migration.Snapshot {
		at := w.now.Add(-ago)
		id, err := w.cloud.AddSnapshot(disk, at)
		if err != nil {
			t.Fatal(err)
		}
		return migration.Snapshot{ID: id, At: at, Status: "accomplished"}
	}
	day := 24 * time.Hour
	snap("d-system-i-more-0000", 3*day)
	recent := snap("d-system-i-more-0000", day)
	data := snap("d-data-i-more-0000", 2*day)
	snap("d-system-i-more-0001", 60*day)
	old := snap("d-system-i-more-0001", 50*day)
	disks, err := w.ecs.Disks(t.Context(), hangzhou, []string{"i-more-0000", "i-more-0001"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.ecs.Snapshots(t.Context(), hangzhou, disks)
	want := map[string]migration.Snapshot{"d-system-i-more-0000": recent, "d-data-i-more-0000": data, "d-system-i-more-0001": old}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
	// The history is read only of who has a disk without a recent one.
	var whole []string
	for _, q := range w.requests("DescribeSnapshots") {
		if q.Get("Filter.1.Key") == "" {
			whole = append(whole, q.Get("InstanceId"))
		} else if q.Get("Filter.1.Value") != "2024-04-23T08:30Z" {
			t.Errorf("asked since %s", q.Get("Filter.1.Value"))
		}
	}
	if !slices.Equal(whole, []string{"i-more-0001"}) || len(w.requests("DescribeSnapshots")) != 3 {
		t.Errorf("history of %v, %d calls", whole, len(w.requests("DescribeSnapshots")))
	}

	local := map[string][]migration.Disk{"i-more-0000": {{ID: "d-x", Category: "local_ssd_pro"}}}
	if got, err := w.ecs.Snapshots(t.Context(), hangzhou, local); err != nil || len(got) != 0 || len(w.requests("DescribeSnapshots")) != 3 {
		t.Errorf("local disks have none: %v, %v", got, err)
	}
}

func TestSnapshotsOfManyInstancesAreReadTogether(t *testing.T) {
	w := newWorld(t, ecs.Options{Clock: standing(time.Date(2024, 5, 1, 8, 30, 0, 0, time.UTC))})
	ids := w.more(60)
	for _, id := range ids {
		for _, disk := range []string{"d-system-" + id, "d-data-" + id} {
			if _, err := w.cloud.AddSnapshot(disk, w.now.Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	disks, err := w.ecs.Disks(t.Context(), hangzhou, ids)
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.ecs.Snapshots(t.Context(), hangzhou, disks)
	if n := len(w.requests("DescribeSnapshots")); err != nil || len(got) != 120 || n != 2 {
		t.Errorf("%d snapshots by %d calls, %v; want 120 by 2", len(got), n, err)
	}
}

func TestAFailedSnapshotCountsLess(t *testing.T) {
	const body = `{"RequestId":"R","Snapshots":{"Snapshot":[null,{"SnapshotId":"s-0"},
		{"SnapshotId":"s-1","SourceDiskId":"d-1","CreationTime":"2024-04-30T01:00Z","Status":"accomplished"},
		{"SnapshotId":"s-2","SourceDiskId":"d-1","CreationTime":"2024-05-01T01:00:00Z","Status":"failed"},
		{"SnapshotId":"s-3","SourceDiskId":"d-1","CreationTime":"2024-04-29T01:00:00Z","Status":"accomplished"},
		{"SnapshotId":"s-4","SourceDiskId":"d-1","CreationTime":"soon","Status":"accomplished"},
		{"SnapshotId":"s-5","SourceDiskId":"d-2","CreationTime":"2024-05-01T01:00:00Z","Status":"failed"},
		{"SnapshotId":"s-6","SourceDiskId":"d-other","CreationTime":"2024-05-01T01:00:00Z"}]}}`
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
	got, err := c.Snapshots(t.Context(), hangzhou, map[string][]migration.Disk{"i-1": {{ID: "d-1"}, {ID: "d-2"}, {ID: "d-3"}}})
	if err != nil || len(got) != 2 || got["d-1"].ID != "s-1" || got["d-2"].Status != "failed" {
		t.Errorf("%v, %v", got, err)
	}
}

// Years of snapshots are not read to their end.
func TestAnEndlessHistoryOfSnapshotsIsLeft(t *testing.T) {
	n := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("Filter.1.Key") != "" {
			io.WriteString(w, `{"RequestId":"R"}`)
			return
		}
		n++
		fmt.Fprintf(w, `{"RequestId":"R","NextToken":"%d","Snapshots":{"Snapshot":[{"SnapshotId":"s-%d","SourceDiskId":"d-1","CreationTime":"2020-05-%02dT01:00Z"}]}}`, n, n, n)
	})
	got, err := c.Snapshots(t.Context(), hangzhou, map[string][]migration.Disk{"i-1": {{ID: "d-1"}}})
	if err != nil || n != 10 || got["d-1"].ID != "s-10" {
		t.Errorf("%d calls, %v, %v", n, got, err)
	}
}

func TestFactsTellSystemBootAndInterfaces(t *testing.T) {
	w := newWorld(t, ecs.Options{})
	err := w.cloud.AddInstance("prod", stub.Instance{
		ID: "i-up", Region: hangzhou, Classic: true, PublicIP: "203.0.113.9", PrivateIP: "10.0.0.9", OSName: "Windows Server 2012 R2",
		Started: time.Date(2020, 1, 2, 3, 4, 0, 0, time.UTC), MACs: []string{"m-1", "m-2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = w.cloud.AddInstance("prod", stub.Instance{ID: "i-vpc", Region: hangzhou, PublicIP: "203.0.113.8", MACs: []string{"m-3", "m-4"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.ecs.Instances(t.Context(), hangzhou, []string{"i-up", "i-vpc"})
	if err != nil {
		t.Fatal(err)
	}
	up := got["i-up"]
	if up.OSName != "Windows Server 2012 R2" || !up.StartedAt.Equal(time.Date(2020, 1, 2, 3, 4, 0, 0, time.UTC)) || len(up.NICs) != 2 ||
		up.NICs[0].Public || !up.NICs[1].Public || up.NICs[1].MAC != "m-2" || up.NICs[0].IP != "10.0.0.9" || up.DisksKnown() {
		t.Errorf("%+v", up)
	}
	for _, c := range got["i-vpc"].NICs {
		if c.Public {
			t.Errorf("in a VPC no interface is public: %+v", c)
		}
	}
	if s := w.log.String(); strings.Contains(s, "cannot be read") {
		t.Error(s)
	}
}
