package notifier

import (
	"strings"

	"ecs-migrate/internal/migration"
)

// factsAction is the RAM action that reading an instance's facts takes. Without
// it the cloud answers with an empty list and no error.
const factsAction = "ecs:DescribeInstances"

// changes are what the event changes for this very instance, one line each,
// from its facts and the migration notice only; empty where nothing is known to.
func (t teller) changes() []mrkdwn {
	var lines []mrkdwn
	add := func(key string, a args) { lines = append(lines, t.say(key, a)) }
	inst, k := t.m.Instance, migration.KindOf(t.m.Event.Type)

	switch {
	case t.m.ToVPC() && inst.Known():
		t.leaveClassic(add)
	case t.m.ToVPC():
		add("change.to_vpc_unread", args{"reason_code": cut(t.m.Event.ReasonCode, maxID)})
		add("change.nic", nil)
	case k.Migrates && inst.VPC != "":
		add("change.in_vpc", args{"vpc": code(cut(inst.VPC, maxID))})
	}
	if k.Migrates {
		add("change.io", nil)
	}
	if k.Redeploys {
		add("change.local_disks", nil)
	}
	if k.BreaksDisk {
		add("change.bad_disk", nil)
	}
	if !inst.Known() {
		add("change.unread", args{"action": code(factsAction)})
	}
	return lines
}

// leaveClassic tells what the move from the classic network to a VPC does to
// the instance's addresses.
func (t teller) leaveClassic(add func(string, args)) {
	inst := t.m.Instance
	add("change.to_vpc", args{"ips": t.addresses(inst.PrivateIPs)})
	switch {
	case len(inst.PublicIPs) == 0:
	case inst.BandwidthOut == 0:
		add("change.public_released", args{"ips": t.addresses(inst.PublicIPs)})
	default:
		add("change.public_kept", args{"ips": t.addresses(inst.PublicIPs)})
	}
	add("change.nic", nil)
}

// addresses lists the first few addresses.
func (t teller) addresses(ips []string) string {
	shown := make([]string, 0, maxIPs)
	for _, ip := range ips[:min(len(ips), maxIPs)] {
		shown = append(shown, cut(ip, maxID))
	}
	list := strings.Join(shown, ", ")
	if len(ips) > maxIPs {
		list += ", " + ellipsis
	}
	return list
}
