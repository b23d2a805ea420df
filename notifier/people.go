package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"

	"ecs-migrate/internal/clock"
)

// Person is someone in the workspace.
type Person struct {
	ID   string
	Name string // what people call them; from outside, escape it
	Zone *time.Location
	Lang Lang

	Bot      bool
	Deleted  bool // left the workspace
	Guest    bool // of one channel or of several
	Stranger bool // of another workspace
}

// PeopleOptions say what stands in for what a profile does not tell.
type PeopleOptions struct {
	Zone  *time.Location // UTC by default
	Lang  Lang           // English by default
	Clock clock.Clock    // clock.Real by default
	Log   *slog.Logger   // silent by default
}

const (
	personKept  = time.Hour
	personRetry = time.Minute // after a failed reading an old copy does for so long
	peopleKept  = 10_000
)

// People knows people by users.info. What it read is kept for an hour, and
// longer while Slack does not answer. It is safe for concurrent use.
type People struct {
	api   *slack.Client
	o     PeopleOptions
	calls singleflight.Group

	mu    sync.Mutex
	known map[string]known
	home  *home // nil until it was read

	refused time.Time // until then Slack takes no more of these calls; zero: it does
}

type known struct {
	person Person
	read   time.Time
	until  time.Time // then it is read again
}

// home is the workspace that the bot is installed in, and its organisation,
// empty where it is in none.
type home struct{ team, enterprise string }

// NewPeople makes a People on a bot's client.
func NewPeople(api *slack.Client, o PeopleOptions) *People {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Lang == "" {
		o.Lang = English
	}
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &People{api: api, o: o, known: map[string]known{}}
}

// Person tells who a user is. Where Slack does not answer and nothing is kept,
// the error comes with a Person who has the id, and the zone and language that
// stand in: good enough to answer them.
func (p *People) Person(ctx context.Context, userID string) (Person, error) {
	old, kept := p.recall(userID)
	if kept && p.o.Clock.Now().Before(old.until) {
		return old.person, nil
	}
	person, err := p.ask(ctx, userID)
	if err == nil {
		return person, nil
	}
	if kept {
		p.o.Log.Debug("a person could not be read again, the old copy is used", "user", userID, "error", err)
		p.keep(old.person, old.read, personRetry)
		return old.person, nil
	}
	return Person{ID: userID, Name: userID, Zone: p.o.Zone, Lang: p.o.Lang}, fmt.Errorf("reading the Slack user %s: %w", userID, err)
}

// Fresh tells who a user is, as Slack told it not longer ago than age.
func (p *People) Fresh(ctx context.Context, userID string, age time.Duration) (Person, error) {
	if old, kept := p.recall(userID); kept && p.o.Clock.Now().Before(old.read.Add(age)) {
		return old.person, nil
	}
	person, err := p.ask(ctx, userID)
	if err != nil {
		return Person{}, fmt.Errorf("reading the Slack user %s: %w", userID, err)
	}
	return person, nil
}

// ask reads a person, once for all who want to know.
func (p *People) ask(ctx context.Context, userID string) (Person, error) {
	// Whoever asks first must not, by giving up, fail the others that wait.
	read := p.calls.DoChan(userID, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		return p.read(ctx, userID)
	})
	select {
	case r := <-read:
		if r.Err != nil {
			return Person{}, r.Err
		}
		return r.Val.(Person), nil
	case <-ctx.Done():
		return Person{}, ctx.Err()
	}
}

func (p *People) read(ctx context.Context, userID string) (_ Person, err error) {
	began := p.o.Clock.Now()
	if wait := p.pausing(began); wait > 0 {
		return Person{}, &slack.RateLimitedError{RetryAfter: wait}
	}
	defer func() { p.pause(err) }()
	at, err := p.whereAt(ctx)
	if err != nil {
		return Person{}, err
	}
	u, err := p.api.GetUserInfoContext(ctx, userID, slack.GetUserInfoOptionIncludeLocale(true))
	if err != nil {
		return Person{}, err
	}
	person := Person{
		ID: userID, Name: nameOf(u), Zone: p.zone(u.TZ), Lang: LangOf(u.Locale, p.o.Lang),
		Bot: u.IsBot, Deleted: u.Deleted, Guest: u.IsRestricted || u.IsUltraRestricted, Stranger: u.IsStranger || !at.holds(u),
	}
	p.keep(person, began, personKept)
	return person, nil
}

// pausing is for how long Slack asked to be left alone.
func (p *People) pausing(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused.Sub(now)
}

// mostPause bounds what Slack may ask for: nobody decides anything meanwhile.
const mostPause = 5 * time.Minute

// pause keeps in mind for how long Slack asks to be left alone.
func (p *People) pause(err error) {
	limited, ok := errors.AsType[*slack.RateLimitedError](err)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = p.o.Clock.Now().Add(min(limited.RetryAfter, mostPause))
}

// whereAt is the bot's own workspace, read once: it does not change.
func (p *People) whereAt(ctx context.Context) (home, error) {
	p.mu.Lock()
	at := p.home
	p.mu.Unlock()
	if at != nil {
		return *at, nil
	}
	own, err := p.api.AuthTestContext(ctx)
	if err != nil {
		return home{}, fmt.Errorf("reading the bot's own workspace: %w", err)
	}
	at = &home{own.TeamID, own.EnterpriseID}
	p.mu.Lock()
	p.home = at
	p.mu.Unlock()
	return *at, nil
}

// holds tells whether a user belongs to the workspace. In a channel that is shared
// with another one, nothing but the team says so; in an organisation a member's
// team may be another one of theirs
// (https://docs.slack.dev/apis/slack-connect, https://docs.slack.dev/reference/objects/user-object).
func (h home) holds(u *slack.User) bool {
	if u.TeamID == h.team {
		return true
	}
	return h.enterprise != "" && u.Enterprise.EnterpriseID == h.enterprise && slices.Contains(u.Enterprise.Teams, h.team)
}

// nameOf is what Slack's clients show.
func nameOf(u *slack.User) string {
	for _, name := range []string{u.Profile.DisplayName, u.RealName, u.Profile.RealName, u.Name} {
		if name != "" {
			return name
		}
	}
	return u.ID
}

// zone is the zone of an IANA name, or what stands in for it. Go would read ""
// as UTC and "Local" as this machine's zone, and no profile means either.
func (p *People) zone(name string) *time.Location {
	if name == "" || name == "Local" {
		return p.o.Zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		p.o.Log.Debug("a person's zone is not known here", "zone", name)
		return p.o.Zone
	}
	return zone
}

func (p *People) recall(userID string) (known, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, ok := p.known[userID]
	return k, ok
}

// keep remembers a person; the one that would be read again first makes room.
func (p *People) keep(person Person, read time.Time, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.known[person.ID]; !ok && len(p.known) >= peopleKept {
		oldest := ""
		for id, k := range p.known {
			if oldest == "" || k.until.Before(p.known[oldest].until) {
				oldest = id
			}
		}
		delete(p.known, oldest)
	}
	p.known[person.ID] = known{person, read, p.o.Clock.Now().Add(d)}
}
