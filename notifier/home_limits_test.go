package notifier

import (
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// fullHomes are Home tabs as full as they can be: each filter, in the middle of
// many pages, with buttons and without, and with every answer that there is.
func fullHomes(t *testing.T, fill string, lang Lang) map[string]slack.HomeTabViewRequest {
	t.Helper()
	v := sightless(View{Lang: lang, Zone: shanghai(t), Now: now, Checklists: migration.DefaultChecklists()})
	full := huge(fill)
	withDisks(40)(&full)
	full.Event.EventID, full.Event.InstanceID, full.Instance.Disks[0].ID = full.Event.Type, full.Event.Type, full.Event.Type
	var rows []HomeRow
	for n, s := range []migration.Status{
		migration.Scheduled, migration.Inquiring, migration.Executing, migration.Executed, migration.Failed, migration.Avoided,
		migration.Scheduled, migration.Inquiring, migration.Scheduled, migration.Scheduled,
	} {
		m := full
		m.Event.EventID += fmt.Sprint(n)
		if m.Event.Status = s; n > 5 {
			m.Asked, m.Held = nil, nil
		}
		if n > 7 {
			planOnly(&m)
		}
		rows = append(rows, HomeRow{m, []migration.Role{migration.Admin, migration.Operator}[n%2]})
	}
	page := HomePage{Chosen: now, Tab: migration.HomeTab{Filter: "all", Page: 9999}, Rows: rows, More: true, Waiting: rows[2:7], WaitingCount: 100_000}
	all := map[string]slack.HomeTabViewRequest{}
	for _, filter := range homeFilters {
		p := page
		p.Tab.Filter = filter
		all["filter "+filter] = Home(p, ask, v)
		p.Rows, p.Waiting, p.WaitingCount = nil, nil, 0
		all["end of "+filter] = Home(p, ask, v)
	}
	looks := page
	looks.Rows = []HomeRow{{rows[0].Migration, migration.Viewer}}
	all["looks"] = Home(looks, Ask{By: mary, Command: "/ecs-migrate", Looks: true}, v)
	told := answers(v)
	for name, msg := range LimitMessages(t) {
		told[name] = msg
	}
	m := rows[0].Migration
	no := &migration.Denial{Kind: migration.DeniedRole, Need: migration.Admin}
	for n := range 100 {
		no.Holders = append(no.Holders, fmt.Sprintf("U%09d", n), fmt.Sprintf("S%09d", n))
	}
	for name, msg := range map[string]Message{
		"decided": Decided(m, ask, v), "taken": Taken(m, ask, v), "snoozed": Snoozed(m, ask, v), "denied": Denied(m, no, v),
		"stale": Stale(m, rule(migration.RuleTaken, m), ask, v), "facts": Facts(m, v), "show": Show(m, nil, v),
	} {
		told["huge "+name] = msg
	}
	for name, msg := range told {
		p := page
		p.Answer = &msg
		all["answer "+name] = Home(p, ask, v)
	}
	return all
}

// homeFaults lists where a Home tab breaks Slack's limits or lets text from outside
// through unescaped.
func homeFaults(t *testing.T, view slack.HomeTabViewRequest) (found []string) {
	t.Helper()
	if n := len(view.Blocks.BlockSet); n == 0 || n > 100 {
		found = append(found, fmt.Sprint(n, " blocks"))
	}
	if len(view.PrivateMetadata) > 3000 {
		found = append(found, "private_metadata")
	}
	for _, b := range view.Blocks.BlockSet {
		if _, ok := b.(*slack.DividerBlock); ok {
			continue
		}
		found = append(found, faults(t, Message{Text: "Home", Blocks: []slack.Block{b}})...)
		if s, ok := b.(*slack.SectionBlock); ok && s.Accessory != nil && s.Accessory.SelectElement != nil {
			choice := slack.NewActionBlock("", s.Accessory.SelectElement)
			found = append(found, faults(t, Message{Text: "Home", Blocks: []slack.Block{choice}})...)
		}
	}
	return found
}

func TestFullHomesKeepTheLimits(t *testing.T) {
	for _, fill := range []string{"迁", "&"} {
		for _, lang := range Langs {
			for name, view := range fullHomes(t, fill, lang) {
				for _, f := range homeFaults(t, view) {
					t.Errorf("%q %s %s: %s", fill, lang, name, f)
				}
				if strings.HasPrefix(name, "filter") && len(view.Blocks.BlockSet) < 30 {
					t.Errorf("%s is not full: %d blocks", name, len(view.Blocks.BlockSet))
				}
			}
		}
	}
}

// LimitHomes is described at LimitForms. Of the answers it has the long ones; each
// by itself is in GoldenAnswers.
func LimitHomes(t *testing.T) map[string]slack.HomeTabViewRequest {
	all := map[string]slack.HomeTabViewRequest{}
	for _, lang := range Langs {
		for name, view := range fullHomes(t, "迁", lang) {
			if !strings.HasPrefix(name, "answer") || strings.HasPrefix(name, "answer huge") || strings.HasPrefix(name, "answer full") {
				all[string(lang)+"/"+name] = view
			}
		}
	}
	return all
}
