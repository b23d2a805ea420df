package config

import (
	"fmt"
	"strings"
	"testing"

	"ecs-migrate/internal/migration"
)

func checklistFaultCases() []faultCase {
	in := func(lines string) string { return "checklists:\n  - " + lines + "\n" }
	mine := func(rest string) string { return in("{id: mine, phase: follow_up, title: Mine" + rest + "}") }
	return []faultCase{
		{name: "checklists text", lines: "checklists: all\n", want: []string{"1 checklists: is text where a list | page_dba"}},
		{name: "an item text", lines: in("snapshot"), want: []string{"2 checklists[0]: is text where a mapping | key: value"}},
		{name: "an item's key misspelt", lines: in("{id: snapshot, tittle: x, optional: true}"), want: []string{"2 checklists[0].tittle: is no key of a checklist's item | `title`"}},
		{name: "a key of an item's match", lines: in("{id: snapshot, optional: true, to_vpc: true}"), want: []string{"2 checklists[0].to_vpc: is no key of a checklist's item | an item's `match`"}},
		{name: "no id", lines: in("{title: x}"), want: []string{"2 checklists[0].id: is missing | page_dba"}},
		{name: "an id with a blank", lines: in("{id: page DBA, phase: preparation, title: x}"), want: []string{"2 checklists[0].id: \"page DBA\" cannot name an item | small letters"}},
		{name: "an id misspelt", lines: in("{id: snapshots, remove: true}"), want: []string{"2 checklists[0].id: \"snapshots\" is no item of the lists | Write snapshot"}},
		{name: "an id that is far", lines: in("{id: xyzzy, optional: true}"), want: []string{"2 checklists[0].id: \"xyzzy\" is no item of the lists | security_group"}},
		{name: "no phase", lines: in("{id: mine, title: x}"), want: []string{"2 checklists[0].phase: is missing for the new item \"mine\" | preparation"}},
		{name: "no title", lines: in("{id: mine, phase: preparation}"), want: []string{"2 checklists[0].title: is missing for the new item \"mine\" | Page the DBA"}},
		{name: "another phase", lines: in("{id: mine, phase: before, title: x}"), want: []string{"2 checklists[0].phase: \"before\" is no list | follow_up"}},
		{name: "a phase of a default item", lines: in("{id: snapshot, phase: preparation, title: x}"), want: []string{"2 checklists[0].phase: is given to \"snapshot\" | another id"}},
		{name: "the phase again", lines: mine("") + "  - {id: mine, phase: follow_up, title: x}\n", want: []string{"3 checklists[1].phase: is given to \"mine\" | another id"}},
		{name: "changes nothing", lines: in("{id: snapshot, match: {os: linux}}"), want: []string{"2 checklists[0]: changes nothing about \"snapshot\" | remove: true"}},
		{name: "removed and reworded", lines: in("{id: snapshot, remove: true, title: x}"), want: []string{"2 checklists[0].remove: takes the item out | one of the two"}},
		{name: "remove text", lines: in("{id: snapshot, remove: often}"), want: []string{
			"2 checklists[0].remove: is text where yes or no | true or false", "2 checklists[0]: changes nothing | remove: true",
		}},
		{name: "optional text", lines: in("{id: snapshot, optional: maybe}"), want: []string{"2 checklists[0].optional: is text where yes or no | true or false"}},
		{name: "title empty", lines: in("{id: snapshot, title: \"\"}"), want: []string{"2 checklists[0].title: has no value | Page the DBA"}},
		{name: "title long", lines: in("{id: snapshot, title: " + strings.Repeat("迁", 101) + "}"), want: []string{"2 checklists[0].title: has 101 characters, 100 are the most | shorter"}},
		{name: "why long", lines: mine(", why: " + strings.Repeat("x", 501)), want: []string{"2 checklists[0].why: has 501 characters | shorter"}},
		{name: "how in a list", lines: mine(", how: [a]"), want: []string{"2 checklists[0].how: is a list where text | text"}},
		{name: "no languages", lines: mine(", why: {}"), want: []string{"2 checklists[0].why: is empty | zh-CN"}},
		{name: "another language", lines: mine(", why: {de: x, en: y}"), want: []string{"2 checklists[0].why.de: is no language | zh-CN"}},
		{name: "link without scheme", lines: mine(", link: wiki.example.com"), want: []string{"2 checklists[0].link: \"wiki.example.com\" is no address | https://"}},
		{name: "link of another scheme", lines: mine(", link: {en: \"javascript:alert(1)\", zh-CN: \"https://wiki.example.com/\"}"), want: []string{"2 checklists[0].link.en: \"javascript:alert(1)\" is no address | https://"}},
		{name: "link with a password", lines: mine(", link: \"https://me:pw@wiki.example.com/\""), want: []string{"2 checklists[0].link: \"https://me:pw@wiki.example.com/\" is no address | user name"}},
		{name: "link that breaks out", lines: mine(", link: \"https://wiki.example.com/|<!channel>\""), want: []string{"2 checklists[0].link: \"https://wiki.example.com/|<!channel>\" is no address | https://"}},
		{name: "match empty", lines: mine(", match: {}"), want: []string{"2 checklists[0].match: is empty | delete `match`"}},
		{name: "match misspelt", lines: mine(", match: {event: [a]}"), want: []string{"2 checklists[0].match.event: is no key of an item's `match` | `events`"}},
		{name: "events misspelt", lines: mine(", match: {events: [SystemMaintenence.*]}"), want: []string{"2 checklists[0].match.events[0]: \"SystemMaintenence.*\" matches no event | SystemMaintenance.*"}},
		{name: "events empty", lines: mine(", match: {events: []}"), want: []string{"2 checklists[0].match.events: is empty, so it would never hold | SystemMaintenance"}},
		{name: "network", lines: mine(", match: {network: VPC}"), want: []string{"2 checklists[0].match.network: \"VPC\" is neither classic nor vpc | one of the two"}},
		{name: "os", lines: mine(", match: {os: centos}"), want: []string{"2 checklists[0].match.os: \"centos\" is neither linux nor windows | one of the two"}},
		{name: "public", lines: mine(", match: {public: 1}"), want: []string{"2 checklists[0].match.public: is a number where yes or no | true or false"}},
		{name: "tags", lines: mine(", match: {tags: {team: 42}}"), want: []string{"2 checklists[0].match.tags.team: is a number where text | quotes"}},
		{name: "after", lines: mine(", match: {after: [Finished]}"), want: []string{"2 checklists[0].match.after[0]: \"Finished\" is no way to end | Executed, Avoided or Failed"}},
		{name: "after empty", lines: mine(", match: {after: []}"), want: []string{"2 checklists[0].match.after: is empty | delete the key"}},
		{name: "after, before the run", lines: in("{id: snapshot, optional: true, match: {after: [Failed]}}"), want: []string{"2 checklists[0].match.after: is about how a run ended | Delete"}},
	}
}

