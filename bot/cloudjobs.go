package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ecs-migrate/internal/clock"
	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// Cloud is what the cloud jobs ask of an account's client; its errors are
// migration.CloudErrors.
type Cloud interface {
	FactsCloud
	Events(ctx context.Context, region string, eventIDs []string) ([]migration.Event, error)
	Reschedule(ctx context.Context, region, eventID, instanceID string, at time.Time) error
	Accept(ctx context.Context, region, eventID string) error
}

// A wish that the cloud neither confirmed nor refused is given up after
// patience, but not before leastTries: a bot that was down gets its tries too.
const (
	patience   = 10 * time.Minute
	leastTries = 5
)

// cloudWorker carries decisions to the cloud. After every change, and before
// repeating one whose outcome is unknown, it reads the event back: only what
// was read back is confirmed.
type cloudWorker struct {
	store  *store.Store
	clouds map[string]Cloud // by account name
	// may tells why somebody may not do what takes a role, nil where they may.
	may   func(ctx context.Context, by string, m migration.Migration, need migration.Role) *migration.Denial
	clock clock.Clock
	log   *slog.Logger
}

func (w *cloudWorker) do(ctx context.Context, job migration.Job) error {
	m, ok, err := w.store.Migration(ctx, job.Key)
	if err != nil {
		return fmt.Errorf("read %s: %w", job.Key, err)
	}
	cloud := w.clouds[job.Key.Account]
	switch {
	case !ok || !wished(m, job):
		return w.finish(ctx, job)
	case cloud == nil:
		why := migration.Refusal{Kind: migration.Unreachable, Message: fmt.Sprintf("account %q is no longer configured", job.Key.Account)}
		return w.refuse(ctx, job, why)
	}
	if job.Attempts > 1 {
		// A run began before: its change may have been made.
		if settled, err := w.readBack(ctx, cloud, job); settled || err != nil {
			return w.orGiveUp(ctx, job, err, migration.Unreachable)
		}
		var done bool
		if m, done, err = w.resume(ctx, job); done || err != nil {
			return err
		}
	}
	// It was checked when it was decided, which may be long ago.
	if no := w.may(ctx, wisher(m, job), m, job.Kind.Need()); no != nil && no.Kind == migration.DeniedUnread {
		return w.orGiveUp(ctx, job, no, migration.RoleUnread)
	} else if no != nil {
		w.log.Warn("a wish is refused: whoever made it may not any more", "job", job.ID, "why", string(no.Kind))
		return w.refuse(ctx, job, no.Refusal())
	}
	err = w.change(ctx, cloud, m, job)
	switch migration.CloudKind(err) {
	case migration.CloudRefused, migration.CloudNotAllowed, migration.CloudUntrusted:
		return w.answerNo(ctx, cloud, job, err)
	case migration.CloudFailing, migration.CloudMalformed:
		return w.orGiveUp(ctx, job, err, migration.Unreachable)
	}
	if err != nil && migration.CloudKind(err) == "" {
		return w.orGiveUp(ctx, job, err, migration.Unreachable) // cancelled, or a fault of ours
	}
	// Done, or of unknown outcome: only the event itself tells.
	settled, readErr := w.readBack(ctx, cloud, job)
	switch {
	case settled:
		return nil
	case readErr != nil:
		err = readErr
	case job.Kind == migration.JobAccept && err == nil:
		return w.finish(ctx, job) // authorised; the poll sees when the cloud schedules it
	case err == nil:
		err = fmt.Errorf("%s: the cloud took the change and still shows the former time", job.Key)
		return w.orGiveUp(ctx, job, err, migration.NotConfirmed)
	}
	return w.orGiveUp(ctx, job, err, migration.Unreachable)
}

// resume reads the migration anew for a job whose change was read back; done where
// nothing is left to do. A poll may have settled the wish in between.
func (w *cloudWorker) resume(ctx context.Context, job migration.Job) (m migration.Migration, done bool, err error) {
	m, _, err = w.store.Migration(ctx, job.Key)
	switch {
	case err != nil:
		return m, false, fmt.Errorf("read %s: %w", job.Key, err)
	case !wished(m, job):
		return m, true, w.finish(ctx, job)
	case outdated(m, job):
		return m, true, w.refuse(ctx, job, migration.Refusal{Kind: migration.Outdated})
	}
	return m, false, nil
}

// wished tells whether the decision that the job carries still waits.
func wished(m migration.Migration, job migration.Job) bool {
	if job.Kind == migration.JobAccept {
		return m.Event.Status == migration.Inquiring && m.Consent != nil && m.Consent.Certainty == migration.Requested
	}
	return m.Pending() && m.Revision == job.Revision
}

// wisher is who made the decision that the job carries.
func wisher(m migration.Migration, job migration.Job) string {
	if job.Kind == migration.JobAccept {
		return m.Consent.By
	}
	return m.Asked.By
}

// outdated tells of a wish in a restored backup that the planned time was changed
// after that backup: the wish was carried out then, and somebody chose anew.
func outdated(m migration.Migration, job migration.Job) bool {
	since := job.LookFrom
	return !since.IsZero() && m.Pending() && !m.Asked.Made.After(since) && m.Held != nil && m.Held.Made.After(since)
}

