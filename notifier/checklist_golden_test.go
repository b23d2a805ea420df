package notifier

import (
	"time"

	"ecs-migrate/internal/migration"
)

// ownLists are the default lists with a team's own words and items.
func ownLists() migration.Checklists {
	lists, err := migration.NewChecklists(migration.DefaultItems(), []migration.ItemRule{
		{ID: "snapshot", Title: migration.Text{"en": "Nightly backup <went> through", "zh-CN": "夜间备份<已完成>"}, Link: migration.Text{"": "https://wiki.example.com/backup?a=1&b=2"}},
		{ID: "traffic_away", Remove: true},
		{
			ID: "page_dba", Phase: migration.Preparation, Title: migration.Text{"": "Page the *DBA*"}, Why: migration.Text{"": "Only they can stop the replica & start it."},
		},
	})
	if err != nil {
		panic(err) // a constant of the tests
	}
	return lists
}

// said has people say something about items.
func said(marks map[string]migration.Mark) func(*migration.Migration) {
	return func(m *migration.Migration) {
		m.Checklist.Marks, m.Checklist.Revision = marks, len(marks)
	}
}

func doneBy(who string) migration.Mark {
	return migration.Mark{State: migration.Done, By: who, When: decided, Revision: 1}
}

// someMarks are one of each kind.
func someMarks() map[string]migration.Mark {
	note := &migration.Note{Text: "1.2 GiB <free> & rising", By: mary, When: decided}
	return map[string]migration.Mark{
		"snapshot":       doneBy(lin),
		"vpc_vswitch":    {State: migration.NotNeeded, By: mary, When: decided, Reason: "the default one <is> fine", Revision: 2},
		"disk_space":     {State: migration.Done, By: lin, When: decided, Revision: 3, Note: note},
		"start_at_boot":  {By: mary, When: decided, Revision: 4}, // taken back
		"security_group": {Revision: 5, Note: &migration.Note{Text: "asked the network team", By: lin, When: decided}},
	}
}

// settled are all required items of the classic instance's follow-up.
func settled() map[string]migration.Mark {
	marks := map[string]migration.Mark{}
	for _, i := range migration.DefaultChecklists().Required(with(status(migration.Executed)), migration.FollowUp) {
		marks[i.ID] = doneBy(mary)
	}
	return marks
}

func acknowledgedWith(by, reason string, open ...string) func(*migration.Migration) {
	return func(m *migration.Migration) {
		m.Acknowledged = &migration.Ack{By: by, When: planned.Add(30 * time.Minute), Via: migration.ViaForm, Reason: reason, Open: open}
	}
}

func listedCards() map[string]card {
	lists, later := migration.DefaultChecklists(), planned.Add(time.Hour)
	return map[string]card{
		"list-preparation":       {m: with(said(someMarks())), lists: lists},
		"list-preparation-ready": {m: with(eventType("SystemMaintenance.Reboot"), said(map[string]migration.Mark{"snapshot": doneBy(lin), "start_at_boot": doneBy(lin)})), lists: lists},
		"list-executing":         {m: with(held(lin, migration.Confirmed), status(migration.Executing)), lists: lists},
		"list-executed":          {m: with(held(lin, migration.Confirmed), status(migration.Executed)), at: later, lists: lists},
		"list-executed-ready":    {m: with(held(lin, migration.Confirmed), status(migration.Executed), said(settled())), at: later, lists: lists},
		"list-failed":            {m: with(status(migration.Failed)), at: later, lists: lists},
		"list-canceled":          {m: with(status(migration.Canceled)), lists: lists},
		"list-done":              {m: with(status(migration.Executed), said(settled()), acknowledged), at: later, lists: lists},
		"list-done-reason":       {m: with(status(migration.Executed), acknowledgedWith(lin, "the site <is> up, the rest tomorrow", "new_snapshot")), at: later, lists: lists},
		"list-done-failed":       {m: with(status(migration.Failed), acknowledgedWith(lin, "")), at: later, lists: lists},
		"list-done-before":       {m: with(status(migration.Executed), acknowledgedWith("", "")), at: later, lists: lists},
	}
}

func listLines() map[string]line {
	ended := with(status(migration.Executed))
	news := func(n migration.News) line { n.When, n.By = now, lin; return line{ended, n} }
	return map[string]line{
		"acknowledged": news(migration.News{Kind: migration.NewsAcknowledged}),
		"acknowledged-reason": news(migration.News{
			Kind: migration.NewsAcknowledged, Text: "the rest <tomorrow>", Items: []string{"new_snapshot", "licence_codes", "mac_licence", "old_private_ip", "long_gone"},
		}),
		"ticked":      news(migration.News{Kind: migration.NewsTicked, Item: "reachable"}),
		"not-needed":  news(migration.News{Kind: migration.NewsNotNeeded, Item: "mac_licence", Text: "no licences & no <MAC>"}),
		"taken-back":  news(migration.News{Kind: migration.NewsTakenBack, Item: "long_gone"}),
		"noted":       news(migration.News{Kind: migration.NewsNoted, Item: "reachable", Text: "slow"}),
		"noted-empty": news(migration.News{Kind: migration.NewsNoted, Item: "reachable"}),
	}
}

