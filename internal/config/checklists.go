package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"ecs-migrate/internal/migration"
)

// Bounds of a team's own words, in characters: a list and its form must stay
// within what Slack takes, and readable at night.
const (
	maxItemTitle = 100
	maxItemWords = 500
	maxItemLink  = 300
)

const itemExample = "checklists: [{id: page_dba, phase: preparation, title: Page the DBA}]"

// checklists reads a team's rules on top of the default items; n is nil where the
// key is absent.
func (t *tree) checklists(n *yaml.Node) migration.Checklists {
	var rules []migration.ItemRule
	if n != nil && !isNull(n) {
		if items, ok := t.list(n, "checklists", itemExample); ok {
			rules = t.itemRules(items)
		}
	}
	lists, err := migration.NewChecklists(migration.DefaultItems(), rules)
	if err != nil && len(t.faults) == 0 { // what it can refuse was told above, with its line
		t.fault(n, "checklists", err.Error(), "Correct the item")
	}
	return lists
}

// itemRules are the rules that can stand.
func (t *tree) itemRules(nodes []*yaml.Node) []migration.ItemRule {
	phases := map[string]migration.Phase{}
	count := map[migration.Phase]int{}
	for _, i := range migration.DefaultItems() {
		phases[i.ID] = i.Phase
		count[i.Phase]++
	}
	var rules []migration.ItemRule
	for i, n := range nodes {
		field, before := item("checklists", i), len(t.faults)
		r, ok := t.itemRule(n, field, phases)
		if !ok || len(t.faults) > before {
			continue
		}
		if r.Phase != "" {
			phases[r.ID] = r.Phase
			if count[r.Phase]++; count[r.Phase] > migration.MaxItems {
				t.fault(n, field, fmt.Sprintf("is item %d of %s, and a list has %d at most", count[r.Phase], r.Phase, migration.MaxItems),
					"Say in one item what several say, or leave it out")
				continue
			}
		}
		rules = append(rules, r)
	}
	return rules
}

// itemRule reads one rule. phases are those of the items that are known by now.
func (t *tree) itemRule(n *yaml.Node, field string, phases map[string]migration.Phase) (migration.ItemRule, bool) {
	values, ok := t.mapping(n, field, itemKeys())
	if !ok {
		return migration.ItemRule{}, false
	}
	id := values["id"]
	if id == nil {
		t.fault(n, field+".id", "is missing", "Name an item of the lists to change it, or choose a new name to add one, as in id: page_dba")
		return migration.ItemRule{}, false
	}
	r := migration.ItemRule{}
	if r.ID, ok = t.text(id, field+".id", "id: page_dba"); !ok {
		return r, false
	}
	if !migration.ValidItemID(r.ID) {
		t.fault(id, field+".id", quote(r.ID)+" cannot name an item",
			fmt.Sprintf("Use small letters, digits and underscores, %d at most, beginning with a letter", migration.MaxItemID))
		return r, false
	}
	phase, known := phases[r.ID]
	if p := values["phase"]; p != nil {
		r.Phase = t.phase(p, field+".phase")
		if known {
			t.fault(p, field+".phase", "is given to "+quote(r.ID)+", which is on the list already",
				"Delete it; to add an item beside that one, choose another id")
		}
		phase = r.Phase
	}
	if v := values["remove"]; v != nil {
		r.Remove = t.yesNo(v, field+".remove")
	}
	if v := values["optional"]; v != nil {
		optional := t.yesNo(v, field+".optional")
		r.Optional = &optional
	}
	r.Title = t.itemText(values["title"], field+".title", maxItemTitle, false)
	r.Why = t.itemText(values["why"], field+".why", maxItemWords, true)
	r.How = t.itemText(values["how"], field+".how", maxItemWords, true)
	r.Link = t.itemLink(values["link"], field+".link")
	if m := values["match"]; m != nil {
		r.When = t.itemMatch(m, field+".match", phase)
	}
	t.itemSense(n, field, r, known, values)
	return r, true
}

// itemSense tells of a rule whose parts do not go together.
func (t *tree) itemSense(n *yaml.Node, field string, r migration.ItemRule, known bool, values map[string]*yaml.Node) {
	words := values["title"] != nil || values["why"] != nil || values["how"] != nil || values["link"] != nil || r.Optional != nil
	switch {
	case r.Remove && words:
		t.fault(values["remove"], field+".remove", "takes the item out, and the other keys change it", "Keep one of the two")
	case known && !r.Remove && !words:
		t.fault(n, field, "changes nothing about "+quote(r.ID), "Add remove: true, optional, or words of your own, or delete the item here")
	case known:
	case r.Remove, values["phase"] == nil && values["title"] == nil:
		t.fault(values["id"], field+".id", quote(r.ID)+" is no item of the lists", nearItem(r.ID))
	case values["phase"] == nil:
		t.fault(n, field+".phase", "is missing for the new item "+quote(r.ID), "Write phase: preparation or phase: follow_up. "+nearItem(r.ID))
	case values["title"] == nil:
		t.fault(n, field+".title", "is missing for the new item "+quote(r.ID), "Say what is to be done, as in title: Page the DBA")
	}
}

