package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

const (
	// tellAfterPolls and tellAfter are how many polls in a row a region must fail,
	// or for how long, before anybody is told: most trouble passes by itself.
	tellAfterPolls = 3
	tellAfter      = 5 * time.Minute
	// tellAgain is the least time between two notices of the same trouble, so that
	// what comes and goes does not fill a channel.
	tellAgain = 30 * time.Minute
)

// watch tells whoever runs the bot what they can mend: once when it is sure, and
// once more when it is over. What was told stands in the store, so that a restart
// tells nothing again.
type watch struct {
	store  *store.Store
	clock  clock.Clock
	log    *slog.Logger
	status func() []poll.RegionStatus
	stale  func(lastGood time.Time) bool
	began  time.Time
	admin  string // channel; empty: none is configured
	// route is the channel that hears of a region's events, of the cloud's
	// troubles too where there is no admin channel.
	route func(account, region string) string

	token *botToken

	mu     sync.Mutex
	late   map[string]int    // looks in a row at which a region's last poll was too long ago
	closed map[string]string // channels that take no messages → the post that told; nil: not read yet
}

// ailment is something that is wrong with a region.
type ailment struct {
	region string
	kind   migration.Trouble
	since  time.Time
	sure   bool // it is no passing trouble any more
	blind  bool // the region is not looked at
	long   bool // nor was it for long, for one reason or another
	err    *migration.CloudError
	events []string // of TroubleUnread: those that no notice told of
}

// regions looks how the regions stand after a poll, and tells what has changed.
func (w *watch) regions(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	accounts := map[string][]poll.RegionStatus{}
	var order []string
	for _, s := range w.status() {
		if accounts[s.Account] == nil {
			order = append(order, s.Account)
		}
		accounts[s.Account] = append(accounts[s.Account], s)
	}
	for _, account := range order {
		if err := w.account(ctx, account, accounts[account]); err != nil && ctx.Err() == nil {
			w.log.Error("cannot keep what is to be told of an account's regions", "account", account, "err", err)
		}
	}
}

func (w *watch) account(ctx context.Context, account string, regions []poll.RegionStatus) error {
	sick, seen := map[string][]ailment{}, map[string]time.Time{}
	for _, s := range regions {
		sick[s.Region] = w.examine(s)
		if !slices.ContainsFunc(sick[s.Region], isBlind) && !s.LastGood.IsZero() {
			seen[s.Region] = s.LastGood
		}
	}
	told, err := w.store.Posts(ctx, noticePrefix(account))
	if err != nil {
		return err
	}
	told = slices.DeleteFunc(told, func(p migration.Post) bool { return p.Notice == nil || p.Notice.Account != account || p.Notice.Over })
	for i, p := range told {
		if p.Notice.Open() {
			if told[i], err = w.close(ctx, p, told, sick, seen); err != nil {
				return err
			}
		}
	}
	return w.open(ctx, account, sick, told)
}

func isBlind(a ailment) bool { return a.blind }

// examine tells what is wrong with a region, as far as it is known: whether it is
// looked at, and what was missed when it was.
func (w *watch) examine(s poll.RegionStatus) (all []ailment) {
	place := s.Account + "/" + s.Region
	last := slices.MaxFunc([]time.Time{s.LastGood, w.began}, time.Time.Compare)
	late := w.stale(last)
	if late {
		w.late[place]++ // a clock that leapt, or a host that slept, is no trouble of the region
	} else {
		delete(w.late, place)
	}
	long := w.late[place] >= tellAfterPolls
	switch {
	case s.Blind.Err != nil:
		a := w.ailment(s.Region, s.Blind)
		a.blind, a.long = true, long
		all = append(all, a)
	case late:
		all = append(all, ailment{region: s.Region, kind: migration.TroubleLate, since: last, sure: long, blind: true})
	}
	if s.Unread.Err != nil {
		all = append(all, w.ailment(s.Region, s.Unread))
	}
	missing := migration.CloudKind(s.Facts.Err) == migration.CloudNotAllowed
	if missing && migration.CloudKind(s.Blind.Err) != migration.CloudNotAllowed { // one permission at a time
		all = append(all, w.ailment(s.Region, s.Facts))
	}
	return all
}

