// Package bot is the assembled ecs-migrate: it opens the store, listens to
// Slack over Socket Mode, polls Alibaba Cloud on a schedule, and does the jobs
// that decisions and observations leave in the store.
//
// A tour: [Run] wires everything and takes it down again (this file); intake.go
// takes in what people do; dispatch.go picks due jobs, slackjobs.go, cloudjobs.go
// and factsjobs.go do them; schedule.go polls, watch.go tells what whoever runs
// the bot can mend, with unread.go for single events and shut.go for channels;
// health.go answers probes, metrics.go and gauges.go count; homes.go keeps Home tabs
// up to date; host.go outlives an exchange of the store, after which relook.go looks
// for what was posted since the backup; former.go looks for what was posted before
// the store was begun.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/migration"
	"ecs-migrate/internal/poll"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

// Options is what a bot needs.
type Options struct {
	Config config.Config
	Log    *slog.Logger
	// Clock is clock.Real where it is nil.
	Clock clock.Clock
	// Pulse, where it is not nil, is told at each change what the bot is at, one
	// call after the other. It must return at once. It is for whoever moves the
	// Clock.
	Pulse func(Pulse)
}

// drainFor is how long running work may go on after the bot was told to stop;
// with what closing takes, the whole ends within 15 s.
const (
	drainFor = 10 * time.Second
	closeFor = 3 * time.Second
)

// Run is a bot's whole life. It ends when ctx does, after running work was
// drained, with nil; or at once with an error that says in one sentence what
// to do, where the bot cannot start. A store that is restored meanwhile takes the
// place of the former one as in a restart, within the same process.
func Run(ctx context.Context, o Options) error {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	h := newHost(o.Log)
	b, err := assemble(ctx, o, true)
	switch {
	case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return nil // told to stop before it had begun
	case err != nil:
		return err
	}
	for {
		if err := h.take(b, o); err != nil {
			return errors.Join(err, h.end(), b.store.Close())
		}
		p := b.live(ctx, h)
		if p == nil {
			return errors.Join(h.end(), b.close())
		}
		if b, err = b.exchange(ctx, o, h, *p); err != nil {
			return errors.Join(err, h.end())
		}
	}
}

// exchange closes the bot's store, has another put in its place, and gives a bot
// that has that open. Where that could not be, the former store is there still.
func (b *bot) exchange(ctx context.Context, o Options, h *host, p pause) (*bot, error) {
	h.letGo()
	err := b.close()
	if err == nil {
		err = p.install()
	}
	if err != nil {
		b.log.Error("the store was not restored, going on with the former one", "err", err)
	}
	next, failed := assemble(context.WithoutCancel(ctx), o, false)
	if err == nil {
		err = failed
	}
	p.done <- err
	return next, failed
}

// bot is the wired whole.
type bot struct {
	log      *slog.Logger
	clock    clock.Clock
	store    *store.Store
	intake   *intake
	dispatch *dispatcher
	schedule *schedule
	homes    *homeKeeper
	pulse    *pulse // nil: nobody moves the clock
	probes   http.Handler
	digests  *digests // nil: off
	roles    *roleCheck
}

