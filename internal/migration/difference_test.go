package migration_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecs-migrate/internal/migration"
)

func TestDifferences(t *testing.T) {
	one := func(kind migration.DifferenceKind, gone, fresh string) migration.Difference {
		d := migration.Difference{Kind: kind}
		if gone != "" {
			d.Gone = []string{gone}
		}
		if fresh != "" {
			d.New = []string{fresh}
		}
		return d
	}
	type all = []migration.Difference
	for name, c := range map[string]struct {
		change func(was, is *migration.Instance)
		want   all
	}{
		"nothing": {func(_, _ *migration.Instance) {}, nil},
		"another order": {func(was, is *migration.Instance) {
			was.SecurityGroups, is.SecurityGroups = []string{"a", "b"}, []string{"b", "a"}
			slices.Reverse(is.Disks)
		}, nil},
		"other tags, another name, another boot": {func(_, is *migration.Instance) {
			is.Tags, is.Name, is.StartedAt, is.ReadAt, is.BandwidthOut = map[string]string{"a": "b"}, "x", now, now.Add(time.Hour), 9
		}, nil},
		"stopped":      {func(_, is *migration.Instance) { is.Status = "Stopped" }, all{one(migration.DiffStatus, "Running", "Stopped")}},
		"not told":     {func(was, is *migration.Instance) { was.Status, is.Zone, is.NetworkType = "", "", "" }, nil},
		"released":     {func(_, is *migration.Instance) { is.PublicIPs = nil }, all{one(migration.DiffPublicIP, "203.0.113.7", "")}},
		"elastic":      {func(_, is *migration.Instance) { is.EIP = "198.51.100.4" }, all{one(migration.DiffEIP, "", "198.51.100.4")}},
		"private":      {func(_, is *migration.Instance) { is.PrivateIPs = []string{"172.16.0.9"} }, all{one(migration.DiffPrivateIP, "10.1.2.3", "172.16.0.9")}},
		"zone":         {func(_, is *migration.Instance) { is.Zone = "cn-hangzhou-k" }, all{one(migration.DiffZone, "cn-hangzhou-b", "cn-hangzhou-k")}},
		"group":        {func(_, is *migration.Instance) { is.SecurityGroups = []string{"sg-2"} }, all{one(migration.DiffGroups, "sg-1", "sg-2")}},
		"interface":    {func(_, is *migration.Instance) { is.MACs = []string{"m-1"} }, all{one(migration.DiffMAC, "m-2", "")}},
		"disk renamed": {func(_, is *migration.Instance) { is.Disks[1].Device = "/dev/vdb" }, all{{Kind: migration.DiffDevice, Gone: []string{"/dev/xvdb"}, New: []string{"/dev/vdb"}, Disk: "d-001"}}},
		"device not told": {func(was, is *migration.Instance) {
			was.Disks[0].Device, is.Disks[1].Device = "", ""
		}, nil},
		"disk gone":         {func(_, is *migration.Instance) { is.Disks = is.Disks[:1] }, all{one(migration.DiffDiskGone, "d-001", "")}},
		"disk new":          {func(was, _ *migration.Instance) { was.Disks = was.Disks[:1] }, all{one(migration.DiffDiskNew, "", "d-001")}},
		"disk left out":     {func(was, is *migration.Instance) { is.Disks, is.Extra, was.Extra = is.Disks[:1], 3, 2 }, nil},
		"disks unread now":  {func(_, is *migration.Instance) { is.DisksAt = time.Time{} }, all{{Kind: migration.DiffDiskUnread}}},
		"disks unread then": {func(was, _ *migration.Instance) { was.DisksAt = time.Time{} }, all{{Kind: migration.DiffDiskUnread}}},
		"disks never read":  {func(was, is *migration.Instance) { was.DisksAt, is.DisksAt = time.Time{}, time.Time{} }, nil},
		"unread afterwards": {func(_, is *migration.Instance) { is.ReadAt, is.Zone = time.Time{}, "x" }, nil},
		"unread before":     {func(was, is *migration.Instance) { was.ReadAt, is.Zone = time.Time{}, "x" }, nil},
		"the notice's move": {func(_, is *migration.Instance) {
			is.NetworkType, is.VPC, is.VSwitch, is.PrivateIPs, is.PublicIPs = "vpc", "vpc-1", "vsw-1", []string{"172.16.0.9"}, nil
		}, all{
			one(migration.DiffPublicIP, "203.0.113.7", ""), one(migration.DiffPrivateIP, "10.1.2.3", "172.16.0.9"),
			one(migration.DiffNetwork, "classic", "vpc"), one(migration.DiffVPC, "", "vpc-1"), one(migration.DiffVSwitch, "", "vsw-1"),
		}},
	} {
		was, is := oldNet(), oldNet()
		c.change(&was, &is)
		if d := cmp.Diff(c.want, migration.Differences(was, is)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
