package ecs

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// placedDisk is a disk with its instance and its place in the region's list.
type placedDisk struct {
	*Disk
	in  *Instance
	seq int64
}

// disks are the region's, in the order of their instances.
func (r *region) disks() []placedDisk {
	var out []placedDisk
	for _, in := range r.instances {
		for i := range in.Disks {
			out = append(out, placedDisk{&in.Disks[i], in, in.seq<<8 | int64(i)})
		}
	}
	return out
}

// describeDisks is the disks of instances.
// Source: API reference, DescribeDisks.
func describeDisks(c *call) ([]byte, *apiError) {
	p := c.req.params
	ids, given, refusal := c.idArray("DiskIds")
	if refusal != nil {
		return nil, refusal
	}
	page, refusal := c.pager(pageLimits{max: 500})
	if refusal != nil {
		return nil, refusal
	}
	if !page.byToken {
		page.size = min(page.size, 100)
	}
	disks := c.region.disks()
	if in := c.region.byID[p["InstanceId"]]; p["InstanceId"] != "" && in != nil {
		one := region{instances: []*Instance{in}}
		disks = one.disks()
	}
	since, refusal := c.createdSince()
	if refusal != nil {
		return nil, refusal
	}
	tags := c.req.tags()
	found := cut(c.server, page, disks, func(d placedDisk) int64 { return d.seq }, func(d placedDisk) bool {
		return (!given || ids[d.ID]) && d.in.is(p["InstanceId"], d.in.ID) && d.in.is(p["ZoneId"], d.in.Zone) &&
			all(p["DiskType"], d.Type) && all(p["Category"], d.Category) && all(p["Status"], d.Status) &&
			d.in.matches(tags, p["ResourceGroupId"]) && !d.in.Created.Before(since)
	})
	list := make([]map[string]any, len(found.items))
	for i, d := range found.items {
		list[i] = map[string]any{
			"DiskId": d.ID, "DiskName": d.Name, "Size": d.SizeGiB, "Type": d.Type, "Category": d.Category,
			"Device": d.Device, "Status": d.Status, "InstanceId": d.in.ID, "RegionId": c.region.name, "ZoneId": d.in.Zone,
			"Portable": d.Type != "system", "Encrypted": false, "DiskChargeType": "PrePaid",
			"CreationTime": d.in.Created.UTC().Format(timeForm), "DeleteWithInstance": true,
			"Attachments":    map[string]any{"Attachment": []any{map[string]any{"InstanceId": d.in.ID, "Device": d.Device}}},
			"OperationLocks": map[string]any{"OperationLock": []any{}}, "Tags": map[string]any{"Tag": []any{}},
		}
	}
	return c.reply(page.members(found.next, found.total), map[string]any{"Disks": map[string]any{"Disk": list}}), nil
}

// createdSince is the filter Filter.1.Key=CreationStartTime, the zero time where
// there is none. Source: API reference, DescribeDisks and DescribeSnapshots; that
// another key, or another form of time, is refused is inferred.
func (c *call) createdSince() (time.Time, *apiError) {
	key, value := c.req.params["Filter.1.Key"], c.req.params["Filter.1.Value"]
	switch {
	case key == "" && value == "":
		return time.Time{}, nil
	case key == "":
		return time.Time{}, missing("Filter.1.Key") // "you must also specify the Filter.1.Key parameter"
	case key != "CreationStartTime":
		return time.Time{}, invalid("Filter.1.Key")
	}
	at, err := time.Parse(minuteForm, value)
	if err != nil {
		return time.Time{}, invalid("Filter.1.Value")
	}
	return at, nil
}

// all is a filter whose word for any is "all" or nothing.
func all(filter, value string) bool {
	return filter == "" || strings.EqualFold(filter, "all") || filter == value
}

// snapshotTakes is how long a snapshot is made (invented).
const snapshotTakes = 5 * time.Minute

type snapshot struct {
	id, name, token string
	disk            *Disk
	instance        string
	created         time.Time
	seq             int64
}

// createSnapshot backs a disk up.
// Source: API reference, CreateSnapshot. The status and text of
// InvalidDiskId.NotFound are inferred.
func createSnapshot(c *call) ([]byte, *apiError) {
	p := c.req.params
	if p["DiskId"] == "" {
		return nil, missing("DiskId")
	}
	for _, name := range c.account.Regions {
		reg := c.account.regions[name]
		c.server.settle(reg)
		for _, d := range reg.disks() {
			if d.ID == p["DiskId"] {
				return c.snapshot(reg, d)
			}
		}
	}
	return nil, refuse(http.StatusNotFound, "InvalidDiskId.NotFound", "The specified DiskId does not exist.")
}

