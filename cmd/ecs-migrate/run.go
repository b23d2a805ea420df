package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"ecs-migrate/bot"
	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
)

type runCommand struct {
	Config string `required:"" short:"c" placeholder:"FILE" help:"The configuration file (YAML)."`
}

// Help is shown by "ecs-migrate run --help".
func (runCommand) Help() string {
	return `SLACK_BOT_TOKEN and SLACK_APP_TOKEN must be set in the environment. ` +
		`Every fault in the file and in the tokens is told before anything else happens.

On SIGINT or SIGTERM the bot takes in nothing more, finishes what is under way and exits with 0 within 15 seconds. ` +
		`A second signal ends it at once; nothing that was acknowledged is lost.`
}

// Run reads the configuration, then runs the bot until a signal.
func (c runCommand) Run(p program) error {
	cfg, err := config.Load(c.Config, p.getenv)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal()
	defer stop()
	return bot.Run(ctx, bot.Options{Config: cfg, Log: p.log, Clock: clock.Real{}})
}

// untilSignal is done at the first SIGINT or SIGTERM. By then signals do again
// what they do by default, so that a second one ends the process at once.
func untilSignal() (ctx context.Context, stop func()) {
	ctx, stop = context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		defer stop()
		defer signal.Stop(signals)
		select {
		case <-signals:
		case <-ctx.Done():
		}
	}()
	return ctx, stop
}
