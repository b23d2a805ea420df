package handlers

import (
	"context"
	"errors"
	"sync"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// standingKept is how old what Slack told of a person may be where a role hangs on
// it: as old as what it told of user groups.
const standingKept = notifier.GroupKept

// May tells why somebody may not do what takes the role need, nil where they may.
// It may ask Slack: never call it within a transaction.
func (h *Handlers) May(ctx context.Context, by string, m migration.Migration, need migration.Role) *migration.Denial {
	grants := h.o.Grants(m)
	return grants.Deny(h.standing(ctx, by, grants, need), need)
}

// standing reads who somebody is, and as many user groups as it takes to know
// whether they have the role.
func (h *Handlers) standing(ctx context.Context, by string, grants migration.Grants, need migration.Role) migration.Standing {
	s := h.who(ctx, by)
	// Without a look into the groups, only that can be missing.
	if no := grants.Deny(s, need); no == nil || no.Kind != migration.DeniedUnread || s.Bar != "" {
		return s
	}
	s.Groups = h.groups(ctx, by, grants.Holders(need))
	return s
}

// who reads who somebody is, without any user group.
func (h *Handlers) who(ctx context.Context, by string) migration.Standing {
	p, err := h.o.People.Fresh(ctx, by, standingKept)
	s := migration.Standing{By: by, Bar: barred(by, p, err)}
	if err != nil {
		h.o.Log.Warn("cannot read who acts", "user", by, "err", withoutURL(err))
		if s.Bar == "" {
			s.Bar = migration.DeniedUnread
		}
	}
	return s
}

// barred tells why somebody may do nothing, as far as it was read who they are.
func barred(userID string, p notifier.Person, err error) migration.DenialKind {
	no, refused := errors.AsType[slack.SlackErrorResponse](err)
	switch {
	case userID == "", refused && (no.Err == "user_not_found" || no.Err == "user_not_visible"):
		return migration.DeniedStranger
	case p.Bot:
		return migration.DeniedBot
	case p.Deleted:
		return migration.DeniedGone
	case p.Stranger:
		return migration.DeniedStranger
	case p.Guest:
		return migration.DeniedGuest
	}
	return ""
}

// groups tells which of the user groups somebody is in. Those that could not be
// read are left out.
func (h *Handlers) groups(ctx context.Context, by string, holders []string) map[string]bool {
	var mu sync.Mutex
	var reading sync.WaitGroup
	is := map[string]bool{}
	for _, id := range holders {
		if !migration.IsGroup(id) {
			continue
		}
		reading.Go(func() {
			in, err := h.o.Groups.Has(ctx, id, by)
			if err != nil {
				return // it was logged where it was read
			}
			mu.Lock()
			defer mu.Unlock()
			is[id] = in
		})
	}
	reading.Wait()
	return is
}

// granted is what somebody brings to a decision about the migration of that key:
// who they are, as far as it bears on the role that it takes. Where the migration
// is not known, no group is looked into.
func (h *Handlers) granted(ctx context.Context, c call, key migration.Key, need migration.Role) (migration.Standing, error) {
	ctx, cancel := context.WithDeadline(ctx, c.until)
	defer cancel()
	m, _, err := h.o.Store.Migration(ctx, key)
	if err != nil && ctx.Err() == nil {
		return migration.Standing{}, err
	}
	return h.standing(ctx, c.by, h.o.Grants(m), need), nil
}