func (w *watch) ailment(region string, s poll.Spell) ailment {
	a := ailment{
		region: region, kind: migration.TroubleOf(s.Err), since: s.Since,
		sure: s.Polls >= tellAfterPolls || w.clock.Now().Sub(s.Since) >= tellAfter,
	}
	a.err, _ = errors.AsType[*migration.CloudError](s.Err)
	return a
}

// close ends a notice whose trouble is over everywhere. Where the region is not
// looked at for another reason now, that is told instead once it is sure.
func (w *watch) close(ctx context.Context, p migration.Post, told []migration.Post, sick map[string][]ailment, seen map[string]time.Time) (migration.Post, error) {
	tell := true
	for _, r := range p.Notice.Regions {
		if a, ill := find(sick[r], func(a ailment) bool { return a.is(*p.Notice) }); ill {
			return w.reword(ctx, p, a)
		}
		at, looked := seen[r]
		b, blind := find(sick[r], isBlind)
		switch {
		case blind && b.sure && p.Notice.Trouble != migration.TroubleUnread:
			tell = false
		case blind, looked && at.Before(p.Notice.Since), !looked && w.polled(p.Notice.Account, r):
			return p, nil // not looked at since, or by chance not this time
		case p.Notice.Trouble == migration.TroubleUnread && w.moreUnread(p, told, sick[r]):
			tell = false // not all of them can be read again
		}
	}
	return w.heal(ctx, p, tell)
}

func find(all []ailment, fits func(ailment) bool) (ailment, bool) {
	if i := slices.IndexFunc(all, fits); i >= 0 {
		return all[i], true
	}
	return ailment{}, false
}

// polled tells whether the region is still configured.
func (w *watch) polled(account, region string) bool {
	return slices.ContainsFunc(w.status(), func(s poll.RegionStatus) bool { return s.Account == account && s.Region == region })
}

// heal records that a notice's trouble is over, and tells so.
func (w *watch) heal(ctx context.Context, p migration.Post, tell bool) (migration.Post, error) {
	n := *p.Notice
	n.Healed = w.clock.Now()
	w.log.Info("trouble is over", "trouble", n.Trouble, "account", n.Account, "regions", n.Regions, "channel", n.Channel)
	if tell {
		over := n
		over.Over = true
		if err := w.begin(ctx, migration.Post{ID: p.ID + "/over", Channel: p.Channel, Notice: &over}); err != nil {
			return p, err
		}
	}
	return w.store.ApplyPost(ctx, p.ID, "", func(cur *migration.Post) (migration.PostChange, error) {
		if cur == nil {
			return migration.PostChange{}, nil
		}
		cur.Notice = &n
		return cur.Tell(n.Healed, 0), nil
	})
}

// shared is what regions have in common that one notice tells of.
type shared struct {
	channel string
	kind    migration.Trouble
	code    string
	region  string // where it names what is only there, empty elsewhere
}

// open tells the trouble that is sure and that no notice tells yet. Regions with
// the same trouble share a notice, those too where it is not sure yet.
func (w *watch) open(ctx context.Context, account string, sick map[string][]ailment, told []migration.Post) error {
	groups, sure := map[shared][]ailment{}, map[shared]bool{}
	for _, region := range slices.Sorted(maps.Keys(sick)) {
		for _, a := range sick[region] {
			g := shared{channel: w.channel(account, region), kind: a.kind}
			if a.err != nil {
				g.code = a.err.Code
			}
			if a.kind == migration.TroubleUnread {
				g.region, a = region, w.untold(told, a)
			}
			if w.known(told, a) {
				continue
			}
			groups[g] = append(groups[g], a)
			sure[g] = sure[g] || a.sure || a.long
		}
	}
	for g, all := range groups {
		if !sure[g] {
			continue
		}
		if p, ok := w.joins(told, g); ok {
			if err := w.join(ctx, p.ID, all); err != nil {
				return err
			}
			continue
		}
		n := migration.Notice{Trouble: g.kind, Account: account, Code: g.code, Since: all[0].since}
		for _, a := range all {
			n.Regions = append(n.Regions, a.region)
			if a.since.Before(n.Since) {
				n.Since = a.since
			}
		}
		if e := all[0].err; e != nil {
			n.Message, n.Action = e.Message, e.Action
		}
		if g.kind == migration.TroubleUnread {
			n.Events, n.Message = all[0].events, all[0].naming(all[0].events)
		}
		id := fmt.Sprintf("%s%s/%s/%s", noticePrefix(account), stamp(w.clock.Now()), g.kind, all[0].region)
		if err := w.begin(ctx, migration.Post{ID: id, Channel: g.channel, Notice: &n}); err != nil {
			return err
		}
	}
	return nil
}

