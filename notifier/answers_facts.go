package notifier

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// How long the parts of the facts may be, in characters, so that all of them
// stay below what Slack takes in one message.
const (
	maxPlain = 1600 // what the instance is
	maxTags  = 900
	maxTag   = 40 // a tag's name, and its value
	maxDisks = 5400
	maxMeans = 2600 // what it means, or what changed
)

// Facts answers with everything that is known of a migration's instance, what
// the event means for it, and after the run what changed.
func Facts(m migration.Migration, v View) Message {
	t := inBlocks(m, v)
	title := t.text("facts.title", args{"name": code(t.name(maxTitled)), "id": code(cut(m.Event.InstanceID, maxID))})
	blocks := []slack.Block{section(title)}
	inst := m.Facts()
	if !inst.Known() {
		blocks = append(blocks, section(t.text("facts.none", nil)))
	} else {
		blocks = append(blocks, section(clip(string(joined(t.plainFacts(inst))), maxPlain)))
		if tags := t.tags(inst); tags != "" {
			blocks = append(blocks, section(clip(tags, maxTags)))
		}
		blocks = append(blocks, t.diskFacts(inst)...)
	}
	if lines := t.meaning(); lines != "" {
		blocks = append(blocks, section(clip(lines, maxMeans)))
	}
	if why := m.Unread; why != nil {
		line := t.text("facts.unread", args{"why": t.whyUnread(&why.Why), "at": t.at(why.At), "next": t.nextUnread(why.Why)})
		blocks = append(blocks, section(line))
	}
	if inst.Known() {
		blocks = append(blocks, smallPrint(t.text("facts.read", args{"at": t.at(inst.ReadAt)})))
	}
	return Message{Text: clip(title, maxSummary), Blocks: blocks}
}

// nextUnread is what to do about facts that could not be read.
func (t teller) nextUnread(why migration.Refusal) mrkdwn {
	if why.Kind == migration.NotPermitted || why.Kind == migration.NotTold {
		return t.say("next.facts_grant", nil)
	}
	return t.say("next.facts_console", nil)
}

// meaning is what the event means, or what it changed.
func (t teller) meaning() string {
	if !t.m.Event.Status.Final() {
		if lines := t.changes(false); len(lines) > 0 {
			return t.list("change.title", lines)
		}
		return t.text("facts.nothing", nil)
	}
	lines := t.differences(len(migration.DifferenceKinds) + migration.MaxDisks)
	if t.differs() == 0 {
		return t.afterwards()
	}
	return t.list("diff.title", append(lines, t.changes(true)...))
}

// plainFacts are what the instance is, a line each; what is not told has none.
func (t teller) plainFacts(i migration.Instance) []mrkdwn {
	var lines []mrkdwn
	add := func(label string, value mrkdwn) {
		if value != "" {
			lines = append(lines, t.say("facts.line", args{"label": t.say(label, nil), "value": value}))
		}
	}
	list := func(all []string) mrkdwn {
		if len(all) == 0 {
			return ""
		}
		return t.values(all)
	}
	one := func(s string) mrkdwn { return list(nonempty(s)) }
	add("facts.status", one(i.Status))
	network := t.network(nonempty(i.NetworkType))
	if i.VPC != "" {
		network = t.say("facts.in_vpc", args{"vpc": code(cut(i.VPC, maxID)), "vswitch": code(cut(i.VSwitch, maxID))})
	}
	add("facts.network", network)
	add("facts.zone", one(i.Zone))
	public := list(i.PublicIPs)
	if public == "" {
		public = t.say("value.none", nil)
	}
	add("facts.public", t.say("facts.bandwidth", args{"ips": public, "mbit": i.BandwidthOut}))
	add("facts.eip", one(i.EIP))
	add("facts.private", list(i.PrivateIPs))
	add("facts.macs", t.cards(i))
	add("facts.groups", list(i.SecurityGroups))
	os := i.OSName
	if os == "" {
		os = i.OSType
	}
	add("facts.os", mrkdwn(escape(cut(os, maxTitled))))
	if !i.StartedAt.IsZero() {
		add("facts.started", t.at(i.StartedAt))
	}
	return lines
}

