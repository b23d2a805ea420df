package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"

	"ecs-migrate/internal/clock"
)

const (
	// GroupKept is for how long who is in a user group is taken to be so: who is
	// taken out of it loses their role after that at the latest.
	GroupKept  = 5 * time.Minute
	groupRetry = 5 * time.Second // after a failed reading it is not asked for again for so long
	groupsKept = 1000
)

// Groups knows who is in which user group, by usergroups.users.list. Unlike
// People it never makes do with an old copy: roles hang on it. It is safe for
// concurrent use.
type Groups struct {
	api   *slack.Client
	clock clock.Clock
	log   *slog.Logger
	calls singleflight.Group

	mu    sync.Mutex
	known map[string]members
}

// members are the people in a group, or why they could not be read.
type members struct {
	ids   map[string]bool
	err   error
	until time.Time // then it is read again
}

// NewGroups makes a Groups on a bot's client. Clock is clock.Real where it is nil,
// the log silent.
func NewGroups(api *slack.Client, c clock.Clock, log *slog.Logger) *Groups {
	if c == nil {
		c = clock.Real{}
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Groups{api: api, clock: c, log: log, known: map[string]members{}}
}

// Has tells whether a user is in a group. Nobody is in one that is disabled or
// that there is not. Where Slack does not tell, the error says so.
func (g *Groups) Has(ctx context.Context, group, userID string) (bool, error) {
	m, err := g.members(ctx, group)
	return m[userID], err
}

// Empty tells whether nobody is in a group, as in one that is disabled or that
// there is not: whoever is mentioned by it, nobody hears. Where Slack does not tell,
// the error says so.
func (g *Groups) Empty(ctx context.Context, group string) (bool, error) {
	m, err := g.members(ctx, group)
	return err == nil && len(m) == 0, err
}

func (g *Groups) members(ctx context.Context, group string) (map[string]bool, error) {
	if m, ok := g.recall(group); ok {
		return m.ids, m.err
	}
	// Whoever asks first must not, by giving up, fail the others that wait.
	read := g.calls.DoChan(group, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		return g.read(ctx, group), nil
	})
	select {
	case r := <-read:
		m := r.Val.(members)
		return m.ids, m.err
	case <-ctx.Done():
		return nil, fmt.Errorf("reading the user group %s: %w", group, ctx.Err())
	}
}

// read asks for a group's members. Without include_disabled a disabled group
// gives none (https://docs.slack.dev/reference/methods/usergroups.users.list).
func (g *Groups) read(ctx context.Context, group string) members {
	now := g.clock.Now() // what changes while Slack answers is not missed for longer
	ids, err := g.api.GetUserGroupMembersContext(ctx, group)
	m := members{ids: make(map[string]bool, len(ids)), until: now.Add(GroupKept)}
	if no, ok := errors.AsType[slack.SlackErrorResponse](err); ok && no.Err == "no_such_subteam" {
		g.log.Warn("Slack knows no such user group: mend `roles`, `people` or `on_call` in the configuration, or enable the group again", "group", group)
		err = nil
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if err != nil {
		g.log.Error("cannot read a user group: what takes a role by it is refused", "group", group, "err", err)
		m = members{err: fmt.Errorf("reading the user group %s: %w", group, err), until: now.Add(groupRetry)}
		if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok && limited.RetryAfter > groupRetry {
			m.until = now.Add(min(limited.RetryAfter, GroupKept))
		}
	}
	for _, id := range ids {
		m.ids[id] = true
	}
	g.keep(group, m)
	return m
}

func (g *Groups) recall(group string) (members, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m, ok := g.known[group]
	return m, ok && g.clock.Now().Before(m.until)
}

// keep remembers a group; the one that would be read again first makes room.
func (g *Groups) keep(group string, m members) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.known[group]; !ok && len(g.known) >= groupsKept {
		oldest := ""
		for id, k := range g.known {
			if oldest == "" || k.until.Before(g.known[oldest].until) {
				oldest = id
			}
		}
		delete(g.known, oldest)
	}
	g.known[group] = m
}