func (w *cloudWorker) change(ctx context.Context, cloud Cloud, m migration.Migration, job migration.Job) error {
	if job.Kind == migration.JobAccept {
		return cloud.Accept(ctx, job.Key.Region, job.Key.EventID)
	}
	return cloud.Reschedule(ctx, job.Key.Region, job.Key.EventID, m.Event.InstanceID, m.Asked.At)
}

// readBack reads the event and commits what it tells; settled where the wish
// no longer waits after that.
func (w *cloudWorker) readBack(ctx context.Context, cloud Cloud, job migration.Job) (settled bool, err error) {
	events, err := cloud.Events(ctx, job.Key.Region, []string{job.Key.EventID})
	if err != nil {
		return false, fmt.Errorf("read %s back: %w", job.Key, err)
	}
	after, err := w.store.Apply(ctx, job.Key, "", func(cur *migration.Migration) (migration.Change, error) {
		if cur == nil {
			return migration.Change{Done: []migration.Job{job}}, nil
		}
		c, m := migration.Change{}, *cur
		for _, ev := range events {
			if ev.Key != job.Key {
				continue
			}
			if c = cur.Observe(ev, w.clock.Now()); c.Migration != nil {
				m = *c.Migration
			}
		}
		if !wished(m, job) {
			c.Done = append(c.Done, job)
		}
		return c, nil
	})
	if err != nil {
		return false, fmt.Errorf("record what was read back of %s: %w", job.Key, err)
	}
	return !wished(after, job), nil
}

// answerNo records a refusal. Where the cloud finds nothing to authorise, the
// event is read first: somebody may have authorised it in the console.
func (w *cloudWorker) answerNo(ctx context.Context, cloud Cloud, job migration.Job, err error) error {
	if settled, readErr := w.readBack(ctx, cloud, job); settled && readErr == nil {
		return nil
	}
	if job.Kind == migration.JobAccept && job.Attempts > 1 && migration.CloudKind(err) == migration.CloudRefused {
		// An earlier run may have authorised it, which the event does not show
		// yet. The poll sees it, or people may authorise again.
		return w.finish(ctx, job)
	}
	return w.refuse(ctx, job, refusal(err))
}

// orGiveUp puts the job off after err, or refuses the wish once patience is over.
func (w *cloudWorker) orGiveUp(ctx context.Context, job migration.Job, err error, kind migration.RefusalKind) error {
	if err == nil {
		return nil
	}
	if job.Attempts < leastTries || w.clock.Now().Sub(job.Due) < patience {
		return err
	}
	w.log.Error("giving a wish up", "job", job.ID, "err", err)
	why := refusal(err)
	if why.Kind != migration.NotPermitted && why.Kind != migration.Untrusted {
		why.Kind = kind
	}
	return w.refuse(ctx, job, why)
}

func (w *cloudWorker) refuse(ctx context.Context, job migration.Job, why migration.Refusal) error {
	_, err := w.store.Apply(ctx, job.Key, "", func(cur *migration.Migration) (migration.Change, error) {
		var c migration.Change
		switch {
		case cur == nil:
		case job.Kind == migration.JobAccept:
			c = cur.RefuseConsent(why, w.clock.Now())
		default:
			c = cur.Refuse(job.Revision, why, w.clock.Now())
		}
		c.Done = append(c.Done, job)
		return c, nil
	})
	if err != nil {
		return fmt.Errorf("record the refusal of %s: %w", job.Key, err)
	}
	return nil
}

func (w *cloudWorker) finish(ctx context.Context, job migration.Job) error {
	return finish(ctx, w.store, job)
}

// finish takes the job off the list with nothing else to record.
func finish(ctx context.Context, s *store.Store, job migration.Job) (err error) {
	if job.Post != "" {
		_, err = s.ApplyPost(ctx, job.Post, "", func(*migration.Post) (migration.PostChange, error) {
			return migration.PostChange{Done: []migration.Job{job}}, nil
		})
		return err
	}
	_, err = s.Apply(ctx, job.Key, "", func(*migration.Migration) (migration.Change, error) {
		return migration.Change{Done: []migration.Job{job}}, nil
	})
	if err != nil {
		return fmt.Errorf("finish %s: %w", job.ID, err)
	}
	return nil
}

// refusal turns the cloud's error into what people are told.
func refusal(err error) migration.Refusal {
	if no, denied := errors.AsType[*migration.Denial](err); denied {
		return no.Refusal()
	}
	e, ok := errors.AsType[*migration.CloudError](err)
	if !ok {
		return migration.Refusal{Kind: migration.Unreachable}
	}
	why := migration.Refusal{Kind: migration.Unreachable, Code: e.Code, Message: e.Message}
	switch e.Kind {
	case migration.CloudRefused:
		why.Kind = migration.RefusedByCloud
	case migration.CloudNotAllowed:
		why.Kind, why.Action = migration.NotPermitted, e.Action
	case migration.CloudUntrusted:
		why.Kind = migration.Untrusted
	}
	return why
}
