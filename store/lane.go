package store

import (
	"context"
	"fmt"
	"time"

	"ecs-migrate/internal/migration"
)

// Due are the jobs of one lane that may run now, in their order, at most most of
// them: for a worker that can do several in one go.
func (s *Store) Due(ctx context.Context, lane string, now time.Time, most int) ([]migration.Job, error) {
	var due []migration.Job
	err := s.engine.view(ctx, func(r reader) error {
		due = nil
		err := r.scan(lanes, appendText(nil, lane), nil, func(_, id []byte) error {
			q, err := head(r, id)
			switch {
			case err != nil:
				return err
			case q.Due.After(now) || len(due) == most:
				return errStop
			case !q.RetryAt.After(now):
				due = append(due, q.Job)
			}
			return ctx.Err()
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the jobs of a lane: %w", err)
	}
	return due, nil
}
