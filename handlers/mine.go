package handlers

import (
	"context"
	"time"

	"ecs-migrate/internal/migration"
)

const (
	// groupsWait is how long reading user groups may take of one request or one
	// round of Home tabs, whatever hangs.
	groupsWait = 2 * time.Second
	// mostGroups bounds how many of them are asked for: a tag may name any, and
	// Slack takes some twenty calls a minute, each of which is kept for five.
	mostGroups = 100
)

// claim is whose a migration is, found out once for all who look.
type claim struct {
	migration.Migration
	people []string // Slack users and user groups who are in charge of it
	owner  string   // the owner tag's value where nobody is known by it
	onCall string   // who is told where nobody is in charge; empty where somebody is
}

func (h *Handlers) claim(m migration.Migration) *claim {
	k := &claim{Migration: m, owner: m.Instance.Owner()}
	k.people = m.InCharge(func(tag string) string {
		id := h.o.Owner(tag)
		if id != "" {
			k.owner = ""
		}
		return id
	}, "")
	if len(k.people) == 0 {
		k.onCall = h.o.OnCall(m)
	}
	return k
}

// reader is somebody who looks at what is open.
type reader struct {
	call
	roster *roster
}

// mine tells whether the migration is theirs: reminders of it would mention them,
// or an owner tag calls them by their name.
func (r reader) mine(k *claim) bool {
	for _, id := range k.people {
		if r.is(id) {
			return true
		}
	}
	return r.named(k.owner)
}

// waits tells whether the migration waits for them: it is theirs, or they are on
// call and nobody is in charge of it.
func (r reader) waits(k *claim) bool {
	return k.NeedsSomebody() && (r.mine(k) || r.is(k.onCall))
}

// is tells whether a Slack user or user group is the reader, or has them in it.
func (r reader) is(id string) bool {
	return id != "" && id == r.by || migration.IsGroup(id) && r.roster.has(id, r.by)
}

// wants tells whether a list with that filter shows the migration.
func (r reader) wants(filter string, k *claim) bool {
	switch filter {
	case Mine:
		return r.mine(k)
	case Waiting:
		return k.Waiting()
	case Unreserved:
		switch k.State() {
		case migration.StateInquiring, migration.StateUnreserved, migration.StateRefused:
			return !k.Reserved()
		}
		return false
	}
	return true
}

// roster knows who is in which user group for as long as one request, or one
// round of Home tabs, takes. A group that could not be read has nobody in it, and
// is not asked for again.
type roster struct {
	ctx    context.Context
	groups Groups
	read   map[string]bool // whether it could be
	left   time.Duration
}

func (h *Handlers) roster(ctx context.Context) *roster {
	return &roster{ctx: ctx, groups: h.o.Groups, read: map[string]bool{}, left: groupsWait}
}

func (r *roster) has(group, user string) bool {
	in, _ := r.look(group, user)
	return in
}

// look tells whether somebody is in a group, and whether that could be read.
func (r *roster) look(group, user string) (in, read bool) {
	read, asked := r.read[group]
	if asked && !read || !asked && (len(r.read) == mostGroups || r.left <= 0) {
		return false, false
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(r.ctx, max(r.left, time.Millisecond))
	defer cancel()
	in, err := r.groups.Has(ctx, group, user) // which keeps what Slack told
	r.left -= time.Since(began)
	r.read[group] = err == nil // the log has it from where it was read
	return in && err == nil, err == nil
}

// spent is how long reading groups has taken.
func (r *roster) spent() time.Duration { return groupsWait - r.left }
