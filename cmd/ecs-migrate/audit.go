package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"ecs-migrate/internal/upkeep"
)

type auditCommand struct {
	place
	Since  string `placeholder:"WHEN" help:"From this moment on: 2026-01-01 (UTC), 2026-01-01T02:00:00+08:00, or 72h or 7d before now. Without it, from the beginning."`
	Until  string `placeholder:"WHEN" help:"Before this moment. Without it, to the end."`
	Format string `enum:"csv,jsonl" default:"csv" placeholder:"FORMAT" help:"${enum} (default: ${default})."`
	Out    string `placeholder:"FILE" help:"Write to this new file, for its user only. Without it, to stdout."`
	Force  bool   `help:"Replace the file where it exists."`
}

// Help is shown by "ecs-migrate audit --help".
func (auditCommand) Help() string {
	return `Who decided what and when, by which door, what it changed, and what the cloud answered: all entries in order of time, in UTC. ` +
		`docs/audit.md tells each field. It works whether the bot runs or not, and for a store that was set aside.`
}

// Run writes the trail.
func (c auditCommand) Run(p program) error {
	since, err := upkeep.ParseMoment(c.Since, p.now())
	if err != nil {
		return fmt.Errorf("--since: %w", err)
	}
	until, err := upkeep.ParseMoment(c.Until, p.now())
	if err != nil {
		return fmt.Errorf("--until: %w", err)
	}
	if !until.IsZero() && !since.Before(until) {
		return errors.New("--since is not before --until: there is nothing in between")
	}
	return c.keep(p, func(ctx context.Context, _ string, k upkeep.Keeper) error {
		write := func(into *upkeep.Writer) error {
			if err := k.Audit(ctx, since, until, into.Write); err != nil {
				return err
			}
			return into.Flush()
		}
		if c.Out == "" {
			out, err := upkeep.NewWriter(p.stdout, upkeep.Format(c.Format))
			if err != nil {
				return err
			}
			return write(out)
		}
		written := 0
		err := upkeep.Save(c.Out, c.Force, func(temp string) error {
			file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return err
			}
			out, err := upkeep.NewWriter(file, upkeep.Format(c.Format))
			if err == nil {
				err = write(out)
				written = out.Count
			}
			return errors.Join(err, file.Sync(), file.Close())
		})
		if err == nil {
			fmt.Fprintf(p.stdout, "Wrote %s to %s.\n", plural(written, "audit entry", "audit entries"), c.Out)
		}
		return err
	})
}
