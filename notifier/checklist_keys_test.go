package notifier

import "ecs-migrate/internal/migration"

// checklistEndings are the possible ends of the checklists' keys with a changing
// end, by literal prefix; see catalogue.go.
func checklistEndings() map[string][]string {
	var items []string
	for _, i := range migration.DefaultItems() {
		items = append(items, i.ID)
	}
	phases := []string{string(migration.Preparation), string(migration.FollowUp)}
	return map[string][]string{
		"item.title.": items, "item.why.": items, "item.how.": items, "item.link.": items,
		"list.phase.": phases, "field.": phases,
	}
}
