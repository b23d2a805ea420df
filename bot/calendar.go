package bot

import (
	"context"
	"errors"
	"log/slog"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/config"
	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
	"ecs-migrate/store"
)

// Calendar is an iCalendar file with an appointment for each open migration of a
// store that has a time ahead, and a cancelled one for each that was withdrawn
// lately, in the configuration's language and zone, and how many those are. path is of a store that no bot has open, such as a backup.
func Calendar(ctx context.Context, path string, cfg config.Config, c clock.Clock, log *slog.Logger) (file []byte, appointments int, err error) {
	s, err := store.Open(path, store.Options{Log: log, Now: c.Now})
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var all []migration.Migration
	take := func(m migration.Migration) bool {
		if notifier.Appointed(m, c.Now()) {
			all = append(all, m)
		}
		return true
	}
	err = s.ByDeadline(ctx, func(m migration.Migration) bool { return notifier.Withdrawn(m) || take(m) })
	if err == nil {
		err = s.Withdrawn(ctx, take)
	}
	view := notifier.View{Lang: notifier.Lang(cfg.Language), Zone: cfg.Location, Now: c.Now()}
	return notifier.Calendar(all, view), len(all), err
}
