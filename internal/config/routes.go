package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// channelID is how Slack spells the IDs of public and private channels.
var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{8,20}$`)

// A placedRoute is a route, where it stands, and what it could ever be asked.
type placedRoute struct {
	Route
	node  *yaml.Node
	field string
	pairs []place
}

// A place is one region of one account that is polled.
type place struct{ account, region string }

func (t *tree) routes(n *yaml.Node, accounts []Account, wide Roles) []Route {
	items, ok := t.list(n, "routes", "routes: [{channel: C0123456789}]")
	if !ok {
		return nil
	}
	var placed []placedRoute
	takesRest := false
	for i, child := range items {
		r, ok := t.route(child, item("routes", i), accounts)
		// A route that was not understood may be the one that takes the rest.
		takesRest = takesRest || !ok || r.takesRest()
		if ok {
			t.reachable(r, placed)
			placed = append(placed, r)
		}
	}
	if !takesRest {
		t.fault(n, "routes", "has no route that takes the rest, so some events would reach nobody", "Add a last route without match, such as `- {channel: C0123456789}`")
	}
	t.oneSay(placed, wide)
	routes := make([]Route, len(placed))
	for i, r := range placed {
		routes[i] = r.Route
	}
	return routes
}

// route is not ok where its match was not understood.
func (t *tree) route(n *yaml.Node, field string, accounts []Account) (placedRoute, bool) {
	values, ok := t.mapping(n, field, routeKeys())
	if !ok {
		return placedRoute{}, false
	}
	r := placedRoute{node: n, field: field}
	if channel := values["channel"]; channel == nil {
		t.fault(n, field+".channel", "is missing", channelRemedy)
	} else {
		r.Channel = t.channel(channel, field+".channel")
	}
	if n := values["roles"]; n != nil {
		r.Roles = t.roles(n, field+".roles")
	}
	if n := values["on_call"]; n != nil {
		r.OnCall = t.onCall(n, field+".on_call")
	}
	if n := values["escalation"]; n != nil {
		r.Escalation = t.channel(n, field+".escalation")
	}
	if match := values["match"]; match != nil && !t.match(match, field+".match", &r.Route, accounts) {
		return placedRoute{}, false
	}
	for _, account := range accounts {
		for _, region := range account.Regions {
			if r.matches(account.Name, region) {
				r.pairs = append(r.pairs, place{account.Name, region})
			}
		}
	}
	return r, true
}

const channelRemedy = "Copy the channel ID, such as C0123456789, from the foot of the channel's details in Slack"

func (t *tree) channel(n *yaml.Node, field string) string {
	value, ok := t.text(n, field, "channel: C0123456789")
	switch {
	case !ok || channelID.MatchString(value):
		return value
	case strings.HasPrefix(value, "#"):
		t.fault(n, field, quote(value)+" is a channel's name, which can change", channelRemedy)
	case strings.HasPrefix(value, "D") || strings.HasPrefix(value, "U") || strings.HasPrefix(value, "W"):
		t.fault(n, field, quote(value)+" is a person or a direct message, not a channel", channelRemedy)
	default:
		t.fault(n, field, quote(value)+" is no channel ID", channelRemedy)
	}
	return ""
}

// match reads the conditions into r and tells whether all were understood.
func (t *tree) match(n *yaml.Node, field string, r *Route, accounts []Account) bool {
	if isNull(n) || n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		t.fault(n, field, "is empty", "Write account, region or tags below it, or delete `match` to take everything")
		return false
	}
	before := len(t.faults)
	values, ok := t.mapping(n, field, matchKeys())
	if !ok {
		return false
	}
	if account := values["account"]; account != nil {
		r.Account, _ = t.text(account, field+".account", "account: prod")
	}
	if region := values["region"]; region != nil {
		r.Region, _ = t.text(region, field+".region", "region: cn-hangzhou")
	}
	if tags := values["tags"]; tags != nil {
		r.Tags = t.tags(tags, field+".tags")
	}
	understood := len(t.faults) == before && !r.takesRest()
	t.polled(values, field, *r, accounts)
	return understood
}

func (t *tree) tags(n *yaml.Node, field string) map[string]string {
	pairs, ok := t.pairs(n, field)
	if ok && len(n.Content) == 0 {
		t.fault(n, field, "is empty", "Write tag keys and values, as in tags: {team: web}, or delete it")
	}
	tags := map[string]string{}
	for _, p := range pairs {
		// The cloud's tags are text, and a value may be empty.
		if isText(p.value) && p.value.Value == "" {
			tags[p.key] = ""
		} else if value, ok := t.text(p.value, join(field, p.key), `team: "42"`); ok {
			tags[p.key] = value
		}
	}
	return tags
}

// polled tells of a match on an account or region that nobody asks about.
func (t *tree) polled(values map[string]*yaml.Node, field string, r Route, accounts []Account) {
	if len(accounts) == 0 {
		return // a fault of its own, told already
	}
	var names, regions []string
	for _, account := range accounts {
		names = append(names, account.Name)
		if r.Account == "" || r.Account == account.Name {
			regions = append(regions, account.Regions...)
		}
	}
	if r.Account != "" && !slices.Contains(names, r.Account) {
		t.fault(values["account"], field+".account", quote(r.Account)+" is none of the accounts", oneOf(r.Account, names))
		return
	}
	if r.Region != "" && !slices.Contains(regions, r.Region) {
		by := "by any account"
		if r.Account != "" {
			by = "by account " + quote(r.Account)
		}
		t.fault(values["region"], field+".region", quote(r.Region)+" is not polled "+by, oneOf(r.Region, regions))
	}
}

// oneOf is the remedy for a name that is none of those there are.
func oneOf(name string, there []string) string {
	if near := nearest(name, there); near != "" {
		return "Write " + near + " if that is meant, or add it to `accounts`"
	}
	return "Add it to `accounts`, or correct the name"
}

// reachable tells of a route that former ones leave nothing to: for every
// region it could match, one of them asks for no more than it does. The route
// that takes the rest must exist in any case, so only another one like it
// makes it useless.
func (t *tree) reachable(r placedRoute, former []placedRoute) {
	if r.takesRest() {
		for _, other := range former {
			if other.takesRest() {
				t.unreachable(r, other)
				return
			}
		}
		return
	}
	var takers []int
	for _, p := range r.pairs {
		i := slices.IndexFunc(former, func(other placedRoute) bool {
			return other.matches(p.account, p.region) && containsTags(r.Tags, other.Tags)
		})
		if i < 0 {
			return
		}
		takers = append(takers, i)
	}
	switch takers = slices.Compact(slices.Sorted(slices.Values(takers))); len(takers) {
	case 0: // its account or region is unknown, which was told
	case 1:
		t.unreachable(r, former[takers[0]])
	default:
		t.fault(r.node, r.field, "can never match: former routes take all of it between them", "Move it above them, or delete it")
	}
}

func (t *tree) unreachable(r, taker placedRoute) {
	remedy := fmt.Sprintf("Move it above line %d, or delete it", taker.node.Line)
	if maps.Equal(r.Tags, taker.Tags) && r.Account == taker.Account && r.Region == taker.Region {
		remedy = "Keep one of the two"
	}
	t.fault(r.node, r.field, fmt.Sprintf("can never match: %s on line %d takes all of it first", taker.field, taker.node.Line), remedy)
}