func checklistAnswers(v View) map[string]Message {
	v.Checklists = migration.DefaultChecklists()
	own, none := v, v
	own.Checklists, none.Checklists = ownLists(), migration.Checklists{}
	ran, failed := with(status(migration.Executed)), with(status(migration.Failed))
	before, after := migration.Preparation, migration.FollowUp
	open := rule(migration.RuleOpenItems, ran)
	open.Items = v.Checklists.Required(ran, after)
	stood := func(by string) *migration.RuleError {
		e := rule(migration.RuleAcknowledged, ran)
		e.Standing = &migration.Reservation{By: by, Made: decided}
		return e
	}
	again := Ask{By: mary, Command: "/ecs-migrate", Again: "/ecs-migrate ack e-bp1hygp5b04o56l2**** REASON"}
	return map[string]Message{
		"checklist-preparation":     Checklist(with(said(someMarks())), before, v),
		"checklist-own":             Checklist(with(said(someMarks())), before, own),
		"checklist-reboot":          Checklist(with(inVPC, eventType("SystemMaintenance.Reboot")), before, v),
		"checklist-redeploy":        Checklist(with(inVPC, eventType("SystemMaintenance.Redeploy")), before, v),
		"checklist-running":         Checklist(with(said(someMarks()), status(migration.Executing)), before, v),
		"checklist-canceled":        Checklist(with(said(someMarks()), status(migration.Canceled)), before, v),
		"checklist-follow-up":       Checklist(ran, after, v),
		"checklist-follow-up-ready": Checklist(with(status(migration.Executed), said(settled())), after, v),
		"checklist-failed":          Checklist(failed, after, v),
		"checklist-done":            Checklist(with(status(migration.Executed), said(settled()), acknowledged), after, v),
		"checklist-done-reason":     Checklist(with(status(migration.Executed), acknowledgedWith(lin, "later", "new_snapshot")), after, v),
		"checklist-done-before":     Checklist(with(status(migration.Executed), acknowledgedWith("", "")), after, v),
		"checklist-empty":           Checklist(base(), before, none),
		"checklist-hostile":         Checklist(with(func(m *migration.Migration) { *m = hostile() }, said(someMarks())), before, own),

		"show-checklist":         ShowChecklist(with(said(someMarks())), v),
		"show-checklist-running": ShowChecklist(with(status(migration.Executing)), v),
		"show-checklist-none":    ShowChecklist(with(status(migration.Canceled)), v),

		"decided-unprepared": Decided(with(asked(nil)), ask, v),
		"decided-done":       Decided(with(status(migration.Executed), acknowledgedWith(mary, "")), ask, v),
		"too-long":           TooLong(v),

		"broken-open-items":          Broken(ran, open, again, v),
		"broken-acknowledged":        Broken(ran, stood(lin), ask, v),
		"broken-acknowledged-before": Broken(ran, stood(""), ask, v),
		"broken-not-run":             Broken(base(), rule(migration.RuleNotRun, base()), ask, v),
		"broken-phase":               Broken(ran, rule(migration.RulePhase, ran), ask, v),
		"broken-no-item":             Broken(ran, rule(migration.RuleNoItem, ran), ask, v),
		"broken-reason":              Broken(ran, rule(migration.RuleReason, ran), ask, v),
		"broken-long":                Broken(ran, rule(migration.RuleLong, ran), ask, v),

		"list-waiting-rows": List(Page{Filter: "all", Number: 1, Rows: []migration.Migration{
			base(), failed, with(status(migration.Executed), said(settled())), with(status(migration.Avoided), func(m *migration.Migration) { m.Event.FinishedAt = time.Time{} }),
		}}, v),
		"choice-checklist": Choice("web-01", Wish{Does: DoesChecklist}, []Pick{{base(), "checklist a/b/e-1"}}, 0, v),
		"choice-ack":       Choice("web-01", Wish{Does: DoesAck}, []Pick{{ran, "ack a/b/e-1 later"}}, 0, v),
	}
}

func checklistViews(v View) map[string]any {
	v.Checklists = migration.DefaultChecklists()
	own := v
	own.Checklists = ownLists()
	m, ran := with(said(someMarks())), with(status(migration.Executed), said(settled()))
	find := func(id string) migration.Item {
		item, _ := v.Checklists.Find(m, migration.Preparation, id)
		return item
	}
	ref := ListRef{Phase: migration.Preparation, Settled: []string{"snapshot"}, Tick: []string{"security_group"}, Untick: []string{"snapshot"}}
	taken := rule(migration.RuleAcknowledged, ran)
	taken.Standing = &migration.Reservation{By: lin, Made: decided}
	var moot []migration.Moot
	for _, id := range []string{"snapshot", "vpc_vswitch", "disk_space", "start_at_boot", "security_group"} {
		moot = append(moot, migration.Moot{Item: find(id), Mark: m.Mark(id)})
	}
	all := map[string]any{
		"form-checklist":         ChecklistForm(m, nil, nil, v),
		"form-checklist-own":     ChecklistForm(m, nil, nil, own),
		"form-checklist-unsaved": ChecklistForm(m, []string{"security_group"}, []string{"snapshot"}, v),
		"form-checklist-after":   ChecklistForm(ran, nil, nil, v),
		"form-checklist-running": ChecklistForm(with(status(migration.Executing)), nil, nil, v),
		"form-checklist-moot":    MootForm(m, moot, v),
		"form-item":              ItemForm(m, find("security_software_off"), ref, nil, v),
		"form-item-done":         ItemForm(m, find("disk_space"), ref, nil, v),
		"form-item-not-needed":   ItemForm(m, find("vpc_vswitch"), ref, nil, v),
		"form-item-moot":         ItemForm(m, find("snapshot"), ref, &ItemChoice{State: migration.NotNeeded, Reason: "stateless", Note: "n"}, v),
		"form-ack":               AckForm(with(status(migration.Executed)), v),
		"form-ack-ready":         AckForm(ran, v),
		"form-ack-taken":         AckBroken(ran, taken, ask, v),
	}
	for _, callback := range []string{FormChecklist, FormItem, FormAck} {
		all["form-loading-"+callback] = FormLoading(callback, v)
	}
	return all
}
