package handlers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
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
	// homeAnswered is for how long the answer to a click stays there.
	homeAnswered = 2 * time.Minute
	// mostRefreshed bounds the Home tabs published in a round, of which there are
	// twelve a minute: Slack takes a hundred (views.publish is of tier 4), and those
	// that people open come on top.
	mostRefreshed = 7
	// homeWait is how long a round may take to find out who its readers are, and
	// then for each tab that it publishes, whatever hangs.
	homeWait = 5 * time.Second
)

// homes remembers what each Home tab shows, so that none is published anew
// without need.
type homes struct {
	mu    sync.Mutex
	shown map[string]homeShown // by user
	last  string               // whom the last round ended with that did not come to all
}

// homeShown is what somebody's Home tab shows.
type homeShown struct {
	sum [sha256.Size]byte
	// asked counts how often they have asked for something themselves.
	asked  int
	answer *notifier.Message // to what they clicked, until a moment; nil: none
	until  time.Time
	filter string
	chosen time.Time // since when that is the filter
}

// mostHomesShown bounds what is remembered; forgetting costs one publication.
const mostHomesShown = 1000

// of gives what is remembered of somebody's Home tab once change had its way.
func (s *homes) of(user string, change func(*homeShown)) homeShown {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown == nil || len(s.shown) > mostHomesShown {
		s.shown = map[string]homeShown{}
	}
	at := s.shown[user]
	change(&at)
	s.shown[user] = at
	return at
}

// asks tells how often each has asked for something themselves.
func (s *homes) asks() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]int, len(s.shown))
	for user, at := range s.shown {
		all[user] = at.asked
	}
	return all
}

// turn notes what somebody's Home tab is about to show, and tells whether that is
// something else than before.
func (s *homes) turn(user string, sum [sha256.Size]byte) (other bool) {
	s.of(user, func(at *homeShown) { other, at.sum = at.sum != sum, sum })
	return other
}

// behind gives the tabs in turn, beginning behind the one that the last round
// ended with.
func (s *homes) behind(tabs []migration.HomeTab) []migration.HomeTab {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(tabs, func(t migration.HomeTab) bool { return t.User == s.last })
	return slices.Concat(tabs[i+1:], tabs[:i+1])
}

// end notes whom a round ended with; empty: it came to all.
func (s *homes) end(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = user
}

