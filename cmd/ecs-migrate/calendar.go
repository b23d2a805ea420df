package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"ecs-migrate/bot"
	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
	"ecs-migrate/internal/upkeep"
)

type calendarCommand struct {
	Config string `required:"" short:"c" placeholder:"FILE" help:"The bot's configuration file, which names the store, the language and the time zone."`
	Out    string `required:"" placeholder:"FILE" help:"The calendar file to write, or - for stdout. It is replaced where it exists."`
}

// Help is shown by "ecs-migrate calendar --help".
func (calendarCommand) Help() string {
	return `One appointment for each open migration that has a time ahead: firm where Alibaba Cloud has confirmed it, else tentative. What was cancelled or avoided in the last 30 days is in it as cancelled. ` +
		`Appointments keep their identity, so a later file moves them. It works whether the bot runs or not.

People get the same by direct message: /ecs-migrate calendar`
}

// Run writes the file from a copy of the store, which the bot may have open.
func (c calendarCommand) Run(p program) error {
	cfg, _, err := config.Check(c.Config, p.getenv)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal()
	defer stop()
	file, n, err := c.calendar(ctx, p, cfg)
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted: nothing was written")
	}
	if err != nil {
		return err
	}
	if c.Out == "-" {
		_, err := p.stdout.Write(file)
		return err
	}
	err = upkeep.Save(c.Out, true, func(temp string) error { return os.WriteFile(temp, file, 0o600) })
	if err == nil {
		fmt.Fprintf(p.stdout, "Wrote %s to %s.\n", count(n, "appointment"), c.Out)
	}
	return err
}

func (c calendarCommand) calendar(ctx context.Context, p program, cfg config.Config) (file []byte, n int, err error) {
	dir, err := os.MkdirTemp("", "ecs-migrate-")
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied := filepath.Join(dir, "copy")
	if _, err := upkeep.At(cfg.Store, upkeep.Options{Log: p.log, Now: p.now}).Backup(ctx, copied); err != nil {
		return nil, 0, err
	}
	return bot.Calendar(ctx, copied, cfg, clock.Real{}, slog.New(slog.DiscardHandler))
}
