package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"ecs-migrate/internal/config"
	"ecs-migrate/internal/upkeep"
)

// place is where the store is.
type place struct {
	Config string `short:"c" required:"" xor:"place" placeholder:"FILE" help:"The bot's configuration file, which names the store."`
	Store  string `required:"" xor:"place" placeholder:"FILE" help:"The store's file itself."`
}

// path is the store's file. The configuration is read as the bot reads it, but
// needs no tokens.
func (w place) path(p program) (string, error) {
	if w.Store != "" {
		return w.Store, nil
	}
	cfg, _, err := config.Check(w.Config, p.getenv)
	return cfg.Store, err
}

// keep looks after the store until a signal.
func (w place) keep(p program, do func(ctx context.Context, path string, k upkeep.Keeper) error) error {
	path, err := w.path(p)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal()
	defer stop()
	err = do(ctx, path, upkeep.At(path, upkeep.Options{Log: p.log, Now: p.now}))
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted: nothing was changed")
	}
	return err
}

type storeCommand struct {
	Check   checkCommand   `cmd:"" help:"Look for damage."`
	Backup  backupCommand  `cmd:"" help:"Write a copy of the store."`
	Restore restoreCommand `cmd:"" help:"Put a copy in the store's place."`
	Compact compactCommand `cmd:"" help:"Give unused space back to the disk."`
}

// Help is shown by "ecs-migrate store --help".
func (storeCommand) Help() string {
	return `Each works whether the bot runs or not. A running bot is asked at the socket beside its store (STORE.sock), ` +
		`by the user who runs it, on its machine.`
}

type checkCommand struct{ place }

// Help is shown by "ecs-migrate store check --help".
func (checkCommand) Help() string {
	return `Reads all of the store: the file's own structure, and whether what is found in one place agrees with the other. ` +
		`Nothing is changed. Every fault is told, and the exit code is 1.

A running bot stores nothing for as long as its file's structure is looked through, well under a second as a rule.`
}

// Run tells what a check found.
func (c checkCommand) Run(p program) error {
	return c.keep(p, func(ctx context.Context, path string, k upkeep.Keeper) error {
		found, err := k.Check(ctx)
		if err != nil {
			return err
		}
		if len(found.Faults) > 0 {
			return fmt.Errorf("%s is damaged:\n  %s\nPut a backup in its place: ecs-migrate store restore FILE",
				path, strings.Join(found.Faults, "\n  "))
		}
		fmt.Fprintf(p.stdout, "%s is sound: %s.\n", path, contents(found.Summary))
		if found.Older {
			fmt.Fprintln(p.stdout, "It is of an older schema, so only the file's structure was looked at: `ecs-migrate run` brings it up to date.")
		}
		return nil
	})
}

type backupCommand struct {
	place
	File  string `arg:"" placeholder:"FILE" help:"The new file, or - for stdout."`
	Force bool   `help:"Replace the file where it exists."`
}

// Help is shown by "ecs-migrate store backup --help".
func (backupCommand) Help() string {
	return `The copy shows one moment, is checked, and is a store itself. A running bot goes on meanwhile. ` +
		`FILE is there whole or not at all, readable by its user only: it holds what the store holds.`
}

// Run writes the copy.
func (c backupCommand) Run(p program) error {
	return c.keep(p, func(ctx context.Context, path string, k upkeep.Keeper) error {
		if c.File == "-" {
			return c.toStdout(ctx, p, k)
		}
		if same(path, c.File) {
			return fmt.Errorf("%s is the store itself: give the backup another name", c.File)
		}
		var sum upkeep.Summary
		err := upkeep.Save(c.File, c.Force, func(temp string) (err error) {
			sum, err = k.Backup(ctx, temp)
			return err
		})
		if err == nil {
			fmt.Fprintf(p.stdout, "Backed %s up to %s: %s, as of %s.\n", path, c.File, contents(sum), sum.AsOf.Format(time.RFC3339))
		}
		return err
	})
}

