package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The spaces. "key" is account, region and event id.
const (
	meta       space = "meta"       // "schema" → schema, "restored" → restored, "saved" → moment of a backup; sequences by name
	records    space = "migrations" // key → migration.Migration
	open       space = "open"       // key of each migration that is not final → nothing
	deadlines  space = "deadlines"  // deadline, key of the same → nothing
	unacked    space = "unacked"    // class, end, key of each migration that waits for its acknowledgement → nothing
	lookup     space = "lookup"     // what people call it ("instance", "event" or "name"), its value, key → nothing
	jobs       space = "jobs"       // job id → queued
	lanes      space = "lanes"      // lane, class, due (of an announcement its deadline), seq → job id
	audit      space = "audit"      // seq → migration.Entry
	trail      space = "trail"      // key, seq of an entry in audit → nothing
	envelopes  space = "envelopes"  // envelope id → when it was carried out
	envelopeAt space = "envelopeAt" // when, envelope id → nothing
	counts     space = "counts"     // "open", "waiting", "total", "job/KIND" → number
	posts      space = "posts"      // post id → migration.Post
	postAt     space = "postAt"     // when it was begun, post id → nothing
)

var schemaKey = []byte("schema")

// schema says whose file it is and how to read it.
type schema struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Created time.Time `json:"created"`
}

const format = "ecs-migrate"

// A step takes a file from one schema version to the next, in the transaction
// of all steps.
type step func(writer) error

// steps lead from version 0, an empty file, to the present one. A step that was
// released is never changed: files that went through it are out there.
func steps() []step {
	return []step{
		func(w writer) error { // 1
			for _, s := range []space{
				records, open, deadlines, lookup, jobs, lanes, audit, trail, envelopes, envelopeAt, counts,
			} {
				if err := w.create(s); err != nil {
					return err
				}
			}
			return nil
		},
		func(w writer) error { // 2
			return errors.Join(w.create(posts), w.create(postAt))
		},
		announcements, // 3
		func(w writer) error { // 4
			return errors.Join(w.create(unacked), acknowledgeAll(w))
		},
	}
}

// acknowledgeAll has everything that was over before acknowledgements were asked
// for count as acknowledged, by nobody: nobody wants to be asked about last month.
// It reads records as they were then.
func acknowledgeAll(w writer) error {
	var keys [][]byte
	err := w.scan(records, nil, nil, func(k, _ []byte) error {
		keys = append(keys, bytes.Clone(k))
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		b, err := w.get(records, k)
		if err != nil {
			return err
		}
		known, err := decode[struct {
			Event struct {
				Status string `json:"status"`
			} `json:"event"`
			ChangedAt time.Time `json:"changed_at"`
		}](b)
		if err != nil {
			return err
		}
		switch known.Event.Status {
		case "Executed", "Failed", "Avoided":
		default:
			continue
		}
		record, err := decode[map[string]json.RawMessage](b)
		if err != nil {
			return err
		}
		if record["acknowledged"], err = encode(map[string]time.Time{"when": known.ChangedAt}); err != nil {
			return err
		}
		if b, err = encode(record); err != nil {
			return err
		}
		if err := w.put(records, k, b); err != nil {
			return err
		}
	}
	return nil
}

// announcements makes room for a class of jobs between news and ticks: the latter
// were class 1.
func announcements(w writer) error {
	type place struct{ key, id []byte }
	var ticks []place
	err := w.scan(lanes, nil, nil, func(k, id []byte) error {
		_, rest, err := cutText(k)
		if err != nil || len(rest) == 0 {
			return fmt.Errorf("%w: a malformed place in a lane", errDamaged)
		}
		if rest[0] == 1 {
			ticks = append(ticks, place{bytes.Clone(k), bytes.Clone(id)})
		}
		return nil
	})
	for _, t := range ticks {
		err = errors.Join(err, w.delete(lanes, t.key))
		_, rest, _ := cutText(t.key)
		t.key[len(t.key)-len(rest)] = 2
		err = errors.Join(err, w.put(lanes, t.key, t.id))
	}
	return err
}

// found reads whose file it is, ok=false where it is not ours.
func found(ctx context.Context, e engine) (s schema, ok bool, err error) {
	err = e.view(ctx, func(r reader) error {
		b, err := r.get(meta, schemaKey)
		if errors.Is(err, errNoSpace) || err == nil && b == nil {
			return nil // somebody else's
		}
		if err != nil {
			return err
		}
		s, err = decode[schema](b)
		ok = err == nil && s.Format == format
		return nil // what cannot be read was not written by us
	})
	return s, ok, err
}

// upgrade runs the steps that the file has yet to go through, all or none.
func upgrade(ctx context.Context, e engine, s schema, all []step) error {
	_, err := e.update(ctx, func(w writer) error {
		if err := w.create(meta); err != nil {
			return err
		}
		for i, next := range all[s.Version:] {
			if err := next(w); err != nil {
				return fmt.Errorf("step to version %d: %w", s.Version+i+1, err)
			}
		}
		s.Version = len(all)
		b, err := encode(s)
		if err != nil {
			return err
		}
		return w.put(meta, schemaKey, b)
	})
	return err
}

// Begun is when the store was begun, where there was none.
func (s *Store) Begun(ctx context.Context) (at time.Time, err error) {
	err = s.engine.view(ctx, func(r reader) error {
		b, err := r.get(meta, schemaKey)
		if err != nil {
			return err
		}
		is, err := decode[schema](b)
		at = is.Created
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read when the store was begun: %w", err)
	}
	return at, nil
}

// next counts a sequence on and returns its new number; the first is 1.
func next(w writer, sequence string) (uint64, error) {
	return add(w, meta, "sequence/"+sequence, 1)
}

// number reads a number that add keeps.
func number(r reader, s space, name string) (uint64, error) {
	b, err := r.get(s, []byte(name))
	if err != nil || b == nil {
		return 0, err
	}
	if len(b) != 8 {
		return 0, fmt.Errorf("%w: %q in %s is no number", errDamaged, name, s)
	}
	return binary.BigEndian.Uint64(b), nil
}

// add changes a number by delta.
func add(w writer, s space, name string, delta int) (uint64, error) {
	n, err := number(w, s, name)
	if err != nil || delta == 0 {
		return n, err
	}
	n += uint64(delta) // two's complement: a negative delta subtracts
	return n, w.put(s, []byte(name), appendNumber(nil, n))
}