func TestMoreItemsThanAListHas(t *testing.T) {
	text := "checklists:\n"
	for n := range migration.MaxItems {
		text += fmt.Sprintf("  - {id: mine_%d, phase: preparation, title: Mine}\n", n)
	}
	_, faults := parse("f.yaml", []byte(text+base))
	defaults := 0
	for _, i := range migration.DefaultItems() {
		if i.Phase == migration.Preparation {
			defaults++
		}
	}
	if len(faults) != defaults {
		t.Fatalf("%d faults, want one for each of the %d that are too many:\n%v", len(faults), defaults, faults)
	}
	want := fmt.Sprintf("f.yaml:%d: checklists[%d]: is item 31 of preparation, and a list has 30 at most.", 2+migration.MaxItems-defaults, migration.MaxItems-defaults)
	if got := faults[0].String(); !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestChecklistsAreUnderstood(t *testing.T) {
	cfg := mustParse(t, `checklists:
  - {id: traffic_away, remove: true, match: {events: ["SystemMaintenance.*"]}}
  - id: snapshot
    title: {zh-CN: 夜间备份已完成}
    why: ""
  - id: page_dba
    phase: preparation
    title: {en: Page the DBA, zh-CN: 通知DBA}
    link: https://wiki.example.com/dba?a=1&b=2
    optional: true
    match: {network: classic, os: linux, public: true, local_disks: false, to_vpc: true, restarts: true, tags: {team: web, tier: ""}}
  - {id: page_dba, optional: false, match: {tags: {env: prod}}}
  - {id: tell_sales, phase: follow_up, title: Tell sales, match: {after: [Failed, Executed]}}
`+base)
	items, rules := cfg.Checklists.Items(), cfg.Checklists.Rules()
	if n := len(migration.DefaultItems()) + 2; len(items) != n || len(rules) != 3 {
		t.Fatalf("%d items, want %d; %d rules, want 3", len(items), n, len(rules))
	}
	dba, sales := items[len(items)-2], items[len(items)-1]
	if dba.ID != "page_dba" || !dba.Optional || dba.Title.In("en") != "Page the DBA" || dba.Title.In("zh-CN") != "通知DBA" ||
		dba.Link.In("zh-CN") != "https://wiki.example.com/dba?a=1&b=2" || dba.Why == nil || dba.Why.In("en") != "" {
		t.Errorf("%+v", dba)
	}
	if w := dba.When; w.Network != "classic" || w.OS != "linux" || !*w.Public || *w.LocalDisks || !*w.ToVPC || !*w.Restarts || w.Tags["team"] != "web" || w.Tags["tier"] != "" || len(w.Tags) != 2 {
		t.Errorf("%+v", w)
	}
	if sales.Phase != migration.FollowUp || fmt.Sprint(sales.When.After) != "[Failed Executed]" {
		t.Errorf("%+v", sales)
	}
	if r := rules[1]; r.ID != "snapshot" || r.Title.In("en") != "夜间备份已完成" || r.Why == nil || r.Why.In("zh-CN") != "" || r.How != nil {
		t.Errorf("%+v", r)
	}
	if r := rules[2]; r.Optional == nil || *r.Optional || r.When.Tags["env"] != "prod" {
		t.Errorf("%+v", r)
	}
	for _, none := range []string{base, "checklists: []\n" + base, "checklists:\n" + base} {
		if cfg := mustParse(t, none); len(cfg.Checklists.Items()) != len(migration.DefaultItems()) || len(cfg.Checklists.Rules()) != 0 {
			t.Errorf("without rules: %d items", len(cfg.Checklists.Items()))
		}
	}
}
