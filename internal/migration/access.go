package migration

import (
	"fmt"
	"slices"
)

// Everyone, among those who hold a role, is every full member of the bot's
// workspace.
const Everyone = "everyone"

// Grants say who holds which role about a migration: ids of Slack users and user
// groups, or Everyone. The zero value gives nobody more than a look.
type Grants struct {
	Operator []string
	Admin    []string
}

// Holders are those who hold the role or one that includes it.
func (g Grants) Holders(need Role) []string {
	switch need {
	case Viewer:
		return []string{Everyone}
	case Operator:
		all := slices.Clone(g.Operator)
		for _, id := range g.Admin {
			if !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
		return all
	case Admin:
		return g.Admin
	}
	return nil
}

// Standing is who somebody is, as far as it bears on what they may do. To know it
// takes Slack: it is read before a transaction, and judged by Deny within.
type Standing struct {
	By string // Slack user id
	// Bar is why they may do nothing, empty for a full member of the workspace.
	Bar DenialKind
	// Groups are the user groups that were looked into, and whether they are in
	// them. One that is missing could not be read.
	Groups map[string]bool
}

// DenialKind tells why somebody may not do something.
type DenialKind string

// The kinds of denial.
const (
	DeniedRole     DenialKind = "role"     // they have not the role
	DeniedGuest    DenialKind = "guest"    // a guest of the workspace
	DeniedStranger DenialKind = "stranger" // of another workspace, or not known to Slack
	DeniedBot      DenialKind = "bot"
	DeniedGone     DenialKind = "gone"   // left the workspace
	DeniedUnread   DenialKind = "unread" // Slack does not tell who they are: nothing is said about their role
)

// Denial is something that somebody may not do.
type Denial struct {
	Kind    DenialKind
	Need    Role     // the role that it takes
	Holders []string // who has it: ids of Slack users and user groups, or Everyone
}

// Error is for logs; people are answered in their own words.
func (d *Denial) Error() string {
	return fmt.Sprintf("takes the role %s: denied as %q", d.Need, d.Kind)
}

// Deny tells why somebody may not do what takes the role need, nil where they may.
// What could not be read is denied.
func (g Grants) Deny(s Standing, need Role) *Denial {
	holders := g.Holders(need)
	no := func(k DenialKind) *Denial { return &Denial{Kind: k, Need: need, Holders: holders} }
	if s.Bar != "" {
		return no(s.Bar)
	}
	kind := DeniedRole
	for _, h := range holders {
		switch in, read := s.Groups[h]; {
		case h == Everyone, h == s.By, in:
			return nil
		case IsGroup(h) && !read:
			kind = DeniedUnread
		}
	}
	return no(kind)
}

// Role is the greatest role that somebody has for sure, empty for none.
func (g Grants) Role(s Standing) Role {
	var has Role
	for _, r := range Roles {
		if g.Deny(s, r) == nil {
			has = r
		}
	}
	return has
}

// IsGroup tells whether a Slack id is a user group's.
func IsGroup(id string) bool { return len(id) > 1 && id[0] == 'S' }

// Refusal is what a wish is refused with whose maker has not the role any more
// when it is carried out.
func (d *Denial) Refusal() Refusal {
	if d.Kind == DeniedUnread {
		return Refusal{Kind: RoleUnread, Role: d.Need}
	}
	return Refusal{Kind: RoleLost, Role: d.Need}
}

// Need is the role that whoever wished a cloud job must hold when it runs.
func (k JobKind) Need() Role {
	switch k {
	case JobModify:
		return Operator
	}
	return Admin
}
