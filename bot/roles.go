package bot

import (
	"context"
	"slices"

	"ecs-migrate/internal/config"
	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// grants tells who has which role about a migration: the channel that its card
// goes to decides.
func grants(cfg config.Config) func(migration.Migration) migration.Grants {
	return func(m migration.Migration) migration.Grants {
		k := m.Key()
		return migration.Grants(cfg.RolesIn(m.Card.Channel, k.Account, k.Region, m.Instance.Tags))
	}
}

// namedGroups are the user groups that the configuration gives a role, each once.
func namedGroups(cfg config.Config) (ids []string) {
	all := []config.Roles{cfg.Roles}
	for _, r := range cfg.Routes {
		all = append(all, r.Roles)
	}
	for _, roles := range all {
		for _, id := range slices.Concat(roles.Operator, roles.Admin) {
			if migration.IsGroup(id) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// roleCheck reads at the start who is in the user groups that have a role: what is
// wrong with one stands in the log before somebody needs it at night, and the first
// click waits for none.
type roleCheck struct {
	groups *notifier.Groups
	named  []string
}

// readAtStart leaves some of the calls that Slack takes in a minute (tier 2, some
// twenty) to people.
const readAtStart = 12

// run reads the groups and ends.
func (c *roleCheck) run(stop, _ context.Context) {
	for _, id := range c.named[:min(len(c.named), readAtStart)] {
		_, _ = c.groups.Has(stop, id, "") // which logs what is wrong
		if stop.Err() != nil {
			return
		}
	}
}
