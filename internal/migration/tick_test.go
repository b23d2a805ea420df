package migration_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

var lists = migration.DefaultChecklists()

func tick(id string, s migration.MarkState) migration.Tick { return migration.Tick{Item: id, State: s} }

func notNeeded(id, why string) migration.Tick {
	return migration.Tick{Item: id, State: migration.NotNeeded, Reason: why}
}

func noted(id string, s migration.MarkState, note string) migration.Tick {
	return migration.Tick{Item: id, State: s, Note: &note}
}

// ticked carries out ticks that must stand.
func ticked(t *testing.T, m migration.Migration, d migration.Decision, ticks ...migration.Tick) (migration.Migration, migration.Change, []migration.Moot) {
	t.Helper()
	c, moot, err := m.Tick(lists, m.Phase(), ticks, d)
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if c.Migration == nil {
		return m, c, moot
	}
	return *c.Migration, c, moot
}

func kinds(c migration.Change) string {
	var all []string
	for _, e := range c.Entries {
		all = append(all, string(e.News.Kind)+" "+e.News.Item)
	}
	return strings.Join(all, ", ")
}

func jobKinds(c migration.Change) string {
	var all []string
	for _, j := range c.Jobs {
		all = append(all, string(j.Kind))
	}
	return strings.Join(all, " ")
}

func TestTicksAreKeptWithWhoAndWhen(t *testing.T) {
	m := about("SystemUpgrade.Migrate", migration.Scheduled, classic)
	after, c, moot := ticked(t, m, by("U1", 0), tick("snapshot", migration.Done), notNeeded("disk_space", " diskless "), noted("security_group", migration.Open, "asked Mary"))
	if len(moot) > 0 || kinds(c) != "ticked snapshot, not_needed disk_space, noted security_group" || jobKinds(c) != "card list" {
		t.Errorf("moot %v, told %s, jobs %s", moot, kinds(c), jobKinds(c))
	}
	if k := after.Mark("snapshot"); k.State != migration.Done || k.By != "U1" || !k.When.Equal(now) || k.Revision != 1 {
		t.Errorf("%+v", k)
	}
	if k := after.Mark("disk_space"); k.State != migration.NotNeeded || k.Reason != "diskless" {
		t.Errorf("%+v", k)
	}
	if k := after.Mark("security_group"); k.Settled() || k.By != "" || k.Note == nil || k.Note.Text != "asked Mary" || k.Note.By != "U1" {
		t.Errorf("%+v", k)
	}
	if done, total := lists.Progress(after, migration.Preparation); done != 2 || total != 10 {
		t.Errorf("%d/%d", done, total)
	}
	if got := ids(lists.Open(after, migration.Preparation)); strings.Contains(got, "snapshot") || strings.Contains(got, "disk_space") || !strings.Contains(got, "security_group") {
		t.Errorf("open: %s", got)
	}
	if got := ids(lists.Required(after, migration.Preparation)); got != "security_group security_software_off start_at_boot" {
		t.Errorf("required: %s", got)
	}
	if len(m.Checklist.Marks) != 0 {
		t.Error("the migration that was decided on was changed")
	}
	if after.Revision != m.Revision {
		t.Error("a tick made the card's buttons old")
	}
}

func TestATickOfTwoIsOne(t *testing.T) {
	m := about("SystemUpgrade.Migrate", migration.Scheduled, classic)
	m, _, _ = ticked(t, m, by("U1", 0), tick("snapshot", migration.Done))
	d := by("U2", 0)
	d.Now = now.Add(time.Second)
	after, c, moot := ticked(t, m, d, tick("snapshot", migration.Done), tick("disk_space", migration.Done))
	if len(moot) != 1 || moot[0].Item.ID != "snapshot" || moot[0].Mark.By != "U1" {
		t.Errorf("moot %+v", moot)
	}
	if kinds(c) != "ticked disk_space" || after.Mark("snapshot").By != "U1" || after.Mark("disk_space").By != "U2" {
		t.Errorf("told %s, snapshot by %s", kinds(c), after.Mark("snapshot").By)
	}
	// The same person twice, or one who has seen it, is told nothing.
	for _, d := range []migration.Decision{by("U1", 0), by("U2", 2), by("U2", migration.SeenAny)} {
		if _, c, moot := ticked(t, after, d, tick("snapshot", migration.Done)); !c.Empty() || len(moot) != 0 {
			t.Errorf("%+v: %s, moot %v", d, kinds(c), moot)
		}
	}
}