// assemble wires a bot; it leaves nothing open where it fails. first tells that
// Slack's token was not tried yet.
func assemble(ctx context.Context, o Options, first bool) (_ *bot, err error) {
	cfg := o.Config
	m := newMetrics()
	token := new(botToken)
	api := newSlackClient(cfg.Slack, m, token)
	if first {
		if err := checkSlack(ctx, api, o.Log); err != nil {
			return nil, err
		}
	}
	rules := policy(cfg)
	state, err := store.Open(cfg.Store, store.Options{Log: o.Log, Now: o.Clock.Now, Follow: rules.Follow})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, state.Close())
		}
	}()
	regions, clouds, err := newClouds(cfg, o, m.exchange)
	if err != nil {
		return nil, err
	}

	if err := lookOver(ctx, state, regions, o); err != nil {
		return nil, err
	}
	if err := tellRestored(ctx, state, o); err != nil {
		return nil, err
	}

	if n, err := state.FollowAll(ctx, rules.Name()); err != nil {
		return nil, err
	} else if n > 0 {
		o.Log.Info("reminders brought in line with the configuration", "migrations", n)
	}

	begun, err := state.Begun(ctx)
	if err != nil {
		return nil, err
	}

	lang := notifier.Lang(cfg.Language)
	people := notifier.NewPeople(api, notifier.PeopleOptions{Clock: o.Clock, Zone: cfg.Location, Lang: lang, Log: o.Log})
	sender := notifier.NewSender(api, notifier.SenderOptions{Clock: o.Clock, Log: o.Log})
	poller := poll.New(poll.Options{
		Regions: regions, Store: state, Wanted: cfg.EventTypes.Match, Route: cfg.Route, Clock: o.Clock, Log: o.Log,
	})
	b := &bot{log: o.Log, clock: o.Clock, store: state, pulse: newPulse(o.Pulse, state)}
	b.schedule = &schedule{cron: cfg.Poll.Schedule, zone: cfg.Location, clock: o.Clock, poller: poller, pulse: b.pulse, log: o.Log}
	trouble := &watch{
		store: state, clock: o.Clock, log: o.Log, status: poller.Status, stale: b.schedule.stale, began: o.Clock.Now(),
		token: token, admin: cfg.AdminChannel, late: map[string]int{},
		route: func(account, region string) string { return cfg.Route(account, region, nil) },
	}
	b.schedule.seen = func(ctx context.Context, r poll.Report) {
		m.polled(r)
		trouble.regions(ctx)
	}
	groups := notifier.NewGroups(api, o.Clock, o.Log)
	b.roles = &roleCheck{groups: groups, named: namedGroups(cfg)}
	charged := duties{cfg, people, groups}
	acts := handlers.New(handlers.Options{
		Store: state, People: people, Groups: groups, Grants: grants(cfg), Checklists: cfg.Checklists,
		Owner: charged.owner, OnCall: charged.onCall, Blind: trouble.blind, Slack: api, Clock: o.Clock, Lang: lang, Zone: cfg.Location, Log: o.Log,
	})
	b.intake = newIntake(api, acts, m, o.Log)
	b.homes = &homeKeeper{acts: acts, store: state, clock: o.Clock, log: o.Log}
	b.dispatch = newDispatcher(state, o.Clock, o.Log, m, workers{
		inSlack: &slackWorker{
			store: state, sender: sender, clock: o.Clock, lang: lang, zone: cfg.Location, route: cfg.Route, watch: trouble,
			policy: rules, lists: cfg.Checklists, duties: charged, looked: poller.Looked, began: o.Clock.Now(), log: o.Log,
			former: newFormer(sender, o.Clock, o.Log, cfg.Store, begun),
		},
		inCloud: &cloudWorker{store: state, clouds: clouds, may: acts.May, clock: o.Clock, log: o.Log},
		ofFacts: &factsWorker{store: state, clouds: clouds, clock: o.Clock, log: o.Log},
	})
	b.dispatch.pulse = b.pulse
	health := &health{
		clock: o.Clock, store: state, intake: b.intake, dispatch: b.dispatch, poller: poller, schedule: b.schedule,
		unmapped: state.Stuck, watch: trouble,
	}
	if cfg.Reminders.Digest.Schedule != nil {
		b.digests = &digests{cfg: cfg, store: state, clock: o.Clock, status: poller.Status, stale: b.schedule.stale, pulse: b.pulse, log: o.Log}
		if state.Stats().Migrations == 0 { // there was no bot yet at this morning's hour
			b.digests.done = o.Clock.Now()
		}
	}
	b.probes = probes(health, m)
	return b, nil
}

// newClouds makes a client for each account, and names each region to poll.
func newClouds(cfg config.Config, o Options, seen func(ecs.Exchange)) ([]poll.Region, map[string]Cloud, error) {
	var regions []poll.Region
	clouds := make(map[string]Cloud, len(cfg.Accounts))
	for _, a := range cfg.Accounts {
		client, err := ecs.New(ecs.Options{
			Account: a.Name, Endpoint: a.Endpoint, Profile: a.Credentials.Profile, RoleARN: a.Credentials.RoleARN,
			Clock: o.Clock, Log: o.Log, Seen: seen,
		})
		if err != nil {
			return nil, nil, fmt.Errorf("account %q: %w", a.Name, err)
		}
		clouds[a.Name] = client
		for _, r := range a.Regions {
			regions = append(regions, poll.Region{Account: a.Name, Region: r, Cloud: client})
		}
	}
	return regions, clouds, nil
}