func (c *call) snapshot(reg *region, d placedDisk) ([]byte, *apiError) {
	p := c.req.params
	if slices.Contains(d.in.Locks, "security") {
		return nil, refuse(http.StatusForbidden, "InstanceLockedForSecurity", "The instance is locked due to security.")
	}
	if d.in.Status != Running && d.in.Status != Stopped {
		return nil, errInstanceStatus
	}
	if d.Local() {
		return nil, refuse(http.StatusForbidden, "OperationDenied.LocalDisk", "Local disks do not support snapshots.")
	}
	// Source: the migration notice: snapshots and disk functions are off while
	// data is appended. Code and text are as of a disk in a wrong state (inferred).
	if c.server.now().Before(d.in.Appending) {
		return nil, refuse(http.StatusForbidden, "IncorrectDiskStatus", "The current disk status does not support this operation.")
	}
	for _, s := range reg.snapshots {
		if s.token != "" && s.token == p["ClientToken"] {
			return c.reply(map[string]any{"SnapshotId": s.id}), nil
		}
	}
	if strings.HasPrefix(p["SnapshotName"], "auto") { // names of automatic ones
		return nil, refuse(http.StatusBadRequest, "InvalidSnapshotName.Malformed", "The specified parameter \"SnapshotName\" is not valid.")
	}
	s := &snapshot{
		id: newID("s"), name: p["SnapshotName"], token: p["ClientToken"], disk: d.Disk, instance: d.in.ID,
		created: second(c.server.now()), seq: int64(len(reg.snapshots) + 1),
	}
	reg.snapshots = append(reg.snapshots, s)
	return c.reply(map[string]any{"SnapshotId": s.id}), nil
}

// Local tells whether the disk lives in the host. Source: API reference,
// DescribeDisks, Category; the user guide says of local disks that they have no
// snapshots.
func (d Disk) Local() bool {
	return strings.HasPrefix(d.Category, "local_") || d.Category == "ephemeral" || d.Category == "ephemeral_ssd"
}

// AddSnapshot puts a snapshot of a disk there, as a policy of the account makes
// them, begun at the given moment, and gives its id.
func (s *Server) AddSnapshot(diskID string, at time.Time) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, acc := range s.accounts {
		for _, name := range acc.Regions {
			reg := acc.regions[name]
			for _, d := range reg.disks() {
				if d.ID == diskID {
					one := &snapshot{
						id: newID("s"), name: "auto2.0_" + at.UTC().Format("20060102"), disk: d.Disk, instance: d.in.ID,
						created: second(at), seq: int64(len(reg.snapshots) + 1),
					}
					reg.snapshots = append(reg.snapshots, one)
					return one.id, nil
				}
			}
		}
	}
	return "", fmt.Errorf("no disk %q", diskID)
}

// describeSnapshots is the snapshots made so far.
// Source: API reference, DescribeSnapshots.
func describeSnapshots(c *call) ([]byte, *apiError) {
	p := c.req.params
	ids, given, refusal := c.idArray("SnapshotIds")
	if refusal != nil {
		return nil, refusal
	}
	page, refusal := c.pager(pageLimits{max: 100})
	if refusal != nil {
		return nil, refusal
	}
	since, refusal := c.createdSince()
	if refusal != nil {
		return nil, refusal
	}
	now := c.server.now()
	found := cut(c.server, page, c.region.snapshots, func(s *snapshot) int64 { return s.seq }, func(s *snapshot) bool {
		status, _ := s.progress(now)
		return (!given || ids[s.id]) && (p["DiskId"] == "" || p["DiskId"] == s.disk.ID) &&
			(p["InstanceId"] == "" || p["InstanceId"] == s.instance) && all(p["Status"], status) &&
			like(p["SnapshotName"], s.name) && !s.created.Before(since)
	})
	list := make([]map[string]any, len(found.items))
	for i, s := range found.items {
		status, percent := s.progress(now)
		list[i] = map[string]any{
			"SnapshotId": s.id, "SnapshotName": s.name, "SourceDiskId": s.disk.ID, "SourceDiskType": s.disk.Type,
			"SourceDiskSize": itoa(s.disk.SizeGiB), "Status": status, "Progress": percent, "Available": status == "accomplished",
			"CreationTime": s.created.Format(timeForm), "SnapshotType": "user", "Usage": "none", "RegionId": c.region.name,
			"Encrypted": false,
		}
	}
	return c.reply(page.members(found.next, found.total), map[string]any{"Snapshots": map[string]any{"Snapshot": list}}), nil
}

// progress is a snapshot's Status and Progress at a moment.
func (s *snapshot) progress(now time.Time) (status, percent string) {
	done := now.Sub(s.created)
	if done >= snapshotTakes {
		return "accomplished", "100%"
	}
	return "progressing", itoa(int(100*max(done, 0)/snapshotTakes)) + "%"
}
