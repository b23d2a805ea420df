package migration_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ecs-migrate/internal/migration"
)

// disks are n of the size, the first one the system disk.
func disks(n, gib int) []migration.Disk {
	all := make([]migration.Disk, n)
	for i := range all {
		all[i] = migration.Disk{ID: fmt.Sprintf("d-%03d", i), Type: "data", Category: "cloud_efficiency", Device: fmt.Sprintf("/dev/xvd%c", 'a'+i%26), SizeGiB: gib}
	}
	if n > 0 {
		all[0].Type = "system"
	}
	return all
}

func TestIORecoveryIsComputedFromTheDisks(t *testing.T) {
	end := now.Add(time.Hour)
	done := func(edit ...func(*migration.Migration)) migration.Migration {
		m := first(event(status(migration.Executed)))
		m.Event.FinishedAt = end
		m.Instance = m.Instance.WithDisks(disks(2, 120), now)
		for _, e := range edit {
			e(&m)
		}
		return m
	}
	for name, c := range map[string]struct {
		m    migration.Migration
		want time.Time
	}{
		"240 GiB":        {done(), end.Add(9*time.Hour + 36*time.Minute)},
		"100 GiB":        {done(func(m *migration.Migration) { m.Instance = m.Instance.WithDisks(disks(1, 100), now) }), end.Add(4 * time.Hour)},
		"beyond a bound": {done(func(m *migration.Migration) { m.Instance = m.Instance.WithDisks(disks(60, 100), now) }), end.Add(240 * time.Hour)},
		"as it stood when it ran": {done(func(m *migration.Migration) {
			grown := m.Instance.WithDisks(disks(1, 200), now)
			m.Before = &grown
		}), end.Add(8 * time.Hour)},
		"read afterwards alone": {done(func(m *migration.Migration) {
			after := m.Instance
			m.Instance, m.After = migration.Instance{ID: "i-1"}, &after
		}), end.Add(9*time.Hour + 36*time.Minute)},
		"disks unknown":   {done(func(m *migration.Migration) { m.Instance = migration.Instance{ID: "i-1", ReadAt: now} }), time.Time{}},
		"not over":        {done(func(m *migration.Migration) { m.Event.Status = migration.Executing }), time.Time{}},
		"failed":          {done(func(m *migration.Migration) { m.Event.Status = migration.Failed }), time.Time{}},
		"a mere restart":  {done(func(m *migration.Migration) { m.Event.Type = "SystemMaintenance.Reboot" }), time.Time{}},
		"end not told":    {done(func(m *migration.Migration) { m.Event.FinishedAt = time.Time{} }), time.Time{}},
		"nothing is read": {first(event(status(migration.Executed))), time.Time{}},
	} {
		until, known := c.m.IORecovery()
		if !until.Equal(c.want) || known != !c.want.IsZero() {
			t.Errorf("%s: until %v, known %v; want %v", name, until, known, c.want)
		}
	}
}