func (c backupCommand) toStdout(ctx context.Context, p program, k upkeep.Keeper) error {
	if isTerminal(p.stdout) {
		return errors.New("a store is no text for a terminal: give a file, or send stdout to one")
	}
	dir, err := os.MkdirTemp("", "ecs-migrate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	temp := dir + "/backup"
	if _, err := k.Backup(ctx, temp); err != nil {
		return err
	}
	copied, err := os.Open(temp)
	if err != nil {
		return err
	}
	defer copied.Close()
	_, err = io.Copy(p.stdout, copied)
	return err
}

type restoreCommand struct {
	place
	File string `arg:"" placeholder:"FILE" help:"What ecs-migrate store backup wrote, or - for stdin."`
}

// Help is shown by "ecs-migrate store restore --help".
func (restoreCommand) Help() string {
	return `FILE is checked first: one that is damaged, of a newer schema or no store at all is refused, and nothing is touched. ` +
		`The store that was there is kept beside, as STORE.before-restore-TIME.

A running bot finishes what is under way, within 15 seconds, and lives on with the backup; ` +
		`Slack tells people to try again meanwhile. What was posted and changed since the backup is looked up and not done twice. ` +
		`What people decided since then is not in it: what Slack and the cloud do not show must be decided again.`
}

// Run puts the backup in the store's place.
func (c restoreCommand) Run(p program) error {
	return c.keep(p, func(ctx context.Context, path string, k upkeep.Keeper) error {
		name, from := "stdin", io.NopCloser(p.stdin)
		if c.File != "-" {
			if same(path, c.File) {
				return fmt.Errorf("%s is the store itself: give a backup of it", c.File)
			}
			file, err := os.Open(c.File)
			if err != nil {
				return fmt.Errorf("cannot read the backup, and nothing was changed: %w", err)
			}
			name, from = c.File, file
		}
		defer from.Close() // only read from
		done, err := k.Restore(ctx, name, from)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Restored %s from %s: %s, as of %s, %s ago.\n", path, name, contents(done.Summary),
			done.Summary.AsOf.Format(time.RFC3339), age(done.At.Sub(done.Summary.AsOf)))
		fmt.Fprintln(p.stdout, "What was decided since is not in it. What Slack and the cloud show of it is looked up, and not done twice.")
		if done.Former != "" {
			fmt.Fprintf(p.stdout, "The store that was there is %s. What was decided since, if that can be read:\n  ecs-migrate audit --store %s --since %s\n",
				done.Former, done.Former, done.Summary.AsOf.Format(time.RFC3339))
		}
		if done.Live {
			fmt.Fprintln(p.stdout, "The bot runs with it.")
		}
		return nil
	})
}

type compactCommand struct{ place }

// Help is shown by "ecs-migrate store compact --help".
func (compactCommand) Help() string {
	return `The store's file never shrinks by itself. This writes it anew without the space that nothing uses, checks that, ` +
		`and puts it in its place in one step. A running bot waits with what it stores until it is done.`
}

// Run compacts the store.
func (c compactCommand) Run(p program) error {
	return c.keep(p, func(ctx context.Context, path string, k upkeep.Keeper) error {
		done, err := k.Compact(ctx)
		if err == nil {
			fmt.Fprintf(p.stdout, "Compacted %s: %s before, %s now.\n", path, bytesOf(done.Before), bytesOf(done.After))
		}
		return err
	})
}

// same tells whether both names are of one file.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// contents tells what a store holds, in a line.
func contents(s upkeep.Summary) string {
	return fmt.Sprintf("%s (%d open), %s waiting, %s, %s", count(s.Migrations, "migration"), s.Open, count(s.Jobs, "job"),
		plural(s.Entries, "audit entry", "audit entries"), bytesOf(s.Size))
}

func count(n int, what string) string { return plural(n, what, what+"s") }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// bytesOf is a size for a person.
func bytesOf(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", (n+1023)/1024)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// age is how long something took, to what a person cares about.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
