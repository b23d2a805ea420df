package migration_test

import (
	"slices"
	"strings"
	"testing"

	"ecs-migrate/internal/migration"
)

// about makes a migration of an event type and an instance.
func about(eventType string, s migration.Status, inst migration.Instance) migration.Migration {
	ev := event(status(s), func(ev *migration.Event) { ev.Type = eventType })
	inst.ID = "i-1"
	return migration.Migration{Event: ev, Instance: inst, FirstNotBefore: deadline, Card: migration.Card{Channel: "C1"}}
}

// ids names items, the optional ones with a question mark.
func ids(items []migration.Item) string {
	var all []string
	for _, i := range items {
		if i.Optional {
			i.ID += "?"
		}
		all = append(all, i.ID)
	}
	return strings.Join(all, " ")
}

var (
	classic   = migration.Instance{NetworkType: "classic", OSType: "linux", PublicIPs: []string{"203.0.113.7"}, ReadAt: now, Tags: map[string]string{"team": "web"}}
	noPublic  = migration.Instance{NetworkType: "classic", OSType: "linux", ReadAt: now}
	inVPC     = migration.Instance{NetworkType: "vpc", OSType: "windows", EIP: "203.0.113.8", ReadAt: now}
	notRead   = migration.Instance{}
	vpcReason = "VPCMigrationEcs"
)

func TestWhichDefaultItemsApply(t *testing.T) {
	const (
		migrate = "SystemUpgrade.Migrate"
		reboot  = "SystemMaintenance.Reboot"
	)
	for name, tt := range map[string]struct {
		m    migration.Migration
		p    migration.Phase
		want string
	}{
		"classic to VPC, before": {about(migrate, migration.Scheduled, classic), migration.Preparation,
			"snapshot vpc_vswitch? security_group disk_space classic_peers? hybrid_database? whitelist_cidr? security_software_off start_at_boot traffic_away?"},
		"classic to VPC, after": {about(migrate, migration.Executed, classic), migration.FollowUp,
			"reachable security_group_ports old_private_ip mac_licence licence_codes security_software_on file_system? new_snapshot voucher?"},
		"classic without a public address, after": {about(migrate, migration.Executed, noPublic), migration.FollowUp,
			"reachable security_group_ports old_private_ip licence_codes security_software_on file_system? new_snapshot voucher?"},
		"a host migration within a VPC, before": {about(migrate, migration.Scheduled, inVPC), migration.Preparation,
			"snapshot disk_space security_software_off start_at_boot traffic_away?"},
		"a host migration within a VPC, after": {about(migrate, migration.Executed, inVPC), migration.FollowUp,
			"reachable licence_codes security_software_on file_system? new_snapshot voucher?"},
		"a restart, before":               {about(reboot, migration.Scheduled, classic), migration.Preparation, "snapshot start_at_boot traffic_away?"},
		"a restart that waits for a yes":  {about(reboot, migration.Inquiring, classic), migration.Preparation, "snapshot start_at_boot traffic_away?"},
		"a restart, after":                {about(reboot, migration.Executed, classic), migration.FollowUp, "reachable file_system?"},
		"a restart of one's own":          {about(reboot, migration.Avoided, classic), migration.FollowUp, "reachable file_system?"},
		"a redeployment, before":          {about("SystemMaintenance.Redeploy", migration.Scheduled, inVPC), migration.Preparation, "snapshot local_data start_at_boot traffic_away?"},
		"a redeployment, after":           {about("SystemFailure.Redeploy", migration.Executed, inVPC), migration.FollowUp, "reachable local_data_back file_system?"},
		"a damaged disk":                  {about("SystemMaintenance.IsolateErrorDisk", migration.Scheduled, inVPC), migration.Preparation, "snapshot local_data traffic_away?"},
		"a damaged disk, after":           {about("SystemMaintenance.ReInitErrorDisk", migration.Executed, inVPC), migration.FollowUp, "reachable local_data_back"},
		"a damaged disk, with a restart":  {about("SystemMaintenance.RebootAndIsolateErrorDisk", migration.Scheduled, inVPC), migration.Preparation, "snapshot local_data start_at_boot traffic_away?"},
		"a stop, before":                  {about("SystemMaintenance.Stop", migration.Scheduled, inVPC), migration.Preparation, "snapshot start_at_boot traffic_away?"},
		"a stop, after":                   {about("SystemMaintenance.Stop", migration.Executed, inVPC), migration.FollowUp, "started reachable file_system?"},
		"a failure":                       {about(migrate, migration.Failed, classic), migration.FollowUp, "instance_state ticket"},
		"a type that is new":              {about("SystemMaintenance.Whatever", migration.Scheduled, inVPC), migration.Preparation, "snapshot start_at_boot traffic_away?"},
		"facts not read, the reason told": {unreadToVPC(migration.Executed), migration.FollowUp, "reachable security_group_ports old_private_ip mac_licence licence_codes security_software_on file_system? new_snapshot voucher?"},
		"facts not read, no reason":       {about(migrate, migration.Scheduled, notRead), migration.Preparation, "snapshot disk_space security_software_off start_at_boot traffic_away?"},
	} {
		if got := ids(migration.DefaultChecklists().For(tt.m, tt.p)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tt.want)
		}
	}
}

func unreadToVPC(s migration.Status) migration.Migration {
	m := about("SystemUpgrade.Migrate", s, notRead)
	m.Event.ReasonCode = vpcReason
	return m
}