func TestARecordOfFactsIsBounded(t *testing.T) {
	long := strings.Repeat("迁", 4000)
	inst := migration.Instance{ID: "i-1", Name: long, ReadAt: now, Tags: map[string]string{"owner": "li.lei"}}
	for i := range 500 {
		inst.PublicIPs = append(inst.PublicIPs, long)
		inst.PrivateIPs = append(inst.PrivateIPs, long)
		inst.MACs = append(inst.MACs, long)
		inst.SecurityGroups = append(inst.SecurityGroups, long)
		inst.NICs = append(inst.NICs, migration.NIC{ID: long, MAC: long, IP: long})
		inst.Tags[fmt.Sprintf("a%03d", i)] = long
	}
	all := disks(500, 10)
	for i := range all {
		all[i].Name, all[i].Category, all[i].Snapshot = long, long, &migration.Snapshot{ID: long, Status: long}
	}
	all[499].Type, all[0].Type = "system", "data"
	m := *migration.First(event(), inst.WithDisks(all, now), "C1", now).Migration
	if n := len(m.Instance.Disks); n != migration.MaxDisks || m.Instance.Extra != 460 || m.Instance.DiskGiB != 5000 || !m.Instance.Disks[0].System() {
		t.Errorf("%d disks, %d more, %d GiB, first %+v", n, m.Instance.Extra, m.Instance.DiskGiB, m.Instance.Disks[0].Type)
	}
	if len(m.Instance.Tags) != migration.MaxTags || m.Instance.Owner() != "li.lei" {
		t.Errorf("%d tags, owner %q", len(m.Instance.Tags), m.Instance.Owner())
	}
	b, err := json.Marshal(m)
	if err != nil || len(b) > 200_000 {
		t.Errorf("the record has %d bytes, %v", len(b), err)
	}
	if !utf8.ValidString(m.Instance.Name) || len(m.Instance.Name) < 250 {
		t.Errorf("the name was cut to %q", m.Instance.Name)
	}
	if inst.Name != long || inst.PublicIPs[0] != long || all[0].Name != long {
		t.Error("what was given was changed")
	}
}

func TestLocalDisksAreToldByCategory(t *testing.T) {
	for category, local := range map[string]bool{
		"local_ssd_pro": true, "local_hdd_pro": true, "ephemeral": true, "ephemeral_ssd": true,
		"cloud": false, "cloud_essd": false, "elastic_ephemeral_disk_standard": false, "": false,
	} {
		if got := (migration.Disk{Category: category}).Local(); got != local {
			t.Errorf("%q: local %v", category, got)
		}
	}
}

func TestWhatBecameOfTheLatestSnapshot(t *testing.T) {
	taken := time.Date(2024, 5, 2, 1, 0, 0, 0, time.UTC)
	at := func(id string, after time.Duration, status string) *migration.Snapshot {
		return &migration.Snapshot{ID: id, At: taken.Add(after), Status: status}
	}
	read := func(s *migration.Snapshot) *migration.Instance {
		return &migration.Instance{Disks: []migration.Disk{{ID: "d-0"}, {ID: "d-1", Snapshot: s}}, SnapshotsAt: taken}
	}
	unread := &migration.Instance{Disks: []migration.Disk{{ID: "d-1"}}}
	was := at("s-1", 0, "accomplished")
	for name, tt := range map[string]struct {
		before, after *migration.Instance
		want          migration.SnapshotFate
	}{
		"the same":                 {read(was), read(was), migration.SnapshotKept},
		"finished since":           {read(at("s-1", 0, "progressing")), read(was), migration.SnapshotKept},
		"none":                     {read(was), read(nil), migration.SnapshotLost},
		"failed":                   {read(was), read(at("s-1", 0, "failed")), migration.SnapshotLost},
		"only an older one":        {read(was), read(at("s-0", -time.Hour, "accomplished")), migration.SnapshotLost},
		"a newer one":              {read(was), read(at("s-2", time.Hour, "accomplished")), migration.SnapshotUnknown},
		"there was none":           {read(nil), read(was), migration.SnapshotUnknown},
		"it had failed before":     {read(at("s-1", 0, "failed")), read(nil), migration.SnapshotUnknown},
		"not read afterwards":      {read(was), unread, migration.SnapshotUnknown},
		"not read before":          {unread, read(was), migration.SnapshotUnknown},
		"not run":                  {read(was), nil, migration.SnapshotUnknown},
		"the disk is gone with it": {read(was), &migration.Instance{SnapshotsAt: taken}, migration.SnapshotUnknown},
	} {
		m := migration.Migration{Before: tt.before, After: tt.after}
		fate, which := m.Snapshot("d-1")
		if fate != tt.want || (fate != migration.SnapshotUnknown) != (which.ID == "s-1") {
			t.Errorf("%s: %q of %+v, want %q", name, fate, which, tt.want)
		}
	}
}
