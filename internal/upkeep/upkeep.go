// Package upkeep looks after a store, whether the bot runs or not: it checks it,
// backs it up, restores it, compacts it and reads its audit trail.
//
// A tour: [Keeper] is what can be asked for. [At] gives one for a store's path.
// It works on the file (file.go) where nobody has that open. A running bot holds
// its file for itself; then the keeper asks that bot (remote.go) at the socket
// which the bot serves beside the file (server.go, socket.go). export.go writes
// the audit trail as CSV or JSON lines, since.go reads the moments that people
// type, and save.go puts what was written in its place, whole or not at all.
package upkeep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"ecs-migrate/store"
)

// Summary is what a store holds.
type Summary = store.Summary

// Checked is what a check found.
type Checked struct {
	Faults  []string `json:"faults,omitempty"` // sentences; none: the store is whole
	Summary Summary  `json:"summary"`          // where there are no faults
	Older   bool     `json:"older,omitempty"`  // of an older schema: only the file's structure was checked
	Live    bool     `json:"live,omitempty"`   // the bot runs
}

// Compacted is what a compaction did, in bytes.
type Compacted struct {
	Before int64 `json:"before"`
	After  int64 `json:"after"`
}

// Restored is what a restore did.
type Restored struct {
	Summary Summary   `json:"summary"` // as of the backup
	At      time.Time `json:"at"`
	// Former is where the store that was replaced is now, empty where none was.
	Former string `json:"former,omitempty"`
	Live   bool   `json:"live,omitempty"` // the bot runs, and lives on with it
}

// Keeper looks after one store. Errors are sentences for the person who asked.
type Keeper interface {
	Check(ctx context.Context) (Checked, error)
	// Backup writes a copy into a new file at path.
	Backup(ctx context.Context, path string) (Summary, error)
	Compact(ctx context.Context) (Compacted, error)
	// Restore puts a backup, which a person calls name, in the store's place.
	Restore(ctx context.Context, name string, from io.Reader) (Restored, error)
	// Audit is store.Audit.
	Audit(ctx context.Context, since, until time.Time, fn func(store.Audited) error) error
}

// Options is what a keeper needs besides the path.
type Options struct {
	Log *slog.Logger
	Now func() time.Time
}

// At is the keeper of the store at path.
func At(path string, o Options) Keeper { return &either{file: &file{path, o}, live: newRemote(path)} }

// either asks the file and, where a bot holds that, the bot.
type either struct {
	file *file
	live *remote
}

// try does what is asked for with the file or, where that is locked, at the bot.
// The lock is looked at for each: a bot may start or stop in between.
func try[T any](e *either, do func(Keeper) (T, error)) (T, error) {
	out, err := do(e.file)
	if !errors.Is(err, store.ErrLocked) {
		return out, err
	}
	out, err = do(e.live)
	if errors.Is(err, errNobody) {
		return out, fmt.Errorf("the store %s is open in another process, which does not answer at %s: "+
			"ask as the user that runs the bot and on its machine, or stop it first: %w", e.file.path, e.live.socket, err)
	}
	return out, err
}

func (e *either) Check(ctx context.Context) (Checked, error) {
	return try(e, func(k Keeper) (Checked, error) { return k.Check(ctx) })
}

func (e *either) Backup(ctx context.Context, path string) (Summary, error) {
	return try(e, func(k Keeper) (Summary, error) { return k.Backup(ctx, path) })
}

func (e *either) Compact(ctx context.Context) (Compacted, error) {
	return try(e, func(k Keeper) (Compacted, error) { return k.Compact(ctx) })
}

func (e *either) Restore(ctx context.Context, name string, from io.Reader) (Restored, error) {
	return try(e, func(k Keeper) (Restored, error) { return k.Restore(ctx, name, from) })
}

func (e *either) Audit(ctx context.Context, since, until time.Time, fn func(store.Audited) error) error {
	_, err := try(e, func(k Keeper) (struct{}, error) { return struct{}{}, k.Audit(ctx, since, until, fn) })
	return err
}
