package migration

import "time"

// ConsequenceKind is what an event means for its instance.
type ConsequenceKind string

// The kinds of consequence, in the order in which they are shown: what is lost
// first.
const (
	ConsPublicReleased ConsequenceKind = "public_released" // IPs are released: no outbound bandwidth
	ConsLocalDisks     ConsequenceKind = "local_disks"     // Disks are wiped; none named: those there may be
	ConsBadDisk        ConsequenceKind = "bad_disk"        // the damaged disk's data is lost
	ConsToVPC          ConsequenceKind = "to_vpc"          // IPs, private ones, are replaced at random
	ConsStaysInVPC     ConsequenceKind = "in_vpc"          // no move: the instance is in VPC already
	ConsPublicKept     ConsequenceKind = "public_kept"     // IPs stay
	ConsPublicNIC      ConsequenceKind = "public_nic"      // wiped, with its MACs, none where they are not known
	ConsLicence        ConsequenceKind = "licence"         // codes may change
	ConsIO             ConsequenceKind = "io"              // slow, functions off for For; GiB 0: not known
	ConsSnapshots      ConsequenceKind = "snapshots"       // of the run's day are void; At: the latest such one
	ConsFileSystem     ConsequenceKind = "file_system"     // checked at boot; At: the last boot
	ConsDowntime       ConsequenceKind = "downtime"        // For, with a restart
	ConsRecovering     ConsequenceKind = "recovering"      // after the run: functions are off until At
	ConsUnread         ConsequenceKind = "unread"          // facts are not known
	ConsDisksUnread    ConsequenceKind = "disks_unread"    // disks are not known
)

// Consequence is one thing an event means for its instance. Words are the
// notifier's.
type Consequence struct {
	Kind  ConsequenceKind
	IPs   []string
	MACs  []string
	Disks []Disk
	VPC   string
	GiB   int
	For   time.Duration
	At    time.Time
}

const (
	// downtime is the notice's.
	downtime = 15 * time.Minute
	// longUptime is after how long a boot may check file systems; the notice
	// says "long". Source: the interval that mke2fs has always set when told to
	// check by time, 180 days.
	longUptime = 180 * 24 * time.Hour
)

// noticeZone is the zone of the notice's days.
var noticeZone = time.FixedZone("UTC+8", 8*60*60)

// Consequences are what the event means for this very instance, as of now: from
// its facts, its type and the migration notice, and nothing that does not apply.
// After the run it is what still lasts.
func (m Migration) Consequences(now time.Time) []Consequence {
	if m.Event.Status.Final() {
		if until, known := m.IORecovery(); known && now.Before(until) {
			return []Consequence{{Kind: ConsRecovering, At: until, GiB: m.disks().DiskGiB}}
		}
		return nil
	}
	var all []Consequence
	add := func(c Consequence) { all = append(all, c) }
	inst, kind := m.Instance, KindOf(m.Event.Type)
	m.losses(kind, add)
	switch {
	case m.ToVPC():
		m.leaveClassic(add)
	case kind.Migrates && inst.VPC != "":
		add(Consequence{Kind: ConsStaysInVPC, VPC: inst.VPC})
	}
	if kind.Migrates {
		add(Consequence{Kind: ConsLicence})
		add(Consequence{Kind: ConsIO, GiB: inst.DiskGiB, For: inst.Appending()})
		add(m.voidSnapshots())
	}
	if (kind.Restarts || kind.Stops) && !inst.StartedAt.IsZero() && m.bootAfter(now).Sub(inst.StartedAt) > longUptime {
		add(Consequence{Kind: ConsFileSystem, At: inst.StartedAt})
	}
	if kind.Migrates {
		add(Consequence{Kind: ConsDowntime, For: downtime})
	}
	switch {
	case !inst.Known():
		add(Consequence{Kind: ConsUnread})
	case !inst.DisksKnown() && (kind.Migrates || kind.Redeploys):
		add(Consequence{Kind: ConsDisksUnread})
	}
	return all
}

// losses are what does not come back.
func (m Migration) losses(kind Kind, add func(Consequence)) {
	inst := m.Instance
	if m.ToVPC() && len(inst.PublicIPs) > 0 && inst.BandwidthOut == 0 {
		add(Consequence{Kind: ConsPublicReleased, IPs: inst.PublicIPs})
	}
	if local := inst.LocalDisks(); kind.Redeploys && (len(local) > 0 || !inst.DisksKnown() || inst.Extra > 0) {
		add(Consequence{Kind: ConsLocalDisks, Disks: local})
	}
	if kind.BreaksDisk {
		add(Consequence{Kind: ConsBadDisk})
	}
}

// leaveClassic is what the move from the classic network to a VPC does to the
// instance's addresses.
func (m Migration) leaveClassic(add func(Consequence)) {
	inst := m.Instance
	add(Consequence{Kind: ConsToVPC, IPs: inst.PrivateIPs})
	if len(inst.PublicIPs) > 0 && inst.BandwidthOut > 0 {
		add(Consequence{Kind: ConsPublicKept, IPs: inst.PublicIPs})
	}
	// An instance without a public address has no public interface; where
	// nothing is known, it may have one.
	if len(inst.PublicIPs) > 0 || !inst.Known() {
		var macs []string
		for _, c := range inst.NICs {
			if c.Public {
				macs = append(macs, c.MAC)
			}
		}
		add(Consequence{Kind: ConsPublicNIC, MACs: macs})
	}
}

// voidSnapshots names the latest snapshot that was made on the run's own day.
func (m Migration) voidSnapshots() Consequence {
	c := Consequence{Kind: ConsSnapshots}
	for _, d := range m.Instance.Disks {
		if s := d.Snapshot; s != nil && sameDay(s.At, m.Event.NotBefore) && s.At.After(c.At) {
			c.At = s.At
		}
	}
	return c
}

func sameDay(a, b time.Time) bool {
	return a.In(noticeZone).Format(time.DateOnly) == b.In(noticeZone).Format(time.DateOnly)
}

// bootAfter is when the instance boots: at the planned time, or soon.
func (m Migration) bootAfter(now time.Time) time.Time {
	if m.Event.NotBefore.After(now) {
		return m.Event.NotBefore
	}
	return now
}
