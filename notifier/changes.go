package notifier

import (
	"strings"
	"time"

	"ecs-migrate/internal/migration"
)

// factsAction is the RAM action that reading an instance's facts takes. Without
// it the cloud answers with an empty list and no error.
const factsAction = "ecs:DescribeInstances"

// changes are what the event changes for this very instance, one line each;
// empty where nothing is known to. brief leaves out what the card says elsewhere.
func (t teller) changes(brief bool) []mrkdwn {
	var lines []mrkdwn
	for _, c := range t.m.Consequences(t.v.Now) {
		if brief && c.Kind == migration.ConsDowntime {
			continue
		}
		if line := t.consequence(c); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// consequence is one of them in words.
func (t teller) consequence(c migration.Consequence) mrkdwn {
	ips := t.addresses(c.IPs)
	switch c.Kind {
	case migration.ConsPublicReleased:
		return t.say("change.public_released", args{"ips": ips})
	case migration.ConsPublicKept:
		return t.say("change.public_kept", args{"ips": ips})
	case migration.ConsToVPC:
		if t.m.Instance.Known() {
			return t.say("change.to_vpc", args{"ips": ips, "changeable": t.changeable()})
		}
		return t.say("change.to_vpc_unread", args{"reason_code": cut(t.m.Event.ReasonCode, maxID), "changeable": t.changeable()})
	case migration.ConsStaysInVPC:
		return t.say("change.in_vpc", args{"vpc": code(cut(c.VPC, maxID))})
	case migration.ConsPublicNIC:
		if len(c.MACs) > 0 {
			return t.say("change.nic_mac", args{"macs": hardware(c.MACs)})
		}
		return t.say("change.nic", nil)
	case migration.ConsLicence:
		return t.say("change.licence", nil)
	case migration.ConsDowntime:
		return t.say("change.downtime", args{"minutes": int(c.For / time.Minute)})
	case migration.ConsFileSystem:
		return t.say("change.file_system", args{"at": t.at(c.At)})
	}
	return t.diskConsequence(c)
}

// changeable says of a private IP in a VPC that it may be changed, and leads to
// how.
func (t teller) changeable() mrkdwn {
	return link(t.text("private_ip.page", nil), t.say("private_ip.changeable", nil))
}

// diskConsequence is one about disks.
func (t teller) diskConsequence(c migration.Consequence) mrkdwn {
	switch c.Kind {
	case migration.ConsLocalDisks:
		if len(c.Disks) > 0 {
			return t.say("change.local_disks_named", args{"disks": t.diskNames(c.Disks)})
		}
		return t.say("change.local_disks", nil)
	case migration.ConsBadDisk:
		return t.say("change.bad_disk", nil)
	case migration.ConsIO:
		if c.GiB > 0 {
			return t.say("change.io_known", args{"span": t.span(c.For), "gib": c.GiB})
		}
		return t.say("change.io", nil)
	case migration.ConsSnapshots:
		if !c.At.IsZero() {
			return t.say("change.snapshots_at", args{"at": t.at(c.At)})
		}
		return t.say("change.snapshots", nil)
	case migration.ConsRecovering:
		return t.say("change.recovering", args{"at": t.at(c.At), "gib": c.GiB})
	case migration.ConsUnread:
		return t.say("change.unread", args{"action": code(factsAction)})
	case migration.ConsDisksUnread:
		if why := t.m.Unread; why != nil {
			return t.say("change.disks_unread", args{"why": t.whyUnread(&why.Why)})
		}
		return t.say("change.disks_pending", nil)
	}
	return ""
}

// span is a length of time in whole hours, in days from three on; it is rounded
// up, since people wait for its end.
func (t teller) span(d time.Duration) mrkdwn {
	hours := int((d + time.Hour - 1) / time.Hour)
	if hours >= 72 {
		return t.count("span.days", (hours+23)/24)
	}
	return t.count("span.hours", hours)
}

// whyUnread is why facts could not be read.
func (t teller) whyUnread(r *migration.Refusal) mrkdwn {
	if r != nil && r.Kind == migration.NotTold {
		return t.say("why.not_told", args{"action": t.code(cut(r.Action, maxID))})
	}
	return t.why(r)
}

// diskNames lists the first few disks by device, else by id.
func (t teller) diskNames(disks []migration.Disk) string {
	var names []string
	for _, d := range disks {
		if d.Device != "" {
			names = append(names, d.Device)
		} else {
			names = append(names, d.ID)
		}
	}
	return t.addresses(names)
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

// hardware lists the first few MAC addresses as code, to copy: parts such as :cd:
// would be emoji otherwise.
func hardware(macs []string) mrkdwn {
	var all []string
	for _, mac := range macs[:min(len(macs), maxIPs)] {
		all = append(all, string(code(cut(mac, maxID))))
	}
	if len(macs) > maxIPs {
		all = append(all, ellipsis)
	}
	return mrkdwn(strings.Join(all, ", "))
}