// HomeOpened fills the Home tab that a person opened.
func (h *Handlers) HomeOpened(_ context.Context, userID string) Result {
	return Result{After: func(ctx context.Context) {
		h.homes.turn(userID, [sha256.Size]byte{}) // whoever opens it may see none
		h.showHome(ctx, migration.HomeTab{User: userID, Filter: All, Page: 1})
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
	return Result{After: func(ctx context.Context) {
		h.homes.of(tab.User, func(at *homeShown) { at.answer = nil }) // they have read it
		h.showHome(ctx, tab)
	}}
}

// homeTab is what somebody who clicked on their Home tab looks at. What cannot be
// read is its beginning.
func homeTab(cb slack.InteractionCallback) migration.HomeTab {
	tab := migration.HomeTab{}
	_ = json.Unmarshal([]byte(cb.View.PrivateMetadata), &tab)
	tab.User = cb.User.ID
	return tab
}

// answerHome shows the answer to what somebody clicked on their Home tab above
// the rest, for a while: what was decided has it published again in seconds.
func (h *Handlers) answerHome(ctx context.Context, tab migration.HomeTab, answer notifier.Message) {
	h.homes.of(tab.User, func(at *homeShown) { at.answer, at.until = &answer, h.o.Clock.Now().Add(homeAnswered) })
	h.showHome(ctx, tab)
}

// showHome publishes a Home tab, and remembers what is looked at.
func (h *Handlers) showHome(ctx context.Context, tab migration.HomeTab) {
	ctx, cancel := context.WithTimeout(ctx, afterWait)
	defer cancel()
	if !notifier.KnownHomeFilter(tab.Filter) {
		tab.Filter = All
	}
	tab.Page, tab.Opened = min(max(tab.Page, 1), maxPage), h.o.Clock.Now()
	if err := h.o.Store.KeepHome(ctx, tab); err != nil {
		h.o.Log.Warn("cannot remember a Home tab", "user", tab.User, "err", err)
	}
	at := h.homes.of(tab.User, func(at *homeShown) {
		if at.asked++; at.filter != tab.Filter {
			at.filter, at.chosen = tab.Filter, tab.Opened
		}
	})
	all, _ := h.visit(ctx, []migration.HomeTab{tab}, map[string]int{tab.User: at.asked})
	for _, v := range all {
		h.publish(ctx, v)
	}
}

// RefreshHomes brings Home tabs up to date that were opened lately, as far as
// they show something else by now. more tells that it did not come to all of them;
// the next round begins with those. read is how long it read what is open.
func (h *Handlers) RefreshHomes(ctx context.Context) (read time.Duration, more bool) {
	asked := h.homes.asks() // before the tabs: whoever turns one from now on has asked for more
	all, err := h.o.Store.Homes(ctx)
	if err != nil {
		h.o.Log.Error("cannot read the Home tabs", "err", err)
		return 0, false
	}
	now := h.o.Clock.Now()
	all = slices.DeleteFunc(all, func(tab migration.HomeTab) bool { return now.Sub(tab.Opened) > homeLately })
	visitors, read := h.visit(ctx, h.homes.behind(all), asked)
	left, came, last := mostRefreshed, 0, ""
	for _, v := range visitors {
		if left == 0 || ctx.Err() != nil {
			break
		}
		if last = v.by; h.refresh(ctx, v) {
			left--
		}
		came++
	}
	if came == len(all) {
		last = ""
	}
	h.homes.end(last)
	return read, came < len(all)
}

// refresh publishes a Home tab that its reader did not ask for. Where Slack does
// not tell what they may do, theirs stays as it is.
func (h *Handlers) refresh(ctx context.Context, v *visitor) bool {
	if v.unsure {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, homeWait)
	defer cancel()
	if !h.publish(ctx, v) {
		return false
	}
	// What its reader asked for meanwhile may have come to Slack before this: the
	// next round shows it again.
	h.homes.of(v.by, func(at *homeShown) {
		if at.asked != v.asked {
			at.sum = [sha256.Size]byte{}
		}
	})
	return true
}

// visitor is somebody at their Home tab.
type visitor struct {
	reader
	page  notifier.HomePage
	ended []notifier.HomeRow // those that wait for them of what is over
	seen  int                // how many the filter lets through
	asked int
	err   error // of reading what is open

	stands migration.Standing // judged as a full member's; others are barred
	roles  *roster            // of the groups that hold roles
	unsure bool               // Slack did not tell all that it takes to know what they may do
}

// enter finds out who looks at a Home tab, once and in bounded time.
func (h *Handlers) enter(ctx context.Context, user string) *visitor {
	ctx, cancel := context.WithTimeout(ctx, personWait)
	defer cancel()
	stands := h.who(ctx, user)
	v := &visitor{reader: reader{call: h.begin(ctx, user, "", commandName, "")}} // which makes do with less
	v.unsure = stands.Bar == migration.DeniedUnread
	v.barred = v.barred || stands.Bar != "" && !v.unsure
	v.stands = migration.Standing{By: user, Groups: map[string]bool{}}
	return v
}

// visit looks at all that is open once, for the readers of all the tabs, and tells
// how long it read. It leaves nothing out: what waits for somebody is counted to the
// end. Where Slack takes its time to tell who they are, it comes to the first ones.
func (h *Handlers) visit(ctx context.Context, tabs []migration.HomeTab, asked map[string]int) (all []*visitor, read time.Duration) {
	var looking []*visitor
	groups, roles, began := h.roster(ctx), h.roster(ctx), time.Now()
	for _, tab := range tabs {
		if len(all) > 0 && time.Since(began) >= homeWait {
			break
		}
		at := h.homes.of(tab.User, func(*homeShown) {})
		v := h.enter(ctx, tab.User)
		v.roster, v.roles, v.asked = groups, roles, asked[tab.User]
		v.page.Chosen = cmp.Or(at.chosen, tab.Opened)
		if v.page.Tab = tab; at.answer != nil && v.view.Now.Before(at.until) {
			v.page.Answer = at.answer
		}
		if all = append(all, v); !v.barred {
			looking = append(looking, v)
		}
	}
	if len(looking) == 0 {
		return all, 0
	}
	began = time.Now()
	err := h.o.Store.ByDeadline(ctx, func(m migration.Migration) bool {
		k := h.claim(m)
		for _, v := range looking {
			v.take(k)
		}
		return true
	})
	read = time.Since(began) - groups.spent()
	if err != nil {
		h.o.Log.Error("cannot list", "err", err)
	}
	for _, v := range looking {
		v.err = err
		for _, rows := range [][]notifier.HomeRow{v.ended, v.page.Waiting, v.page.Rows} {
			for i := range rows {
				rows[i].Role = v.role(h.o.Grants(rows[i].Migration))
			}
		}
	}
	return all, read
}

// take puts a migration where it belongs on the tab.
func (v *visitor) take(k *claim) {
	p := &v.page
	if v.waits(k) {
		p.WaitingCount++
		part := &p.Waiting
		if k.Waiting() {
			part = &v.ended
		}
		if len(*part) < homeWaiting {
			*part = append(*part, notifier.HomeRow{Migration: k.Migration})
		}
	}
	if !v.wants(p.Tab.Filter, k) {
		return
	}
	switch v.seen++; {
	case v.seen <= (p.Tab.Page-1)*homeRows:
	case len(p.Rows) < homeRows:
		p.Rows = append(p.Rows, notifier.HomeRow{Migration: k.Migration})
	default:
		p.More = true
	}
}

// publish shows a Home tab unless that is how it stands, or its reader has asked
// for something else since it was looked up. It tells whether Slack was asked to.
func (h *Handlers) publish(ctx context.Context, v *visitor) bool {
	view := h.home(v)
	raw, err := json.Marshal(view)
	if err != nil {
		h.o.Log.Error("cannot write a Home tab", "user", v.by, "err", err)
		return false
	}
	if at := h.homes.of(v.by, func(*homeShown) {}); at.asked != v.asked || !h.homes.turn(v.by, sha256.Sum256(raw)) {
		return false
	}
	if _, err := h.o.Slack.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: v.by, View: view}); err != nil {
		h.o.Log.Warn("cannot show the Home tab", "user", v.by, "err", withoutURL(err))
		h.homes.turn(v.by, [sha256.Size]byte{})
	}
	return true
}

