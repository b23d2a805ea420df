package handlers_test

import (
	"testing"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

func withDisks(m *migration.Migration) {
	m.Instance = m.Instance.WithDisks([]migration.Disk{
		{ID: "d-1", Type: "system", Device: "/dev/xvda", SizeGiB: 40}, {ID: "d-2", Type: "data", Device: "/dev/xvdb", SizeGiB: 60},
	}, m.Instance.ReadAt)
}

func TestFactsByCommand(t *testing.T) {
	w := newWorld(t)
	w.put(host(1, withDisks), host(2))
	w.says(w.command(mary, "/ecs-migrate facts i-001"), "*Facts* of", "/dev/xvdb", "100 GiB together")
	w.says(w.command(lin, "/ecs-migrate FACTS e-001"), "实例信息", "共 100 GiB")
	w.says(w.command(mary, "/ecs-migrate facts e-002"), "*Disks:* not known")
	w.says(w.command(mary, "/ecs-migrate facts"), "/ecs-migrate facts TARGET")
	w.says(w.command(mary, "/ecs-migrate fatcs e-001"), "Did you mean", "/ecs-migrate facts e-001")
	w.says(w.command(mary, "/ecs-migrate facts nothing-like-it"), "Nothing is known")
	if n := len(w.jobs()); n != 0 {
		t.Errorf("looking queues %d jobs", n)
	}
}

func TestFactsOfOneOfSeveral(t *testing.T) {
	w := newWorld(t)
	same := func(m *migration.Migration) { m.Event.InstanceID = "i-same" }
	w.put(host(1, same), host(2, same))
	w.says(w.command(mary, "/ecs-migrate facts i-same"), "Show the facts of one of them", "which one?")
}

func TestTheDetailsButton(t *testing.T) {
	w := newWorld(t)
	m := host(1, withDisks)
	w.put(m)
	card := w.card(m)
	w.click(mary, card, notifier.ActionFacts)
	w.told(mary, "*Facts* of", "/dev/xvda")
	w.fault.fail(true, true)
	w.click(lin, card, notifier.ActionFacts)
	w.told(lin, "无法读取")
	w.fault.fail(false, false)
	gone := host(2)
	w.click(mary, w.card(gone), notifier.ActionFacts)
	w.told(mary, "does not know this migration any more")
}
