package migration

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of what is kept of one instance, so that no record grows without end.
// The cloud's own bounds are mostly lower (20 tags an instance).
const (
	MaxDisks = 40
	MaxTags  = 30
	maxCards = 40  // network interfaces, security groups
	maxIPs   = 100 // addresses of a kind
	maxFact  = 256 // bytes of one text
)

// NIC is a network interface of an instance.
type NIC struct {
	ID  string `json:"id,omitempty"`
	MAC string `json:"mac"`
	IP  string `json:"ip,omitempty"` // its primary address
	// Public says that it carries the public address of a classic instance; the
	// cloud tells that by the address alone.
	Public bool `json:"public,omitempty"`
}

// Disk is a block device of an instance.
type Disk struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Type     string `json:"type,omitempty"`     // system or data
	Category string `json:"category,omitempty"` // cloud_efficiency, local_ssd_pro, …
	Device   string `json:"device,omitempty"`   // /dev/xvda, …
	SizeGiB  int    `json:"size_gib,omitempty"`
	// Snapshot is the latest one, nil where there is none or none is known; see
	// Instance.SnapshotsAt.
	Snapshot *Snapshot `json:"snapshot,omitempty"`
}

// Local tells whether the disk lives in the host: what is on it goes with it.
// Source: API reference, DescribeDisks, Category.
func (d Disk) Local() bool {
	return strings.HasPrefix(d.Category, "local_") || d.Category == "ephemeral" || d.Category == "ephemeral_ssd"
}

// System tells whether the instance boots from the disk.
func (d Disk) System() bool { return d.Type == "system" }