// lookOver goes through the open migrations once. It warns of those that no poll
// will follow any more, because their account or region was taken out of the
// configuration, and has the others read of which a former version read nothing.
func lookOver(ctx context.Context, s *store.Store, regions []poll.Region, o Options) error {
	polled := map[[2]string]bool{}
	for _, r := range regions {
		polled[[2]string{r.Account, r.Region}] = true
	}
	forsaken := map[[2]string]int{}
	var unread []migration.Key
	err := s.ByDeadline(ctx, func(m migration.Migration) bool {
		k := m.Key()
		switch {
		case m.Event.Status.Final():
		case !polled[[2]string{k.Account, k.Region}]:
			forsaken[[2]string{k.Account, k.Region}]++
		case !m.MissedReadings(o.Clock.Now()).Empty():
			unread = append(unread, k)
		}
		return true
	})
	for place, n := range forsaken {
		o.Log.Warn("open migrations are followed no longer: put their region back under accounts, or look after them in the console",
			"account", place[0], "region", place[1], "migrations", n)
	}
	if err != nil {
		return err
	}
	for some := range slices.Chunk(unread, 500) {
		_, err := s.ApplyEach(ctx, some, func(_ migration.Key, cur *migration.Migration) migration.Change {
			if cur == nil {
				return migration.Change{}
			}
			return cur.MissedReadings(o.Clock.Now())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellRestored warns for a day of a store that knows less than people may think.
func tellRestored(ctx context.Context, s *store.Store, o Options) error {
	at, asOf, ok, err := s.Restored(ctx)
	if ok && o.Clock.Now().Sub(at) < 24*time.Hour {
		o.Log.Warn("the store was restored from a backup: what was decided between is lost, and what was sent and asked for between is looked up and not repeated",
			"backup_of", asOf, "restored", at, "between", at.Sub(asOf).Round(time.Second).String())
	}
	return err
}

// newSlackClient takes no retries of its own: the jobs know better what may be
// repeated.
func newSlackClient(cfg config.Slack, m *metrics, token *botToken) *slack.Client {
	return slack.New(cfg.BotToken.Reveal(),
		slack.OptionAppLevelToken(cfg.AppToken.Reveal()),
		slack.OptionAPIURL(cfg.APIURL),
		slack.OptionHTTPClient(&http.Client{Timeout: 30 * time.Second, Transport: timed{http.DefaultTransport, cfg.APIURL, m, token}}),
	)
}

// checkSlack asks whether Slack takes the bot's token. That Slack cannot be
// reached is no reason to stay down: the connections are tried again for ever.
func checkSlack(ctx context.Context, api *slack.Client, log *slog.Logger) error {
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	who, err := api.AuthTestContext(limited)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		log.Info("Slack knows the bot", "workspace", who.Team, "bot_user", who.UserID)
		return nil
	}
	if no, ok := errors.AsType[slack.SlackErrorResponse](err); ok && !transient[no.Err] {
		return fmt.Errorf("Slack refuses SLACK_BOT_TOKEN (%s): copy the Bot User OAuth Token again from the app's page under OAuth & Permissions", no.Err)
	}
	log.Warn("Slack cannot be reached yet, trying on", "err", withoutURL(err))
	return nil
}

// transient are the errors of auth.test that say nothing of the token
// (https://docs.slack.dev/reference/methods/auth.test).
var transient = map[string]bool{
	"ratelimited": true, "service_unavailable": true, "internal_error": true, "fatal_error": true,
	"request_timeout": true, "team_added_to_org": true,
}

// live runs everything until ctx ends or a pause is asked for, which it gives
// back then. No more polls, clicks or jobs are begun, and what runs is drained;
// the store is still open.
func (b *bot) live(ctx context.Context, h *host) *pause {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// What was begun outlives ctx until drained or drainFor is over.
	work, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()

	parts := []part{
		{"intake", b.intake.run},
		{"poll", b.schedule.run},
		{"jobs", b.dispatch.run},
		{"homes", b.homes.run},
		{"roles", b.roles.run},
	}
	if b.digests != nil {
		parts = append(parts, part{"digests", b.digests.run})
	}
	done := make(chan string, len(parts))
	for _, p := range parts {
		go func() {
			p.run(ctx, work)
			done <- p.name
		}()
	}
	if h.listener != nil {
		b.pulse.set(func(p *Pulse) { p.Probes = h.listener.Addr().String() })
	}
	if b.pulse != nil {
		go b.pulse.follow(ctx)
	}
	b.log.Info("ecs-migrate runs")

	var paused *pause
	select {
	case <-ctx.Done():
		b.log.Info("stopping: draining running work", "at_most", drainFor.String())
	case p := <-h.pauses:
		paused = &p
		b.log.Info("pausing to restore the store: draining running work", "at_most", drainFor.String())
		stop()
	}
	running := map[string]bool{}
	for _, p := range parts {
		running[p.name] = true
	}
	patient := time.After(drainFor)
	for len(running) > 0 {
		select {
		case name := <-done:
			delete(running, name)
			continue
		case <-patient:
			b.log.Warn("abandoning work that did not end; it is taken up again at the next start", "parts", fmt.Sprint(running))
			abandon()
		}
		break
	}
	return paused
}

// part is something that runs until stop ends and then drains; work is the
// context of what it began, which ends later.
type part struct {
	name string
	run  func(stop, work context.Context)
}

// close ends the store, within closeFor whatever hangs.
func (b *bot) close() error {
	closed := make(chan error, 1)
	go func() { closed <- b.store.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			return fmt.Errorf("closing: %w", err)
		}
		b.log.Info("stopped")
	case <-time.After(closeFor):
		b.log.Error("the store did not close in time; its last commit is whole")
	}
	return nil
}
