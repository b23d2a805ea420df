package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

const (
	// homeRows is how many migrations a page of the Home tab has: each takes two
	// or three of the hundred blocks.
	homeRows = 10
	// homeWaiting is how many of those that wait for somebody stand above it.
	homeWaiting = 5
	// homeLately is for how long after it was opened a Home tab is kept up to date.
	homeLately = 24 * time.Hour
	// mostRefreshed bounds the Home tabs published in one go: Slack takes a hundred
	// a minute (views.publish is of tier 4).
	mostRefreshed = 20
)

// homes remembers what each Home tab shows, so that none is published anew
// without need.
type homes struct {
	mu    sync.Mutex
	shown map[string][sha256.Size]byte // by user
}

// mostHomesShown bounds what is remembered; forgetting costs one publication.
const mostHomesShown = 1000

// turn notes what somebody's Home tab is about to show, and tells whether that is
// something else than before.
func (s *homes) turn(user string, sum [sha256.Size]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown == nil || len(s.shown) > mostHomesShown {
		s.shown = map[string][sha256.Size]byte{}
	}
	before, known := s.shown[user]
	s.shown[user] = sum
	return !known || before != sum
}

// HomeOpened fills the Home tab that a person opened.
func (h *Handlers) HomeOpened(_ context.Context, userID string) Result {
	return Result{After: func(ctx context.Context) {
		h.homes.turn(userID, [sha256.Size]byte{}) // whoever opens it may see none
		h.showHome(ctx, migration.HomeTab{User: userID, Filter: All, Page: 1}, nil)
	}}
}

// turnHome shows another page of a Home tab, or the first one with another
// filter.
func (h *Handlers) turnHome(cb slack.InteractionCallback, clicked *slack.BlockAction) Result {
	tab := homeTab(cb)
	if clicked.ActionID == notifier.ActionHomeFilter {
		tab.Filter, tab.Page = clicked.SelectedOption.Value, 1
	} else if page, err := strconv.Atoi(clicked.Value); err == nil {
		tab.Page = page
	}
	return Result{After: func(ctx context.Context) { h.showHome(ctx, tab, nil) }}
}

// homeTab is what somebody who clicked on their Home tab looks at. What cannot be
// read is its beginning.
func homeTab(cb slack.InteractionCallback) migration.HomeTab {
	tab := migration.HomeTab{}
	_ = json.Unmarshal([]byte(cb.View.PrivateMetadata), &tab)
	tab.User = cb.User.ID
	return tab
}

// showHome publishes a Home tab, with the answer to what was clicked on it above
// the rest, and remembers what is looked at.
func (h *Handlers) showHome(ctx context.Context, tab migration.HomeTab, answer *notifier.Message) {
	ctx, cancel := context.WithTimeout(ctx, afterWait)
	defer cancel()
	if !notifier.KnownHomeFilter(tab.Filter) {
		tab.Filter = All
	}
	tab.Page, tab.Opened = min(max(tab.Page, 1), maxPage), h.o.Clock.Now()
	if err := h.o.Store.KeepHome(ctx, tab); err != nil {
		h.o.Log.Warn("cannot remember a Home tab", "user", tab.User, "err", err)
	}
	h.publish(ctx, tab, answer)
}

// RefreshHomes brings the Home tabs up to date that were opened lately, as far
// as they show something else by now.
func (h *Handlers) RefreshHomes(ctx context.Context) {
	all, err := h.o.Store.Homes(ctx)
	if err != nil {
		h.o.Log.Error("cannot read the Home tabs", "err", err)
		return
	}
	left := mostRefreshed
	for _, tab := range all {
		if h.o.Clock.Now().Sub(tab.Opened) > homeLately || left == 0 || ctx.Err() != nil {
			continue
		}
		if h.publish(ctx, tab, nil) {
			left--
		}
	}
}

// publish shows a Home tab unless that is how it stands, and tells whether Slack
// was asked to.
func (h *Handlers) publish(ctx context.Context, tab migration.HomeTab, answer *notifier.Message) bool {
	view := h.home(ctx, tab, answer)
	raw, err := json.Marshal(view)
	if err != nil {
		h.o.Log.Error("cannot write a Home tab", "user", tab.User, "err", err)
		return false
	}
	if !h.homes.turn(tab.User, sha256.Sum256(raw)) {
		return false
	}
	if _, err := h.o.Slack.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: tab.User, View: view}); err != nil {
		h.o.Log.Warn("cannot show the Home tab", "user", tab.User, "err", withoutURL(err))
		h.homes.turn(tab.User, [sha256.Size]byte{})
	}
	return true
}

// home is the Home tab as far as somebody may see it.
func (h *Handlers) home(ctx context.Context, tab migration.HomeTab, answer *notifier.Message) slack.HomeTabViewRequest {
	c := h.begin(ctx, tab.User, "", commandName, "")
	if c.barred {
		return notifier.HomeBarred(c.view)
	}
	page := notifier.HomePage{Tab: tab, Answer: answer}
	seen, looks := 0, reader{c, h.roster(ctx)}
	err := h.o.Store.ByDeadline(ctx, func(m migration.Migration) bool {
		k := h.claim(m)
		if looks.waits(k) {
			if page.WaitingCount++; len(page.Waiting) < homeWaiting {
				page.Waiting = append(page.Waiting, notifier.HomeRow{Migration: m})
			}
		}
		if looks.wants(tab.Filter, k) {
			seen++
			switch from := (tab.Page - 1) * homeRows; {
			case seen <= from:
			case len(page.Rows) < homeRows:
				page.Rows = append(page.Rows, notifier.HomeRow{Migration: m})
			default:
				page.More = true
			}
		}
		return !page.More || page.WaitingCount <= homeWaiting && seen < mostLooked
	})
	if err != nil {
		h.o.Log.Error("cannot list", "err", err)
		return notifier.HomeFailed(c.ask(""), c.view)
	}
	c.view.Blind = h.o.Blind()
	ask := c.ask("")
	ask.Looks = len(page.Rows) > 0
	for _, rows := range [][]notifier.HomeRow{page.Waiting, page.Rows} {
		for i := range rows {
			rows[i].Role = h.role(ctx, c, rows[i].Migration)
			ask.Looks = ask.Looks && rows[i].Role == migration.Viewer
		}
	}
	return notifier.Home(page, ask, c.view)
}

// mostLooked bounds how many migrations are looked at for those that wait for
// somebody.
const mostLooked = 5000

// role is what somebody may do about a migration: only that is offered to them.
func (h *Handlers) role(ctx context.Context, c call, m migration.Migration) migration.Role {
	for _, r := range []migration.Role{migration.Admin, migration.Operator} {
		if h.May(ctx, c.by, m, r) == nil {
			return r
		}
	}
	return migration.Viewer
}