func TestWhatSomebodyElseSaidInBetweenStands(t *testing.T) {
	m := about("SystemUpgrade.Migrate", migration.Scheduled, classic)
	m, _, _ = ticked(t, m, by("U1", 0), tick("snapshot", migration.Done))   // revision 1: both look at this
	m, _, _ = ticked(t, m, by("U1", 1), notNeeded("snapshot", "stateless")) // 2
	after, c, moot := ticked(t, m, by("U2", 1), tick("snapshot", migration.Open))
	if len(moot) != 1 || !c.Empty() || after.Mark("snapshot").State != migration.NotNeeded {
		t.Errorf("moot %v, %s, %+v", moot, kinds(c), after.Mark("snapshot"))
	}
	// So does a tick taken back: it is not set again by a form that still shows it.
	m, _, _ = ticked(t, m, by("U1", 2), tick("snapshot", migration.Open)) // 3
	if _, c, moot := ticked(t, m, by("U2", 2), notNeeded("snapshot", "stateless")); len(moot) != 1 || !c.Empty() {
		t.Errorf("moot %v, %s", moot, kinds(c))
	}
	// And a note that somebody else wrote.
	m, _, _ = ticked(t, m, by("U1", 3), noted("disk_space", migration.Open, "2 GiB free")) // 4
	if _, c, moot := ticked(t, m, by("U2", 3), noted("disk_space", migration.Open, "mine")); len(moot) != 1 || !c.Empty() {
		t.Errorf("moot %v, %s", moot, kinds(c))
	}
}

func TestTakingBackLeavesTheNote(t *testing.T) {
	m := about("SystemUpgrade.Migrate", migration.Scheduled, classic)
	m, _, _ = ticked(t, m, by("U1", 0), noted("snapshot", migration.Done, "s-1"))
	after, c, _ := ticked(t, m, by("U2", 1), tick("snapshot", migration.Open))
	k := after.Mark("snapshot")
	if kinds(c) != "taken_back snapshot" || k.Settled() || k.By != "U2" || k.Note == nil || k.Note.By != "U1" {
		t.Errorf("%s, %+v", kinds(c), k)
	}
	after, c, _ = ticked(t, after, by("U2", 2), noted("snapshot", migration.Open, " "))
	if kinds(c) != "noted snapshot" || after.Mark("snapshot").Note != nil {
		t.Errorf("%s, %+v", kinds(c), after.Mark("snapshot"))
	}
}

