package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"ecs-migrate/bot"
	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

// The channels of the stub workspace that the configuration names.
const (
	webChannel  = "C0123456789"
	restChannel = "C0000000000"
)

// connectWithin is how long the bot may take until people can reach it.
const connectWithin = 15 * time.Second

// A world is the real bot between a Slack and an Alibaba Cloud, all on one
// clock that can be moved. Nothing in it knows of terminals or pages.
type world struct {
	clock *clock.Movable
	slack *slackstub.Server
	cloud *ecsstub.Server

	// alive ends when the world closes or the bot does; its cause tells why.
	alive context.Context

	undo []func() error // what close does, the last first
}

// worldOptions say how a world begins.
type worldOptions struct {
	start time.Time // what its clock shows at first
	lang  string    // what the bot speaks in channels
	poll  time.Duration
	log   io.Writer // the bot's own log
}

// openWorld starts the servers and the bot and waits until they are connected.
// The bot takes its configuration from a file and its keys from the
// environment, as ecs-migrate run does.
func openWorld(ctx context.Context, o worldOptions) (_ *world, err error) {
	w := &world{clock: clock.NewMovable(o.start)}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	w.slack = slackstub.New(slackstub.Options{Now: w.clock.Now})
	w.cloud = ecsstub.New(ecsstub.Options{Now: w.clock.Now})
	w.later(w.slack.Close)
	w.later(w.cloud.Close)
	if err := errors.Join(w.slack.Start("127.0.0.1:0"), w.cloud.Start("127.0.0.1:0")); err != nil {
		return nil, err
	}
	cfg, err := w.config(o)
	if err != nil {
		return nil, err
	}
	for name, value := range cloudKeys() {
		w.setenv(name, value)
	}
	w.run(ctx, bot.Options{
		Config: cfg, Clock: w.clock,
		Log: slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	return w, w.connected()
}

// connected waits until people can reach the bot.
func (w *world) connected() error {
	late := fmt.Errorf("the bot did not connect to Slack within %s", connectWithin)
	ctx, cancel := context.WithTimeoutCause(w.alive, connectWithin, late)
	defer cancel()
	err := w.slack.Wait(ctx, "a connection", func() bool { return w.slack.Connections() > 0 })
	if err != nil {
		return because(ctx, err)
	}
	return nil
}

// config writes a configuration and reads it as the bot's own binary does.
func (w *world) config(o worldOptions) (config.Config, error) {
	dir, err := os.MkdirTemp("", "ecs-migrate-demo-")
	if err != nil {
		return config.Config{}, fmt.Errorf("make a directory for the store: %w", err)
	}
	w.later(func() error { return os.RemoveAll(dir) })
	text := settings{
		slack: w.slack.APIURL(), cloud: w.cloud.URL(), store: filepath.Join(dir, "ecs-migrate.db"),
		poll: o.poll, lang: o.lang,
	}.yaml()
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return config.Config{}, fmt.Errorf("write the configuration: %w", err)
	}
	tokens := map[string]string{config.BotTokenVariable: w.slack.BotToken(), config.AppTokenVariable: w.slack.AppToken()}
	return config.Load(path, func(name string) string { return tokens[name] })
}

// run lets the bot live until close; alive ends with it.
func (w *world) run(ctx context.Context, o bot.Options) {
	alive, end := context.WithCancelCause(ctx)
	ended := make(chan error, 1)
	w.alive = alive
	go func() {
		err := bot.Run(alive, o)
		end(fmt.Errorf("the bot ended: %w", orElse(err, errors.New("nobody had asked it to"))))
		ended <- err
	}()
	w.later(func() error {
		end(context.Canceled)
		err := <-ended
		if err != nil && errors.Is(context.Cause(alive), err) {
			return nil // whoever looked at alive knows it already
		}
		return err
	})
}

// later has close do something.
func (w *world) later(do func() error) { w.undo = append(w.undo, do) }

// setenv sets a variable of this process until the world closes: the Alibaba
// Cloud SDK reads its keys nowhere else.
func (w *world) setenv(name, value string) {
	before, was := os.LookupEnv(name)
	w.later(func() error {
		if was {
			return os.Setenv(name, before)
		}
		return os.Unsetenv(name)
	})
	_ = os.Setenv(name, value) // fails for names with = or NUL only
}

// close stops the bot, then the servers, and leaves nothing behind.
func (w *world) close() error {
	var err error
	for len(w.undo) > 0 {
		last := len(w.undo) - 1
		err = errors.Join(err, w.undo[last]())
		w.undo = w.undo[:last]
	}
	return err
}

// cloudKeys are the variables that the SDK's default chain reads first. A
// token left over from other work would spoil the keys.
func cloudKeys() map[string]string {
	return map[string]string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID":     ecsstub.DefaultKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET": ecsstub.DefaultKeySecret,
		"ALIBABA_CLOUD_SECURITY_TOKEN":    "",
	}
}

// settings are what a configuration for the stub servers must say.
type settings struct {
	slack, cloud string // their addresses
	store        string
	poll         time.Duration
	lang         string
	listen       string // where probes are answered; "": nowhere
	people       string // who may do what and who is called, as YAML; "": everyone may
}

// yaml is the configuration file.
func (s settings) yaml() string {
	if s.people == "" {
		s.people = "roles: {operator: [everyone], admin: [everyone]}\n"
	}
	return fmt.Sprintf(`slack:
  api_url: %s
store: %s
listen: %s
poll: "@every %s"
language: %s
accounts:
  - name: prod
    regions: [cn-hangzhou, cn-shanghai]
    endpoint: %s
routes:
  - {channel: %s, match: {account: prod, region: cn-hangzhou, tags: {team: web}}}
  - {channel: %s}
%s`, s.slack, strconv.Quote(s.store), strconv.Quote(s.listen), s.poll, s.lang, s.cloud, webChannel, restChannel, s.people)
}

// because is why ctx ended, where it has, rather than what failed with it.
func because(ctx context.Context, err error) error {
	return orElse(context.Cause(ctx), err)
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
