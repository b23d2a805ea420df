package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"ecs-migrate/bot"
	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
)

// An order is one line that the page's process writes to its bot's stdin. The
// bot answers on stdout with a bot.Pulse a line, and logs on stderr.
type order struct {
	// Ahead is by how much the world's clock is ahead of the machine's.
	Ahead time.Duration `json:"ahead"`
	// Stop asks the bot to drain and end.
	Stop bool `json:"stop,omitempty"`
}

// botCommand is the bot in a process of its own, so that it can be killed as
// the kernel kills. It is the production bot but for its clock.
type botCommand struct {
	Config string `required:"" placeholder:"FILE" help:"The bot's configuration."`
}

// Run lives until it is told to stop. Where whoever started it is gone, so is
// the bot, at once.
func (c botCommand) Run(ctx context.Context, p program) error {
	orders := json.NewDecoder(p.stdin)
	var first order
	if err := orders.Decode(&first); err != nil {
		return errors.New("the command bot is for the page alone: run ecs-migrate-demo without it")
	}
	cfg, err := config.Load(c.Config, os.Getenv)
	if err != nil {
		return err
	}
	ours := clock.NewMovable(time.Now().Add(first.Ahead))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		if !obey(orders, ours, stop) {
			os.Exit(exitFault)
		}
	}()
	pulses := json.NewEncoder(p.stdout)
	return bot.Run(ctx, bot.Options{
		Config: cfg, Clock: ours,
		Log:   slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: stampedBy(ours)})),
		Pulse: func(now bot.Pulse) { _ = pulses.Encode(now) }, // a reader that is gone ends this process elsewhere
	})
}

// stampedBy lets a log tell the world's time, as everything else on the page
// does.
func stampedBy(c clock.Clock) func([]string, slog.Attr) slog.Attr {
	return func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			a.Value = slog.TimeValue(c.Now().UTC())
		}
		return a
	}
}

// obey carries orders out until one says stop, and tells whether one did.
func obey(orders *json.Decoder, ours *clock.Movable, stop func()) bool {
	for {
		var o order
		if err := orders.Decode(&o); err != nil {
			return false
		}
		if o.Stop {
			stop()
			return true
		}
		ours.Advance(o.Ahead - ours.Ahead())
	}
}

// give writes an order.
func give(to io.Writer, o order) error {
	if err := json.NewEncoder(to).Encode(o); err != nil {
		return fmt.Errorf("tell the bot: %w", err)
	}
	return nil
}