func TestTicksThatCannotStand(t *testing.T) {
	m := about("SystemUpgrade.Migrate", migration.Scheduled, classic)
	long := strings.Repeat("迁", migration.MaxRemark+1)
	for name, tt := range map[string]struct {
		m    migration.Migration
		p    migration.Phase
		tick migration.Tick
		want migration.Rule
	}{
		"no such item":           {m, migration.Preparation, tick("nothing", migration.Done), migration.RuleNoItem},
		"an item of the other":   {m, migration.Preparation, tick("voucher", migration.Done), migration.RuleNoItem},
		"no such state":          {m, migration.Preparation, tick("snapshot", "later"), migration.RuleNoItem},
		"not needed, no reason":  {m, migration.Preparation, notNeeded("snapshot", " \n"), migration.RuleReason},
		"a reason too long":      {m, migration.Preparation, notNeeded("snapshot", long), migration.RuleLong},
		"a note too long":        {m, migration.Preparation, noted("snapshot", migration.Done, long), migration.RuleLong},
		"the other phase":        {m, migration.FollowUp, tick("reachable", migration.Done), migration.RulePhase},
		"while it runs":          {about("SystemUpgrade.Migrate", migration.Executing, classic), migration.Preparation, tick("snapshot", migration.Done), migration.RulePhase},
		"when it was cancelled":  {about("SystemUpgrade.Migrate", migration.Canceled, classic), migration.Preparation, tick("snapshot", migration.Done), migration.RulePhase},
		"before, when it is now": {about("SystemUpgrade.Migrate", migration.Executed, classic), migration.Preparation, tick("snapshot", migration.Done), migration.RulePhase},
	} {
		c, moot, err := tt.m.Tick(lists, tt.p, []migration.Tick{tick("start_at_boot", migration.Done), tt.tick}, by("U1", 0))
		if tt.p == migration.FollowUp {
			c, moot, err = tt.m.Tick(lists, tt.p, []migration.Tick{tt.tick}, by("U1", 0))
		}
		rule, ok := errors.AsType[*migration.RuleError](err)
		if !ok || rule.Rule != tt.want || !c.Empty() || len(moot) != 0 {
			t.Errorf("%s: %v, moot %v, %s", name, err, moot, kinds(c))
		}
	}
}

func TestAcknowledging(t *testing.T) {
	ran := about("SystemMaintenance.Reboot", migration.Executed, classic)
	if !ran.Waiting() || ran.State() != migration.StateExecuted {
		t.Fatalf("%v %s", ran.Waiting(), ran.State())
	}
	_, err := ran.Acknowledge(lists, "  ", by("U1", 0))
	rule, ok := errors.AsType[*migration.RuleError](err)
	if !ok || rule.Rule != migration.RuleOpenItems || ids(rule.Items) != "reachable" {
		t.Fatalf("with a required item open: %v", err)
	}

	// With a reason it stands, and says what was open.
	done := must(t)(ran.Acknowledge(lists, " checked by phone ", by("U1", 0)))
	ack := done.Acknowledged
	if done.State() != migration.StateDone || done.Waiting() || ack.Reason != "checked by phone" || len(ack.Open) != 1 || ack.Open[0] != "reachable" {
		t.Errorf("%s %+v", done.State(), ack)
	}
	if c, err := done.Acknowledge(lists, "", by("U1", 0)); err != nil || !c.Empty() {
		t.Errorf("twice by the same: %v %s", err, kinds(c))
	}
	_, err = done.Acknowledge(lists, "", by("U2", 0))
	rule, ok = errors.AsType[*migration.RuleError](err)
	if !ok || rule.Rule != migration.RuleAcknowledged || rule.Standing.By != "U1" || !rule.Standing.Made.Equal(now) {
		t.Errorf("by another: %v", err)
	}

	// With everything required settled it takes none; optional items may be open.
	ran, _, _ = ticked(t, ran, by("U2", 0), tick("reachable", migration.Done))
	c, err := ran.Acknowledge(lists, "", by("U1", 0))
	if err != nil || c.Migration.Acknowledged.Open != nil || kinds(c) != "acknowledged " || !strings.Contains(jobKinds(c), "line") {
		t.Errorf("%v %s %s", err, kinds(c), jobKinds(c))
	}
	// And what comes late, such as the voucher, can still be ticked.
	after, _, _ := ticked(t, *c.Migration, by("U2", 1), tick("file_system", migration.Done))
	if !after.Mark("file_system").Settled() || after.State() != migration.StateDone {
		t.Errorf("%+v", after.Mark("file_system"))
	}
}