// home is the Home tab as far as somebody may see it.
func (h *Handlers) home(v *visitor) slack.HomeTabViewRequest {
	switch {
	case v.barred:
		return notifier.HomeBarred(v.view)
	case v.err != nil:
		return notifier.HomeFailed(v.ask(""), v.view)
	}
	page := v.page
	// What failed comes first, then what waits to be acknowledged: in the list it
	// stands behind all that is due.
	page.Waiting = slices.Concat(v.ended, page.Waiting)
	page.Waiting = page.Waiting[:min(len(page.Waiting), homeWaiting)]
	v.view.Blind = h.o.Blind()
	ask := v.ask("")
	more := func(r notifier.HomeRow) bool { return r.Role != migration.Viewer }
	ask.Looks = len(page.Rows) > 0 && !slices.ContainsFunc(slices.Concat(page.Waiting, page.Rows), more)
	return notifier.Home(page, ask, v.view)
}

// role is what they may do about a migration with those grants: only that is
// offered to them. Where Slack does not tell, it is the most that it can be: what
// they press is checked.
func (v *visitor) role(grants migration.Grants) migration.Role {
	for _, r := range []migration.Role{migration.Admin, migration.Operator} {
		no := grants.Deny(v.stands, r)
		if no != nil && no.Kind == migration.DeniedUnread {
			v.lookInto(no.Holders)
			no = grants.Deny(v.stands, r)
		}
		switch {
		case no == nil:
			return r
		case no.Kind == migration.DeniedUnread:
			v.unsure = true
			return r
		}
	}
	return migration.Viewer
}

// lookInto finds out which of those groups they are in, as far as Slack tells.
func (v *visitor) lookInto(holders []string) {
	for _, id := range holders {
		if !migration.IsGroup(id) {
			continue
		}
		if in, read := v.roles.look(id, v.by); read {
			v.stands.Groups[id] = in
		}
	}
}
