package migration

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Condition says about which migrations something is. Each field that is set
// must hold; the zero value holds for all.
//
// A fact of the instance that could not be read counts as holding: an item too
// many is ticked off in a second, one that is missing is missed. Only tags must
// have been read.
type Condition struct {
	// Events are event types: exact names, or beginnings with a final asterisk.
	Events []string
	// After are the ways to end, of a follow-up.
	After   []Status
	ToVPC   *bool  // whether the instance leaves the classic network
	Network string // the instance's: classic or vpc
	OS      string // linux or windows
	Public  *bool  // whether it has a public address, and with it a public NIC
	// LocalDisks is whether it has disks that live in the host. An event about a
	// damaged one says so by itself.
	LocalDisks *bool
	// Restarts is whether the event restarts or stops the instance. One of a type
	// that is not known may.
	Restarts *bool
	Tags     map[string]string
}

// Holds tells whether the condition is about the migration.
func (c Condition) Holds(m Migration) bool {
	inst := m.Instance
	public := len(inst.PublicIPs) > 0 || inst.EIP != ""
	disks := m.disks()
	kind := KindOf(m.Event.Type)
	local := len(disks.LocalDisks()) > 0 || kind.BreaksDisk
	switch {
	case len(c.Events) > 0 && !slices.ContainsFunc(c.Events, func(p string) bool { return matchType(p, m.Event.Type) }),
		len(c.After) > 0 && m.Phase() == FollowUp && !slices.Contains(c.After, m.Event.Status),
		c.ToVPC != nil && *c.ToVPC != m.ToVPC(),
		c.Network != "" && inst.NetworkType != "" && c.Network != inst.NetworkType,
		c.OS != "" && inst.OSType != "" && !strings.EqualFold(c.OS, inst.OSType),
		c.Public != nil && inst.Known() && *c.Public != public,
		c.LocalDisks != nil && (disks.DisksKnown() || local) && *c.LocalDisks != local,
		c.Restarts != nil && kind != (Kind{}) && *c.Restarts != (kind.Restarts || kind.Stops):
		return false
	}
	for key, want := range c.Tags {
		if got, ok := inst.Tags[key]; !ok || got != want {
			return false
		}
	}
	return true
}

// matchType tells whether an event type is of a pattern.
func matchType(pattern, name string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return pattern == name
}

// applies tells whether the item is for the migration. A follow-up item that
// names no way to end is for a migration that was carried out.
func (i Item) applies(m Migration) bool {
	if i.Phase == FollowUp && len(i.When.After) == 0 && m.Event.Status == Failed {
		return false
	}
	return i.When.Holds(m)
}

// String tells the condition in the words of a configuration, empty where it holds
// for all.
func (c Condition) String() string {
	var all []string
	add := func(what string, values ...string) { all = append(all, what+" "+strings.Join(values, " or ")) }
	yes := func(what string, b *bool) {
		if b != nil {
			add(what, strconv.FormatBool(*b))
		}
	}
	if len(c.Events) > 0 {
		add("events", c.Events...)
	}
	if len(c.After) > 0 {
		var ends []string
		for _, s := range c.After {
			ends = append(ends, string(s))
		}
		add("after", ends...)
	}
	yes("to_vpc", c.ToVPC)
	if c.Network != "" {
		add("network", c.Network)
	}
	if c.OS != "" {
		add("os", c.OS)
	}
	yes("public", c.Public)
	yes("local_disks", c.LocalDisks)
	yes("restarts", c.Restarts)
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		add("tag", strconv.Quote(key)+" = "+strconv.Quote(c.Tags[key]))
	}
	return strings.Join(all, ", ")
}