func TestWhatCannotBeAcknowledged(t *testing.T) {
	for _, s := range []migration.Status{migration.Inquiring, migration.Scheduled, migration.Executing, migration.Canceled} {
		_, err := about("SystemMaintenance.Reboot", s, classic).Acknowledge(lists, "because", by("U1", 0))
		if rule, ok := errors.AsType[*migration.RuleError](err); !ok || rule.Rule != migration.RuleNotRun {
			t.Errorf("%s: %v", s, err)
		}
	}
	_, err := about("SystemMaintenance.Reboot", migration.Failed, classic).Acknowledge(lists, strings.Repeat("x", migration.MaxRemark+1), by("U1", 0))
	if rule, ok := errors.AsType[*migration.RuleError](err); !ok || rule.Rule != migration.RuleLong {
		t.Error(err)
	}
	if m := about("SystemMaintenance.Reboot", migration.Canceled, classic); m.Waiting() {
		t.Error("a cancelled one waits")
	}
}

// listed are the lists that a change has posted or drawn.
func listed(c migration.Change) string {
	var all []string
	for _, j := range c.Jobs {
		if j.Kind == migration.JobList {
			all = append(all, string(j.Phase))
		}
	}
	return strings.Join(all, " ")
}

func TestWhenListsAreShown(t *testing.T) {
	at := now.Add(time.Minute)
	stands := migration.ListMessage{TS: "2", Thread: "1", Generation: 1}
	fresh := about("SystemMaintenance.Reboot", migration.Scheduled, classic)
	fresh.Card.TS = "1"
	shown := fresh.WithList(migration.Preparation, stands)
	anew := shown
	anew.Card.TS = "9"
	ran := about("SystemMaintenance.Reboot", migration.Executed, classic)
	becomes := func(m migration.Migration, s migration.Status) migration.Change {
		ev := m.Event
		ev.Status, ev.ReadAt = s, at
		return m.Observe(ev, at)
	}
	decide := func(c migration.Change, err error) migration.Change {
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for name, tt := range map[string]struct {
		c    migration.Change
		want string
	}{
		"announced":                      {migration.First(fresh.Event, classic, "C1", now), ""},
		"kept":                           {decide(fresh.Keep(by("U1", 0))), "preparation"},
		"kept, and it stands":            {decide(shown.Keep(by("U1", 0))), ""},
		"kept, and the card was renewed": {decide(anew.Keep(by("U1", 0))), "preparation"},
		"asked for a time":               {decide(fresh.Choose(now.Add(time.Hour), by("U1", 0))), "preparation"},
		"snoozed":                        {decide(fresh.Snooze(now.Add(time.Hour), by("U1", 0))), ""},
		"started":                        {becomes(fresh, migration.Executing), "preparation"},
		"ended":                          {becomes(fresh, migration.Executed), "preparation follow_up"},
		"failed":                         {becomes(fresh, migration.Failed), "preparation follow_up"},
		"avoided":                        {becomes(fresh, migration.Avoided), "preparation follow_up"},
		"cancelled":                      {becomes(fresh, migration.Canceled), "preparation"},
		"acknowledged":                   {decide(ran.Acknowledge(lists, "why", by("U1", 0))), "follow_up"},
	} {
		if got := listed(tt.c); got != tt.want {
			t.Errorf("%s: lists %q, want %q", name, got, tt.want)
		}
	}
}

func TestWhereAListStandsIsKept(t *testing.T) {
	m := about("SystemMaintenance.Reboot", migration.Executed, classic)
	l := migration.ListMessage{TS: "2", Thread: "1", Generation: 1}
	c := m.ListPosted(migration.FollowUp, l)
	if c.Migration == nil || c.Migration.Checklist.FollowUp != l || c.Migration.Checklist.Preparation != (migration.ListMessage{}) {
		t.Errorf("%+v", c.Migration)
	}
	if again := c.Migration.ListPosted(migration.FollowUp, l); !again.Empty() {
		t.Error("what is known was stored again")
	}
}
