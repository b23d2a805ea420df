package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// A playground is what the page shows: a workspace and a cloud in this process,
// and the bot in one of its own, all on one clock that people move.
type playground struct {
	dir   string      // holds the bot's store and configuration, and what is kept
	keep  bool        // the directory is the reader's, and stays
	ours  atomic.Bool // the bot had its store, so that nobody else has
	boot  string      // names this life of the playground
	log   *logTail
	clock *clock.Movable
	slack *slackstub.Server
	cloud *ecsstub.Server
	bot   *process

	traffic *traffic
	ready   readiness
	told    atomic.Int64 // messages, forms and events that changed so far: that the world goes on

	moving   sync.Mutex // one moves the clock at a time
	hands    hands
	alive    context.Context // ends with close
	end      context.CancelFunc
	watchers sync.WaitGroup

	mu       sync.Mutex
	language string // what the bot speaks in channels
	busy     bool   // somebody moves the clock
	faults   []fault
	changed  chan struct{} // closed and replaced when what GET /world tells changes
	version  int64
}

// playgroundOptions say how a playground begins.
type playgroundOptions struct {
	state    string    // the directory that keeps it; "": forgotten at the end
	language string    // "": as it was kept, else English
	start    time.Time // of the clock, where nothing was kept; zero: now
	log      io.Writer // the bot's own log goes here too; nil: nowhere
}

// pagePoll is how often the page's bot looks at the cloud, on the world's
// clock: as production does unless told otherwise.
const pagePoll = time.Minute

// openPlayground makes everything but the bot, which start runs.
func openPlayground(o playgroundOptions) (_ *playground, err error) {
	g := &playground{
		dir: o.state, keep: o.state != "", boot: rand.Text()[:8], log: &logTail{also: o.log},
		traffic: newTraffic(), changed: make(chan struct{}),
	}
	g.alive, g.end = context.WithCancel(context.Background())
	if err := g.makeDir(); err != nil {
		return nil, err
	}
	kept, err := g.kept()
	if err != nil {
		return nil, err
	}
	start := o.start
	if start.IsZero() {
		start = time.Now()
	}
	if kept != nil {
		start = kept.Now
	}
	g.clock = clock.NewMovable(start)
	seats := workspace()
	seats.Now = g.clock.Now
	g.slack = slackstub.New(seats)
	g.cloud = ecsstub.New(ecsstub.Options{Now: g.clock.Now, Accounts: estate(), Answers: true, Keep: 5000})
	g.bot = newProcess(g.clock, g.log, g.touch)
	defer func() {
		if err != nil {
			err = errors.Join(err, g.close())
		}
	}()
	g.language = englishLang
	if kept != nil {
		g.language = kept.Language
		if err := errors.Join(g.slack.Restore(kept.Slack), g.cloud.Restore(kept.Cloud)); err != nil {
			return nil, fmt.Errorf("%s cannot be read: move it away to begin anew: %w", g.file(keptName), err)
		}
	} else if _, err := g.cloud.Announce(firstNotice(g.clock.Now())); err != nil {
		return nil, err
	}
	if o.language != "" {
		g.language = o.language
	}
	if err := errors.Join(g.slack.Start("127.0.0.1:0"), g.cloud.Start("127.0.0.1:0")); err != nil {
		return nil, err
	}
	g.watch()
	return g, nil
}

// makeDir makes the directory that the bot's store lies in.
func (g *playground) makeDir() (err error) {
	if !g.keep {
		if g.dir, err = os.MkdirTemp("", "ecs-migrate-demo-"); err != nil {
			return fmt.Errorf("make a directory for the store: %w", err)
		}
		return nil
	}
	if g.dir, err = filepath.Abs(g.dir); err == nil {
		err = os.MkdirAll(g.dir, 0o700)
	}
	if err != nil {
		return fmt.Errorf("--state %s cannot be used: give a directory that may be written: %w", g.dir, err)
	}
	return nil
}

func (g *playground) file(name string) string { return filepath.Join(g.dir, name) }

// start runs the bot and waits until people can reach it.
func (g *playground) start(ctx context.Context) error {
	text := settings{
		slack: g.slack.APIURL(), cloud: g.cloud.URL(), store: g.file("ecs-migrate.db"), poll: pagePoll,
		lang: g.speaks(), listen: "127.0.0.1:0", people: duties(),
	}.yaml()
	path := g.file("config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write the bot's configuration: %w", err)
	}
	env := []string{config.BotTokenVariable + "=" + g.slack.BotToken(), config.AppTokenVariable + "=" + g.slack.AppToken()}
	for name, value := range cloudKeys() {
		env = append(env, name+"="+value)
	}
	command, err := botProgram(path, env)
	if err != nil {
		return err
	}
	if err := g.bot.start(ctx, command, func() bool { return g.slack.Connections() > 0 }); err != nil {
		return err
	}
	g.ours.Store(true)
	return nil
}

// speaks is the language of the channels.
func (g *playground) speaks() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.language
}

// touch tells that GET /world would tell something else now.
func (g *playground) touch() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.version++
	close(g.changed)
	g.changed = make(chan struct{})
}

// news is a number that grows with each touch, and a channel that closes at the
// next one.
func (g *playground) news() (int64, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.version, g.changed
}

// watch follows what happens until close.
func (g *playground) watch() {
	for _, follow := range []func(){g.followSlack, g.followCloud, g.followReadiness, g.followState} {
		g.watchers.Go(follow)
	}
}

// close stops the bot, keeps what is to be kept, and leaves nothing else behind.
func (g *playground) close() error {
	g.bot.stop()
	g.end()
	g.watchers.Wait()
	err := errors.Join(g.slack.Close(), g.cloud.Close())
	switch {
	case !g.keep:
		err = errors.Join(err, os.RemoveAll(g.dir))
	case g.ours.Load():
		err = errors.Join(err, g.save())
	}
	return err
}