// cards are the network interfaces' MAC addresses, and which is the public one.
func (t teller) cards(i migration.Instance) mrkdwn {
	if len(i.NICs) == 0 {
		if len(i.MACs) == 0 {
			return ""
		}
		return t.values(i.MACs)
	}
	var all []string
	for _, c := range i.NICs[:min(len(i.NICs), maxIPs)] {
		mac := code(cut(c.MAC, maxID))
		if c.Public {
			mac = t.say("facts.public_nic", args{"mac": mac})
		}
		all = append(all, string(mac))
	}
	if len(i.NICs) > maxIPs {
		all = append(all, ellipsis)
	}
	return mrkdwn(strings.Join(all, ", "))
}

func (t teller) tags(i migration.Instance) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(i.Tags)) {
		all = append(all, string(code(cut(name, maxTag)+"="+cut(i.Tags[name], maxTag))))
	}
	if len(all) == 0 {
		return ""
	}
	return t.text("facts.line", args{"label": t.say("facts.tags", nil), "value": mrkdwn(strings.Join(all, " "))})
}

// diskFacts are the disks, a line each, in as many sections as they take.
func (t teller) diskFacts(i migration.Instance) []slack.Block {
	if !i.DisksKnown() {
		return []slack.Block{section(t.text("facts.disks_unknown", nil))}
	}
	part := t.text("facts.disks", args{"n": len(i.Disks) + i.Extra, "gib": i.DiskGiB})
	var blocks []slack.Block
	spent, left := len([]rune(part)), i.Extra
	for n, d := range i.Disks {
		line := "\n" + t.text("change.item", args{"text": t.disk(i, d)})
		length := len([]rune(line))
		if spent+length > maxDisks {
			left += len(i.Disks) - n
			break
		}
		if len([]rune(part))+length > maxSection {
			blocks, part, line = append(blocks, section(part)), "", strings.TrimPrefix(line, "\n")
		}
		part, spent = part+line, spent+length
	}
	blocks = append(blocks, section(part))
	if left > 0 {
		blocks = append(blocks, smallPrint(t.text("facts.more_disks", args{"n": left})))
	}
	return blocks
}

// disk is one disk in one line.
func (t teller) disk(i migration.Instance, d migration.Disk) mrkdwn {
	name := d.Device
	if name == "" {
		name = d.ID
	}
	parts := []string{string(code(cut(name, maxTag))), strconv.Itoa(d.SizeGiB) + " GiB"}
	if d.System() {
		parts = append(parts, t.text("facts.system_disk", nil))
	}
	if category := cut(d.Category, maxTag); category != "" {
		parts = append(parts, escape(category))
	}
	fate, was := t.m.Snapshot(d.ID)
	switch s := d.Snapshot; {
	case d.Local():
		parts = append(parts, t.text("facts.local_disk", nil))
	case s != nil && s.Status == "progressing":
		parts = append(parts, t.text("facts.snapshot_runs", args{"at": t.at(s.At)}))
	case s != nil && s.Status == "failed":
		parts = append(parts, t.text("facts.snapshot_failed", args{"at": t.at(s.At)}))
	case s != nil && fate == migration.SnapshotKept:
		parts = append(parts, t.text("facts.snapshot_kept", args{"at": t.at(s.At)}))
	case s != nil:
		parts = append(parts, t.text("facts.snapshot", args{"at": t.at(s.At)}))
	case !i.SnapshotsAt.IsZero():
		parts = append(parts, t.text("facts.no_snapshot", nil))
	default:
		parts = append(parts, t.text("facts.snapshot_unknown", nil))
	}
	if fate == migration.SnapshotLost && !d.Local() {
		parts = append(parts, t.text("facts.snapshot_lost", args{"at": t.at(was.At)}))
	}
	return mrkdwn(strings.Join(parts, " · "))
}

func nonempty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
