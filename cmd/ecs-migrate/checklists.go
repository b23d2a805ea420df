package main

import (
	"fmt"

	"ecs-migrate/internal/config"
)

// checklists tells each item with when it applies, and what the configuration
// makes of it below.
func checklists(cfg config.Config) [][]string {
	var rows [][]string
	for _, phase := range []string{"preparation", "follow_up"} {
		first := phase
		for _, i := range cfg.Checklists.Items() {
			if string(i.Phase) != phase {
				continue
			}
			rows = append(rows, []string{first, i.ID, asked(i.Optional), when(i.When, i.Title.In(string(cfg.Language)))})
			first = ""
			for _, r := range cfg.Checklists.Rules() {
				does := "own words"
				switch {
				case r.ID != i.ID:
					continue
				case r.Remove:
					does = "taken out"
				case r.Optional != nil:
					does = asked(*r.Optional)
				}
				rows = append(rows, []string{"", "", "→ " + does, when(r.When, r.Title.In(string(cfg.Language)))})
			}
		}
	}
	return rows
}

// when tells a condition, and a team's own words before it.
func when(condition fmt.Stringer, own string) string {
	text := orElse(condition.String(), "always")
	if own != "" {
		return fmt.Sprintf("%q, %s", own, text)
	}
	return text
}

func asked(optional bool) string {
	if optional {
		return "optional"
	}
	return "required"
}