// nearItem is the remedy for an id that no item has.
func nearItem(id string) string {
	var there []string
	for _, i := range migration.DefaultItems() {
		there = append(there, i.ID)
	}
	if near := nearest(id, there); near != "" {
		return "Write " + near + " if that is meant, or give a phase and a title to add an item"
	}
	return "The items are " + strings.Join(there, ", ") + "; give a phase and a title to add one"
}

func (t *tree) phase(n *yaml.Node, field string) migration.Phase {
	value, ok := t.text(n, field, "phase: preparation")
	p := migration.Phase(value)
	if ok && !slices.Contains(migration.Phases[:], p) {
		t.fault(n, field, quote(value)+" is no list", "Write preparation (before the run) or follow_up (after it)")
		return ""
	}
	return p
}

// itemText is one text for every language, or one for each; nil where the key is
// absent. empty tells whether it may say nothing, in place of the default's words.
func (t *tree) itemText(n *yaml.Node, field string, most int, empty bool) migration.Text {
	if n == nil {
		return nil
	}
	read := func(n *yaml.Node, field string) (string, bool) {
		var value string
		var ok bool
		if empty {
			value, ok = t.optional(n, field, "text")
		} else {
			value, ok = t.text(n, field, "title: Page the DBA")
		}
		if length := utf8.RuneCountInString(value); ok && length > most {
			t.fault(n, field, fmt.Sprintf("has %d characters, %d are the most", length, most), "Say it shorter; a link can lead to the rest")
			return "", false
		}
		return value, ok
	}
	if n.Kind != yaml.MappingNode {
		value, _ := read(n, field)
		return migration.Text{"": value}
	}
	pairs, _ := t.pairs(n, field)
	if len(n.Content) == 0 {
		t.fault(n, field, "is empty", "Write a text, or one for each language, as in {en: Page the DBA, zh-CN: 通知DBA}")
	}
	text := migration.Text{}
	for _, p := range pairs {
		if p.key != string(English) && p.key != string(Chinese) {
			t.faultAt(p.line, join(field, p.key), "is no language the bot speaks", "Write en or zh-CN")
			continue
		}
		text[p.key], _ = read(p.value, join(field, p.key))
	}
	// A reader of a language that is left out gets the other one.
	if len(text) == 1 {
		for _, only := range text {
			text[""] = only
		}
	}
	return text
}

func (t *tree) itemLink(n *yaml.Node, field string) migration.Text {
	text := t.itemText(n, field, maxItemLink, true)
	for lang, address := range text {
		at := field
		if lang != "" && len(text) > 1 {
			at = join(field, lang)
		}
		if address == "" || lang == "" && len(text) > 1 {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(address, "<>|` \t\n\"") {
			t.fault(n, at, quote(address)+" is no address of a page", "Write it whole, as in https://wiki.example.com/page, without a user name")
		}
	}
	return text
}

// itemMatch reads the conditions of a rule about an item of that phase.
func (t *tree) itemMatch(n *yaml.Node, field string, phase migration.Phase) (when migration.Condition) {
	if isNull(n) || n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		t.fault(n, field, "is empty", "Write events, tags or another condition below it, or delete `match` to mean every migration")
		return when
	}
	values, ok := t.mapping(n, field, itemMatchKeys())
	if !ok {
		return when
	}
	if v := values["events"]; v != nil {
		when.Events = t.typeNames(v, field+".events", `events: ["SystemMaintenance.*"]`, "so it would never hold")
	}
	if v := values["after"]; v != nil {
		when.After = t.outcomes(v, field+".after")
		if phase == migration.Preparation {
			t.fault(v, field+".after", "is about how a run ended, and the item is of the preparation", "Delete it")
		}
	}
	for _, is := range []struct {
		key string
		to  **bool
	}{{"to_vpc", &when.ToVPC}, {"public", &when.Public}, {"local_disks", &when.LocalDisks}, {"restarts", &when.Restarts}} {
		if v := values[is.key]; v != nil {
			yes := t.yesNo(v, field+"."+is.key)
			*is.to = &yes
		}
	}
	when.Network = t.oneWord(values["network"], field+".network", "classic", "vpc")
	when.OS = t.oneWord(values["os"], field+".os", "linux", "windows")
	if v := values["tags"]; v != nil {
		when.Tags = t.tags(v, field+".tags")
	}
	return when
}

// oneWord is one of two words, empty where the key is absent.
func (t *tree) oneWord(n *yaml.Node, field, this, that string) string {
	if n == nil {
		return ""
	}
	value, ok := t.text(n, field, this)
	if ok && value != this && value != that {
		t.fault(n, field, quote(value)+" is neither "+this+" nor "+that, "Write one of the two")
		return ""
	}
	return value
}

// outcomes are ways for a run to end, as the cloud spells them.
func (t *tree) outcomes(n *yaml.Node, field string) (all []migration.Status) {
	const example = "after: [Executed, Failed]"
	items, ok := t.list(n, field, example)
	if ok && len(items) == 0 {
		t.fault(n, field, "is empty, so it would never hold", "Write it as in "+example+", or delete the key")
	}
	for i, child := range items {
		value, ok := t.text(child, item(field, i), example)
		s := migration.Status(value)
		if ok && s != migration.Executed && s != migration.Avoided && s != migration.Failed {
			t.fault(child, item(field, i), quote(value)+" is no way to end that has a follow-up", "Write Executed, Avoided or Failed")
			continue
		}
		all = append(all, s)
	}
	return all
}