// Snapshot is a backup of a disk.
type Snapshot struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`               // when it was begun
	Status string    `json:"status,omitempty"` // progressing, accomplished or failed
}

// SnapshotFate is what became of a disk's latest snapshot over the run.
type SnapshotFate string

// The fates.
const (
	SnapshotUnknown SnapshotFate = ""     // there was none, or one side was not read
	SnapshotKept    SnapshotFate = "kept" // the cloud still lists it
	SnapshotLost    SnapshotFate = "lost" // the cloud lists it no more, or as failed
)

// Snapshot tells what became of the latest snapshot that a disk had before the
// run, and which one that was. One that was made since says nothing about it.
func (m Migration) Snapshot(disk string) (SnapshotFate, Snapshot) {
	if m.Before == nil || m.After == nil || m.Before.SnapshotsAt.IsZero() || m.After.SnapshotsAt.IsZero() {
		return SnapshotUnknown, Snapshot{}
	}
	of := func(i *Instance) *Disk {
		at := slices.IndexFunc(i.Disks, func(d Disk) bool { return d.ID == disk })
		if at < 0 {
			return nil
		}
		return &i.Disks[at]
	}
	was, is := of(m.Before), of(m.After)
	switch {
	case was == nil || is == nil || was.Snapshot == nil || was.Snapshot.Status == snapshotFailed:
		return SnapshotUnknown, Snapshot{}
	case is.Snapshot == nil, is.Snapshot.Status == snapshotFailed, is.Snapshot.At.Before(was.Snapshot.At):
		return SnapshotLost, *was.Snapshot
	case is.Snapshot.ID == was.Snapshot.ID:
		return SnapshotKept, *was.Snapshot
	}
	return SnapshotUnknown, Snapshot{}
}

// snapshotFailed is the status of a snapshot that is none.
const snapshotFailed = "failed"

// DisksKnown tells whether the instance's disks were read.
func (i Instance) DisksKnown() bool { return !i.DisksAt.IsZero() }

// LocalDisks are those that live in the host.
func (i Instance) LocalDisks() []Disk {
	var local []Disk
	for _, d := range i.Disks {
		if d.Local() {
			local = append(local, d)
		}
	}
	return local
}

// WithDisks is the instance with its disks, as read at the moment at.
func (i Instance) WithDisks(disks []Disk, at time.Time) Instance {
	i.Disks, i.DisksAt, i.DiskGiB, i.Extra = slices.Clone(disks), at, 0, 0
	for _, d := range disks {
		i.DiskGiB += d.SizeGiB
	}
	// By id, not by device: a device may be renamed, and the same disks must be
	// kept before and after.
	slices.SortFunc(i.Disks, func(a, b Disk) int {
		if a.System() != b.System() {
			if a.System() {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.ID, b.ID)
	})
	if over := len(i.Disks) - MaxDisks; over > 0 {
		i.Disks, i.Extra = i.Disks[:MaxDisks], over
	}
	return i
}

// bounded is the instance with no more than what a record may hold.
func (i Instance) bounded() Instance {
	for _, s := range []*string{&i.ID, &i.Name, &i.Zone, &i.Status, &i.OSType, &i.OSName, &i.NetworkType, &i.VPC, &i.VSwitch, &i.EIP} {
		*s = brief(*s)
	}
	i.PublicIPs, i.PrivateIPs = few(i.PublicIPs, maxIPs), few(i.PrivateIPs, maxIPs)
	i.MACs, i.SecurityGroups = few(i.MACs, maxCards), few(i.SecurityGroups, maxCards)
	i.NICs = slices.Clone(i.NICs[:min(len(i.NICs), maxCards)])
	for n := range i.NICs {
		c := &i.NICs[n]
		c.ID, c.MAC, c.IP = brief(c.ID), brief(c.MAC), brief(c.IP)
	}
	i.Disks = slices.Clone(i.Disks[:min(len(i.Disks), MaxDisks)])
	for n := range i.Disks {
		d := &i.Disks[n]
		d.ID, d.Name, d.Type, d.Category, d.Device = brief(d.ID), brief(d.Name), brief(d.Type), brief(d.Category), brief(d.Device)
		if d.Snapshot != nil {
			s := *d.Snapshot
			s.ID, s.Status = brief(s.ID), brief(s.Status)
			d.Snapshot = &s
		}
	}
	i.Tags = fewTags(i.Tags)
	return i
}

// fewTags keeps the owner's, then the first by name.
func fewTags(all map[string]string) map[string]string {
	if all == nil {
		return nil
	}
	names := slices.Sorted(maps.Keys(all))
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(rank(a), rank(b))
	})
	kept := map[string]string{}
	for _, name := range names[:min(len(names), MaxTags)] {
		kept[brief(name)] = brief(all[name])
	}
	return kept
}

func rank(tag string) int {
	if slices.Contains(ownerTags[:], tag) {
		return 0
	}
	return 1
}

func few(all []string, most int) []string {
	if len(all) == 0 {
		return nil
	}
	kept := slices.Clone(all[:min(len(all), most)])
	for i := range kept {
		kept[i] = brief(kept[i])
	}
	return kept
}

// brief cuts a text to maxFact bytes, between characters.
func brief(s string) string { return Brief(s, maxFact) }

// Brief cuts a text to n bytes, between characters.
func Brief(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:n]
	for len(s) > 0 {
		if r, size := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || size != 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}

// appendGiB is how long about 1 GiB is appended below a migrated disk, during
// which its I/O is slow and its snapshots and functions are off. Source: the
// migration notice, 4 hours for each 100 GiB.
const appendGiB = 4 * time.Hour / 100

// Appending is about how long data is appended below the instance's disks after
// a host migration, zero where they are not known.
func (i Instance) Appending() time.Duration { return time.Duration(i.DiskGiB) * appendGiB }

// IORecovery is when about snapshots and disk functions are possible again
// after the migration, UTC. known is false where the event is no host migration
// or has not ended well, or where the disks or the end are not known.
func (m Migration) IORecovery() (until time.Time, known bool) {
	disks := m.disks()
	if !KindOf(m.Event.Type).Migrates || m.Event.Status != Executed || m.Event.FinishedAt.IsZero() || !disks.DisksKnown() {
		return time.Time{}, false
	}
	return m.Event.FinishedAt.Add(disks.Appending()), true
}

// disks is the reading of the instance that knows its disks best: those it had
// when the event ran.
func (m Migration) disks() Instance {
	for _, i := range []*Instance{m.Before, &m.Instance, m.After} {
		if i != nil && i.DisksKnown() {
			return *i
		}
	}
	return Instance{}
}
