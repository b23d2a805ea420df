package notifier

import (
	"ecs-migrate/internal/migration"
)

// maxDiffs is how many differences a card or a line lists; the facts have all.
const maxDiffs = 12

// differences are what was not the same after the run, one line each with what
// to do about it; most bounds them, with a line that tells of the rest.
func (t teller) differences(most int) []mrkdwn {
	if t.m.Before == nil || t.m.After == nil {
		return nil
	}
	all := migration.Differences(*t.m.Before, *t.m.After)
	var lines []mrkdwn
	for i, d := range all {
		if i == most {
			lines = append(lines, t.say("diff.more", args{"n": len(all) - most, "command": code("/ecs-migrate facts " + cut(t.m.Event.EventID, maxID))}))
			break
		}
		lines = append(lines, t.difference(d))
	}
	return lines
}

// difference is one of them, and what it means.
func (t teller) difference(d migration.Difference) mrkdwn {
	a := args{"was": t.values(d.Gone), "is": t.values(d.New)}
	switch d.Kind {
	case migration.DiffStatus:
		return t.say("diff.status", a)
	case migration.DiffPublicIP:
		return t.say("diff.public_ip", a)
	case migration.DiffEIP:
		return t.say("diff.eip", a)
	case migration.DiffPrivateIP:
		a["changeable"] = t.changeable()
		return t.say("diff.private_ip", a)
	case migration.DiffNetwork:
		a = args{"was": t.network(d.Gone), "is": t.network(d.New)}
		return t.say("diff.network", a)
	case migration.DiffVPC:
		return t.say("diff.vpc", a)
	case migration.DiffVSwitch:
		return t.say("diff.vswitch", a)
	case migration.DiffZone:
		return t.say("diff.zone", a)
	case migration.DiffGroups:
		return t.say("diff.security_groups", a)
	case migration.DiffMAC:
		return t.say("diff.mac", a)
	case migration.DiffDevice:
		a["disk"] = t.code(cut(d.Disk, maxID))
		return t.say("diff.device", a)
	case migration.DiffDiskGone:
		return t.say("diff.disk_gone", args{"was": t.values(d.Gone)})
	case migration.DiffDiskNew:
		return t.say("diff.disk_new", args{"is": t.values(d.New)})
	}
	return t.say("diff.disks_unread", nil)
}

// values lists the first few values, or says that there are none.
func (t teller) values(all []string) mrkdwn {
	if len(all) == 0 {
		return t.say("value.none", nil)
	}
	list := mrkdwn("")
	for i, s := range all[:min(len(all), maxIPs)] {
		if i > 0 {
			list += ", "
		}
		list += t.code(cut(s, maxID))
	}
	if len(all) > maxIPs {
		list += ", " + ellipsis
	}
	return list
}

// network is a network type in words.
func (t teller) network(kind []string) mrkdwn {
	if len(kind) == 1 {
		switch kind[0] {
		case "classic":
			return t.say("network.classic", nil)
		case "vpc":
			return t.say("network.vpc", nil)
		}
	}
	return t.values(kind)
}

// afterwards is what the card says of the instance once its event is over:
// what changed, or why that is not known, and what still lasts.
func (t teller) afterwards() string {
	lines := t.differences(maxDiffs)
	title := "diff.title"
	switch {
	case t.m.After != nil && t.m.Before != nil && t.differs() == 0:
		lines = append([]mrkdwn{t.same()}, lines...)
	case len(lines) > 0:
	case t.m.After != nil:
		lines = append(lines, t.say("line.facts.alone", nil), t.say("next.facts_alone", nil))
	case t.m.Unread != nil && t.m.Unread.Reading == migration.ReadAfter:
		lines = append(lines, t.say("line.facts.unread", args{"why": t.whyUnread(&t.m.Unread.Why)}), t.say("next.facts_unread", nil))
	}
	lines = append(lines, t.changes(true)...)
	if len(lines) == 0 {
		return ""
	}
	return t.list(title, lines)
}

// factsNews is what the reading after the run found, in one sentence.
func (t teller) factsNews(n migration.News) mrkdwn {
	switch n.Outcome {
	case migration.OutcomeSame:
		return t.same()
	case migration.OutcomeChanged:
		return t.count("line.facts.changed", t.differs())
	case migration.OutcomeStopped:
		return t.say("line.facts.stopped", args{"status": t.code(cut(t.m.Facts().Status, maxID))})
	case migration.OutcomeAlone:
		return t.say("line.facts.alone", nil)
	}
	return t.say("line.facts.unread", args{"why": t.whyUnread(n.Refusal)})
}

// same says that nothing changed, as far as both sides are known.
func (t teller) same() mrkdwn {
	if t.m.Before != nil && t.m.After != nil && len(migration.Differences(*t.m.Before, *t.m.After)) > 0 {
		return t.say("line.facts.same_but_disks", nil)
	}
	return t.say("line.facts.same", nil)
}

// differs counts what is not as it was.
func (t teller) differs() int {
	if t.m.Before == nil || t.m.After == nil {
		return 0
	}
	n := 0
	for _, d := range migration.Differences(*t.m.Before, *t.m.After) {
		if d.Kind != migration.DiffDiskUnread {
			n++
		}
	}
	return n
}

// factsAfter are the lines below that sentence: what changed and what to do.
func (t teller) factsAfter(n migration.News) mrkdwn {
	var lines []mrkdwn
	for _, d := range t.differences(maxDiffs) {
		lines = append(lines, t.say("change.item", args{"text": d}))
	}
	switch n.Outcome {
	case migration.OutcomeStopped:
		lines = append(lines, t.say("next.facts_stopped", args{"ticket": t.ticket()}))
	case migration.OutcomeAlone:
		lines = append(lines, t.say("next.facts_alone", nil))
	case migration.OutcomeUnread:
		lines = append(lines, t.say("next.facts_unread", nil))
	}
	return mrkdwn(clip(joined(lines), maxChanges))
}