func TestWhatAConditionHoldsFor(t *testing.T) {
	yes, no := true, false
	m := about("SystemUpgrade.Migrate", migration.Executed, classic)
	unread := about("SystemUpgrade.Migrate", migration.Executed, notRead)
	for name, tt := range map[string]struct {
		when         migration.Condition
		known, other bool // of m, and of the one whose facts were not read
	}{
		"nothing asked":        {migration.Condition{}, true, true},
		"the type":             {migration.Condition{Events: []string{"SystemUpgrade.Migrate"}}, true, true},
		"a beginning":          {migration.Condition{Events: []string{"a.b", "SystemUpgrade.*"}}, true, true},
		"another type":         {migration.Condition{Events: []string{"SystemUpgrade.Mig"}}, false, false},
		"to a VPC":             {migration.Condition{ToVPC: &yes}, true, false},
		"not to a VPC":         {migration.Condition{ToVPC: &no}, false, true},
		"the network":          {migration.Condition{Network: "classic"}, true, true},
		"another network":      {migration.Condition{Network: "vpc"}, false, true},
		"the system":           {migration.Condition{OS: "Linux"}, true, true},
		"another system":       {migration.Condition{OS: "windows"}, false, true},
		"public":               {migration.Condition{Public: &yes}, true, true},
		"not public":           {migration.Condition{Public: &no}, false, true},
		"the tag":              {migration.Condition{Tags: map[string]string{"team": "web"}}, true, false},
		"another value":        {migration.Condition{Tags: map[string]string{"team": "db"}}, false, false},
		"a tag that is absent": {migration.Condition{Tags: map[string]string{"owner": ""}}, false, false},
		"the way it ended":     {migration.Condition{After: []migration.Status{migration.Executed}}, true, true},
		"another way":          {migration.Condition{After: []migration.Status{migration.Failed}}, false, false},
		"a restart":            {migration.Condition{Restarts: &yes}, true, true},
		"no restart":           {migration.Condition{Restarts: &no}, false, false},
		"all but one":          {migration.Condition{Network: "classic", OS: "windows"}, false, true},
	} {
		if got := tt.when.Holds(m); got != tt.known {
			t.Errorf("%s: %v, want %v", name, got, tt.known)
		}
		if got := tt.when.Holds(unread); got != tt.other {
			t.Errorf("%s, facts not read: %v, want %v", name, got, tt.other)
		}
	}
}

func TestWhatATeamMakesOfTheItems(t *testing.T) {
	yes := true
	web := migration.Condition{Tags: map[string]string{"team": "web"}}
	reboots := migration.Condition{Events: []string{"SystemMaintenance.*"}}
	lists, err := migration.NewChecklists(migration.DefaultItems(), []migration.ItemRule{
		{ID: "traffic_away", Remove: true, When: reboots},
		{ID: "snapshot", Title: migration.Text{"": "Nightly backup went through"}, When: web},
		{ID: "start_at_boot", Optional: &yes},
		{ID: "page_dba", Phase: migration.Preparation, Title: migration.Text{"en": "Page the DBA"}, When: web},
		{ID: "page_dba", Optional: &yes, When: reboots},
	})
	if err != nil {
		t.Fatal(err)
	}
	tagged := about("SystemMaintenance.Reboot", migration.Scheduled, classic)
	other := about("SystemUpgrade.Migrate", migration.Scheduled, inVPC)
	if got, want := ids(lists.For(tagged, migration.Preparation)), "snapshot start_at_boot? page_dba?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := ids(lists.For(other, migration.Preparation)), "snapshot disk_space security_software_off start_at_boot? traffic_away?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for m, want := range map[*migration.Migration]string{&tagged: "Nightly backup went through", &other: ""} {
		item, ok := lists.Find(*m, migration.Preparation, "snapshot")
		if got := item.Title.In("zh-CN"); !ok || got != want {
			t.Errorf("the title is %q, want %q", got, want)
		}
	}
	if _, ok := lists.Find(other, migration.Preparation, "page_dba"); ok {
		t.Error("an item of another team applies")
	}
	if got := lists.Named(other, "page_dba").Title.In("en"); got != "Page the DBA" {
		t.Errorf("history names it %q", got)
	}
	if got := lists.Named(other, "long_gone").Title.In("en"); got != "long_gone" {
		t.Errorf("history names an item that is gone %q", got)
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	title := migration.Text{"": "x"}
	var many []migration.ItemRule
	for i := range migration.MaxItems + 1 {
		many = append(many, migration.ItemRule{ID: "item_" + strings.Repeat("x", i), Phase: migration.FollowUp, Title: title})
	}
	for name, rules := range map[string][]migration.ItemRule{
		"an id with blanks":     {{ID: "a b", Phase: migration.FollowUp, Title: title}},
		"an id too long":        {{ID: strings.Repeat("a", 33), Phase: migration.FollowUp, Title: title}},
		"a phase of another":    {{ID: "snapshot", Phase: migration.FollowUp}},
		"nothing to remove":     {{ID: "nothing", Remove: true}},
		"a new one, no phase":   {{ID: "mine", Title: title}},
		"a new one, odd phase":  {{ID: "mine", Title: title, Phase: "later"}},
		"a new one, no title":   {{ID: "mine", Phase: migration.FollowUp}},
		"more than a list has":  many,
		"the second of two new": {{ID: "mine", Phase: migration.FollowUp, Title: title}, {ID: "mine", Phase: migration.FollowUp, Title: title}},
	} {
		if _, err := migration.NewChecklists(migration.DefaultItems(), rules); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestDefaultItemsAreSound(t *testing.T) {
	if _, err := migration.NewChecklists(migration.DefaultItems(), nil); err != nil {
		t.Error(err)
	}
	var seen []string
	for _, i := range migration.DefaultItems() {
		if !migration.ValidItemID(i.ID) || slices.Contains(seen, i.ID) {
			t.Errorf("%q cannot name an item, or names two", i.ID)
		}
		seen = append(seen, i.ID)
	}
}