// joins is the notice that more of the same trouble is added to: one that is as
// good as new, or about the account's credentials, which all of its regions share.
func (w *watch) joins(told []migration.Post, g shared) (migration.Post, bool) {
	for _, p := range told {
		n := p.Notice
		fresh := w.clock.Now().Sub(p.Begun) < tellAfter || n.Trouble == migration.TroubleUntrusted
		of := shared{channel: p.Channel, kind: n.Trouble, code: n.Code}
		if n.Trouble == migration.TroubleUnread && len(n.Regions) == 1 {
			of.region = n.Regions[0]
		}
		if n.Open() && fresh && g == of {
			return p, true
		}
	}
	return migration.Post{}, false
}

func (w *watch) join(ctx context.Context, id string, all []ailment) error {
	_, err := w.store.ApplyPost(ctx, id, "", func(cur *migration.Post) (migration.PostChange, error) {
		if cur == nil {
			return migration.PostChange{}, nil
		}
		n := *cur.Notice
		n.Regions = slices.Clone(n.Regions)
		for _, a := range all {
			if a.kind == migration.TroubleUnread { // of that region more events
				n.Events = slices.Concat(n.Events, a.events)
				n.Message = a.naming(n.Events)
				continue
			}
			n.Regions = append(n.Regions, a.region)
		}
		slices.Sort(n.Regions)
		cur.Notice = &n
		return cur.Tell(w.clock.Now(), 0), nil
	})
	return err
}

// known tells whether a notice tells of the trouble already, or told of it so
// lately that it may not be told again yet. One reason or another why a region is
// not looked at is the same until it is sure.
func (w *watch) known(told []migration.Post, a ailment) bool {
	if a.kind == migration.TroubleUnread {
		return len(a.events) == 0
	}
	return slices.ContainsFunc(told, func(p migration.Post) bool {
		n := p.Notice
		blip := a.blind && !a.sure && n.Open() && n.Trouble != migration.TroubleUnread
		return slices.Contains(n.Regions, a.region) && (blip || n.Trouble == a.kind && (n.Open() || w.clock.Now().Sub(p.Begun) < tellAgain))
	})
}

// channel is where a region's trouble is told.
func (w *watch) channel(account, region string) string {
	if w.admin != "" {
		return w.admin
	}
	return w.route(account, region)
}

func noticePrefix(account string) string {
	return string(migration.PostNotice) + "/cloud/" + account + "/"
}

// stamp is a moment as part of an ID: the later one sorts last.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// begin posts a notice, once.
func (w *watch) begin(ctx context.Context, p migration.Post) error {
	p.Kind = migration.PostNotice
	_, err := w.store.ApplyPost(ctx, p.ID, "", func(cur *migration.Post) (migration.PostChange, error) {
		if cur != nil {
			return migration.PostChange{}, nil
		}
		return migration.BeginPost(p, w.clock.Now()), nil
	})
	return err
}

// overdue tells whether a region should have been looked at by now, and nothing
// is known to stand in the way.
func (w *watch) overdue(account, region string) bool {
	return slices.ContainsFunc(w.status(), func(s poll.RegionStatus) bool {
		return s.Account == account && s.Region == region && s.Blind.Err == nil && w.stale(s.LastGood)
	})
}

// blind are the regions of which nobody can say now what is there, or not of all
// events.
func (w *watch) blind() []notifier.Blind {
	var all []notifier.Blind
	for _, s := range w.status() {
		unread, _ := errors.AsType[*migration.CloudError](s.Unread.Err)
		switch {
		case s.Blind.Err != nil || s.LastGood.IsZero() || w.stale(s.LastGood):
			all = append(all, notifier.Blind{Account: s.Account, Region: s.Region, Since: s.LastGood})
		case unread != nil:
			b := notifier.Blind{Account: s.Account, Region: s.Region, Since: s.Unread.Since}
			for _, g := range unread.Garbled {
				b.Events = append(b.Events, g.EventID)
			}
			all = append(all, b)
		}
	}
	return all
}
