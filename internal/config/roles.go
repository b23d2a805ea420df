package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Everyone, in place of ids, is every full member of the bot's workspace: no
// guest, nobody of another workspace, no bot.
const Everyone = "everyone"

// Roles say who may do more than look, which every full member of the workspace
// may: ids of Slack users and user groups, or
// Everyone. An admin is an operator too.
type Roles struct {
	// Operator may reserve, reschedule, tick and acknowledge.
	Operator []string
	// Admin may also authorise.
	Admin []string
}

// or is the roles with those of wide in place of the ones that are not given.
func (r Roles) or(wide Roles) Roles {
	if len(r.Operator) == 0 {
		r.Operator = wide.Operator
	}
	if len(r.Admin) == 0 {
		r.Admin = wide.Admin
	}
	return r
}

// equal tells whether the same people are meant, in whatever order.
func (r Roles) equal(o Roles) bool {
	same := func(a, b []string) bool {
		return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
	}
	return same(r.Operator, o.Operator) && same(r.Admin, o.Admin)
}

// RolesIn is who may do what about a migration whose card goes to the channel: a
// route's own roles stand in place of those for all routes, role by role. Where no
// route leads to the channel any more, the route decides that the instance would
// take now.
func (c Config) RolesIn(channel, account, region string, tags map[string]string) Roles {
	for _, route := range c.Routes {
		if route.Channel == channel {
			return route.Roles.or(c.Roles)
		}
	}
	return c.route(account, region, tags).Roles.or(c.Roles)
}

const roleExample = "operator: [S0123456789]"

// roles reads who has which role.
func (t *tree) roles(n *yaml.Node, field string) Roles {
	values, ok := t.mapping(n, field, roleKeys())
	if !ok {
		return Roles{}
	}
	if len(n.Content) == 0 {
		t.fault(n, field, "is empty", "Name who may reserve, as in "+roleExample+", or delete it")
	}
	var r Roles
	if operator := values["operator"]; operator != nil {
		r.Operator = t.holders(operator, field+".operator")
	}
	if admin := values["admin"]; admin != nil {
		r.Admin = t.holders(admin, field+".admin")
	}
	return r
}

// holders reads ids of Slack users and user groups, or Everyone.
func (t *tree) holders(n *yaml.Node, field string) []string {
	items, ok := t.list(n, field, roleExample)
	if ok && len(items) == 0 {
		t.fault(n, field, "is empty", "Name Slack users and user groups, as in "+roleExample+", or "+Everyone+"; or delete the key")
	}
	var ids []string
	first := map[string]int{}
	for i, child := range items {
		at := item(field, i)
		id, ok := t.text(child, at, roleExample)
		if !ok {
			continue
		}
		if line, doubled := first[id]; doubled {
			t.fault(child, at, fmt.Sprintf("%s stands twice, first on line %d", quote(id), line), "Keep one of the two")
		} else if problem, remedy := holderFault(id); problem != "" {
			t.fault(child, at, quote(id)+" "+problem, remedy)
		} else {
			first[id] = child.Line
			ids = append(ids, id)
		}
	}
	return ids
}

// holderFault says what is wrong with an id, both empty where nothing is.
func holderFault(id string) (problem, remedy string) {
	switch {
	case id == Everyone, userID.MatchString(id), groupID.MatchString(id):
		return "", ""
	case slices.Contains([]string{Everyone, "all", "anyone", "anybody", "everybody", "*"}, strings.ToLower(id)):
		return "is no Slack user or user group", "Write " + Everyone + " for every full member of the workspace"
	case strings.HasPrefix(id, "@"):
		return "is a name, which can change", personRemedy
	case channelID.MatchString(id):
		return "is a channel, not a person or a user group", personRemedy
	}
	return "is no Slack user or user group", personRemedy
}

// somebodyDecides tells where nobody could reserve a time: a bot that only looks
// on is a mistake more often than a wish.
func (t *tree) somebodyDecides(root, roles *yaml.Node, cfg Config) {
	const remedy = "Write roles: {operator: [" + Everyone + "]} for every full member of the workspace, or name Slack users (U…) and user groups (S…)"
	if roles == nil && len(cfg.Routes) == 0 {
		t.fault(root, "roles", "is missing, so nobody could reserve a time", remedy)
	}
	for i, r := range cfg.Routes {
		own := r.Roles.or(cfg.Roles)
		switch {
		case len(own.Operator) > 0, len(own.Admin) > 0, t.faultsIn("roles", item("routes", i)+".roles"):
			continue
		case roles == nil:
			t.fault(root, "roles", "is missing, so nobody could reserve a time", remedy)
		default:
			t.fault(roles, "roles", "makes nobody an operator, so nobody could reserve a time", remedy)
		}
		return
	}
}

// faultsIn tells whether something is wrong below one of the fields.
func (t *tree) faultsIn(fields ...string) bool {
	return slices.ContainsFunc(t.faults, func(f Fault) bool {
		return slices.ContainsFunc(fields, func(field string) bool { return f.Field == field || strings.HasPrefix(f.Field, field+".") })
	})
}

// oneSay tells of routes that share a channel and not their roles: people who
// read the same cards must not depend on which route sent one there.
func (t *tree) oneSay(placed []placedRoute, wide Roles) {
	first := map[string]placedRoute{}
	for _, r := range placed {
		other, shared := first[r.Channel]
		switch {
		case !shared:
			first[r.Channel] = r
		case r.Channel != "" && !r.Roles.or(wide).equal(other.Roles.or(wide)):
			t.fault(r.node, r.field+".roles", fmt.Sprintf("are others than those of %s on line %d, which has the same channel", other.field, other.node.Line),
				"Give both the same roles, or the route a channel of its own")
		}
	}
}
