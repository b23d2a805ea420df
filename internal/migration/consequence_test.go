package migration_test

import (
	"slices"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

// oldNet is a running instance on the classic network, its disks known.
func oldNet(edit ...func(*migration.Instance)) migration.Instance {
	i := migration.Instance{
		ID: "i-1", Name: "web-01", Zone: "cn-hangzhou-b", Status: "Running", NetworkType: "classic", BandwidthOut: 5,
		PublicIPs: []string{"203.0.113.7"}, PrivateIPs: []string{"10.1.2.3"}, MACs: []string{"m-1", "m-2"},
		NICs:           []migration.NIC{{MAC: "m-1", IP: "10.1.2.3"}, {MAC: "m-2", IP: "203.0.113.7", Public: true}},
		SecurityGroups: []string{"sg-1"}, StartedAt: now.Add(-time.Hour), ReadAt: now,
	}.WithDisks(disks(2, 50), now)
	i.SnapshotsAt = now
	for _, e := range edit {
		e(&i)
	}
	return i
}

func vpc(i *migration.Instance) {
	i.NetworkType, i.VPC, i.VSwitch = "vpc", "vpc-1", "vsw-1"
}

// ofType is a migration of the type on the instance.
func ofType(eventType string, inst migration.Instance, edit ...func(*migration.Migration)) migration.Migration {
	m := first(event(func(ev *migration.Event) { ev.Type = eventType }))
	m.Instance = inst
	for _, e := range edit {
		e(&m)
	}
	return m
}

func TestOnlyWhatAppliesIsAConsequence(t *testing.T) {
	const migrate, reboot, redeploy, stop = "SystemUpgrade.Migrate", "SystemMaintenance.Reboot", "SystemFailure.Redeploy", "SystemMaintenance.Stop"
	unread := migration.Instance{ID: "i-1"}
	local := func(i *migration.Instance) { i.Disks[1].Category = "local_hdd_pro" }
	noDisks := func(i *migration.Instance) { i.Disks, i.DisksAt, i.DiskGiB = nil, time.Time{}, 0 }
	old := func(i *migration.Instance) { i.StartedAt = now.Add(-200 * 24 * time.Hour) }
	ended := func(s migration.Status, at time.Time) func(*migration.Migration) {
		return func(m *migration.Migration) { m.Event.Status, m.Event.FinishedAt = s, at }
	}
	type kinds = []migration.ConsequenceKind
	for name, c := range map[string]struct {
		m    migration.Migration
		want kinds
	}{
		"a move from the classic network": {ofType(migrate, oldNet()), kinds{
			migration.ConsToVPC, migration.ConsPublicKept, migration.ConsPublicNIC, migration.ConsLicence,
			migration.ConsIO, migration.ConsSnapshots, migration.ConsDowntime,
		}},
		"no bandwidth": {ofType(migrate, oldNet(func(i *migration.Instance) { i.BandwidthOut = 0 })), kinds{
			migration.ConsPublicReleased, migration.ConsToVPC, migration.ConsPublicNIC, migration.ConsLicence,
			migration.ConsIO, migration.ConsSnapshots, migration.ConsDowntime,
		}},
		"no public address": {ofType(migrate, oldNet(func(i *migration.Instance) { i.PublicIPs = nil })), kinds{
			migration.ConsToVPC, migration.ConsLicence, migration.ConsIO, migration.ConsSnapshots, migration.ConsDowntime,
		}},
		"in a VPC already": {ofType(migrate, oldNet(vpc)), kinds{
			migration.ConsStaysInVPC, migration.ConsLicence, migration.ConsIO, migration.ConsSnapshots, migration.ConsDowntime,
		}},
		"up for long": {ofType(migrate, oldNet(vpc, old)), kinds{
			migration.ConsStaysInVPC, migration.ConsLicence, migration.ConsIO, migration.ConsSnapshots,
			migration.ConsFileSystem, migration.ConsDowntime,
		}},
		"disks unknown": {ofType(migrate, oldNet(vpc, noDisks)), kinds{
			migration.ConsStaysInVPC, migration.ConsLicence, migration.ConsIO, migration.ConsSnapshots, migration.ConsDowntime,
			migration.ConsDisksUnread,
		}},
		"nothing is known": {ofType(migrate, unread), kinds{
			migration.ConsLicence, migration.ConsIO, migration.ConsSnapshots, migration.ConsDowntime, migration.ConsUnread,
		}},
		"nothing is known but the cloud's reason": {
			ofType(migrate, unread, func(m *migration.Migration) { m.Event.ReasonCode = "VPCMigrationEcs" }), kinds{
				migration.ConsToVPC, migration.ConsPublicNIC, migration.ConsLicence, migration.ConsIO, migration.ConsSnapshots,
				migration.ConsDowntime, migration.ConsUnread,
			},
		},

		"a restart of a classic instance": {ofType(reboot, oldNet()), nil},
		"a restart after long":            {ofType(reboot, oldNet(old)), kinds{migration.ConsFileSystem}},
		"a restart, disks unknown":        {ofType(reboot, oldNet(noDisks)), nil},
		"a stop after long":               {ofType(stop, oldNet(old)), kinds{migration.ConsFileSystem}},
		"a redeployment":                  {ofType(redeploy, oldNet(vpc, local)), kinds{migration.ConsLocalDisks}},
		"a redeployment of cloud disks":   {ofType(redeploy, oldNet(vpc)), nil},
		"a redeployment, disks unknown":   {ofType(redeploy, oldNet(vpc, noDisks)), kinds{migration.ConsLocalDisks, migration.ConsDisksUnread}},
		"a migration of local disks":      {ofType(migrate, oldNet(vpc, local)), kinds{migration.ConsStaysInVPC, migration.ConsLicence, migration.ConsIO, migration.ConsSnapshots, migration.ConsDowntime}},
		"a damaged disk":                  {ofType("SystemMaintenance.IsolateErrorDisk", oldNet(vpc, local)), kinds{migration.ConsBadDisk}},
		"an unknown type":                 {ofType("SystemMaintenance.Whatever", oldNet(old)), nil},

		"right after the run":    {ofType(migrate, oldNet(), ended(migration.Executed, now.Add(-3*time.Hour-59*time.Minute))), kinds{migration.ConsRecovering}},
		"once that is over":      {ofType(migrate, oldNet(), ended(migration.Executed, now.Add(-4*time.Hour))), nil},
		"a failed one":           {ofType(migrate, oldNet(), ended(migration.Failed, now)), nil},
		"a cancelled one":        {ofType(migrate, oldNet(old), ended(migration.Canceled, time.Time{})), nil},
		"a restart that is over": {ofType(reboot, oldNet(old), ended(migration.Executed, now)), nil},
	} {
		var got kinds
		for _, one := range c.m.Consequences(now) {
			got = append(got, one.Kind)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got  %v\n want %v", name, got, c.want)
		}
	}
}

func TestConsequencesTellTheInstancesOwnValues(t *testing.T) {
	night := time.Date(2024, 5, 2, 18, 0, 0, 0, time.UTC) // 02:00 on May 3 in China
	inst := oldNet(func(i *migration.Instance) {
		i.StartedAt = now.AddDate(-1, 0, 0)
		i.Disks[0].Snapshot = &migration.Snapshot{ID: "s-1", At: time.Date(2024, 5, 2, 15, 59, 0, 0, time.UTC)} // May 2 there
		i.Disks[1].Snapshot = &migration.Snapshot{ID: "s-2", At: time.Date(2024, 5, 2, 16, 1, 0, 0, time.UTC)}  // May 3
	})
	m := ofType("SystemUpgrade.Migrate", inst, func(m *migration.Migration) { m.Event.NotBefore = night })
	of := func(kind migration.ConsequenceKind) migration.Consequence {
		for _, c := range m.Consequences(now) {
			if c.Kind == kind {
				return c
			}
		}
		t.Errorf("no %s", kind)
		return migration.Consequence{}
	}
	if c := of(migration.ConsIO); c.GiB != 100 || c.For != 4*time.Hour {
		t.Errorf("I/O: %d GiB, %v", c.GiB, c.For)
	}
	if c := of(migration.ConsPublicNIC); !slices.Equal(c.MACs, []string{"m-2"}) {
		t.Errorf("public interface: %v", c.MACs)
	}
	if c := of(migration.ConsToVPC); !slices.Equal(c.IPs, []string{"10.1.2.3"}) {
		t.Errorf("private addresses: %v", c.IPs)
	}
	if c := of(migration.ConsSnapshots); !c.At.Equal(time.Date(2024, 5, 2, 16, 1, 0, 0, time.UTC)) {
		t.Errorf("the day's snapshot: %v", c.At)
	}
	if c := of(migration.ConsFileSystem); !c.At.Equal(inst.StartedAt) {
		t.Errorf("started: %v", c.At)
	}
	if c := of(migration.ConsDowntime); c.For != 15*time.Minute {
		t.Errorf("downtime: %v", c.For)
	}
	m.Instance.Disks[1].Snapshot.At = night.Add(-24 * time.Hour)
	if c := of(migration.ConsSnapshots); !c.At.IsZero() {
		t.Errorf("yesterday's snapshot is told as void: %v", c.At)
	}
}

// A boot is long ago at the time of the run, not at the time of looking.
func TestUptimeIsCountedToTheRun(t *testing.T) {
	started := func(before time.Duration) migration.Migration {
		return ofType("SystemMaintenance.Reboot", oldNet(func(i *migration.Instance) { i.StartedAt = deadline.Add(-before) }))
	}
	if got := started(180*24*time.Hour + time.Hour).Consequences(now); len(got) != 1 {
		t.Errorf("180 days and an hour at the run: %v", got)
	}
	if got := started(180 * 24 * time.Hour).Consequences(now); got != nil {
		t.Errorf("180 days at the run: %v", got)
	}
}
