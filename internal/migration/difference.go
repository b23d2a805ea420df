package migration

import (
	"cmp"
	"slices"
)

// DifferenceKind is what of an instance changed.
type DifferenceKind string

// The kinds of difference, in the order in which they matter to people.
const (
	DiffStatus     DifferenceKind = "status"
	DiffPublicIP   DifferenceKind = "public_ip"
	DiffEIP        DifferenceKind = "eip"
	DiffPrivateIP  DifferenceKind = "private_ip"
	DiffNetwork    DifferenceKind = "network"
	DiffVPC        DifferenceKind = "vpc"
	DiffVSwitch    DifferenceKind = "vswitch"
	DiffZone       DifferenceKind = "zone"
	DiffGroups     DifferenceKind = "security_groups"
	DiffMAC        DifferenceKind = "mac"
	DiffDevice     DifferenceKind = "device" // a disk has another device name
	DiffDiskGone   DifferenceKind = "disk_gone"
	DiffDiskNew    DifferenceKind = "disk_new"
	DiffDiskUnread DifferenceKind = "disks_unread" // disks could not be compared
)

// DifferenceKinds are all kinds, in order.
var DifferenceKinds = [...]DifferenceKind{
	DiffStatus, DiffPublicIP, DiffEIP, DiffPrivateIP, DiffNetwork, DiffVPC, DiffVSwitch, DiffZone, DiffGroups,
	DiffMAC, DiffDevice, DiffDiskGone, DiffDiskNew, DiffDiskUnread,
}

// Difference is one thing that is not as it was.
type Difference struct {
	Kind DifferenceKind
	// Gone is what was there before only, New what is there now only; either may
	// be empty. Of devices, Gone[i] became New[i].
	Gone, New []string
	// Disk is of a device the disk's id.
	Disk string
}

// Differences tells what is not as it was, in the order in which it matters;
// empty where nothing changed, and where either side was not read. What one side
// does not tell is no difference.
func Differences(before, after Instance) []Difference {
	if !before.Known() || !after.Known() {
		return nil
	}
	var all []Difference
	one := func(kind DifferenceKind, was, is string) {
		if was != is {
			all = append(all, Difference{Kind: kind, Gone: some(was), New: some(is)})
		}
	}
	set := func(kind DifferenceKind, was, is []string) {
		gone, fresh := without(was, is), without(is, was)
		if len(gone)+len(fresh) > 0 {
			all = append(all, Difference{Kind: kind, Gone: gone, New: fresh})
		}
	}
	// told leaves out what one side does not tell: every instance has it.
	told := func(kind DifferenceKind, was, is string) {
		if was != "" && is != "" {
			one(kind, was, is)
		}
	}
	told(DiffStatus, before.Status, after.Status)
	set(DiffPublicIP, before.PublicIPs, after.PublicIPs)
	one(DiffEIP, before.EIP, after.EIP)
	set(DiffPrivateIP, before.PrivateIPs, after.PrivateIPs)
	told(DiffNetwork, before.NetworkType, after.NetworkType)
	one(DiffVPC, before.VPC, after.VPC)
	one(DiffVSwitch, before.VSwitch, after.VSwitch)
	told(DiffZone, before.Zone, after.Zone)
	set(DiffGroups, before.SecurityGroups, after.SecurityGroups)
	set(DiffMAC, before.MACs, after.MACs)
	return append(all, diskDifferences(before, after)...)
}

// diskDifferences compares the disks that are known on both sides.
func diskDifferences(before, after Instance) []Difference {
	switch {
	case !before.DisksKnown() && !after.DisksKnown():
		return nil // they were never known: nobody expects a comparison
	case !before.DisksKnown() || !after.DisksKnown():
		return []Difference{{Kind: DiffDiskUnread}}
	}
	now := map[string]Disk{}
	for _, d := range after.Disks {
		now[d.ID] = d
	}
	var renamed []Difference
	var was, is []string
	for _, d := range before.Disks {
		was = append(was, d.ID)
		if n, ok := now[d.ID]; ok && d.Device != "" && n.Device != "" && d.Device != n.Device {
			renamed = append(renamed, Difference{Kind: DiffDevice, Gone: some(d.Device), New: some(n.Device), Disk: d.ID})
		}
	}
	for _, d := range after.Disks {
		is = append(is, d.ID)
	}
	slices.SortStableFunc(renamed, func(a, b Difference) int { return cmp.Compare(a.Gone[0], b.Gone[0]) })
	// Where some were left out of a reading, one that is missing may be there.
	if gone := without(was, is); len(gone) > 0 && after.Extra == 0 {
		renamed = append(renamed, Difference{Kind: DiffDiskGone, Gone: gone})
	}
	if fresh := without(is, was); len(fresh) > 0 && before.Extra == 0 {
		renamed = append(renamed, Difference{Kind: DiffDiskNew, New: fresh})
	}
	return renamed
}

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// without are those of a that b lacks, each once, in the order of a.
func without(a, b []string) []string {
	var left []string
	for _, s := range a {
		if !slices.Contains(b, s) && !slices.Contains(left, s) {
			left = append(left, s)
		}
	}
	return left
}
