package store

import (
	"context"
	"errors"
	"fmt"

	"ecs-migrate/internal/migration"
)

// Check looks for damage: in the file's own structure, and between records and
// what is to be found by them. The error tells all that was found, nil: nothing.
// It reads everything, and nothing is written meanwhile.
func (s *Store) Check(ctx context.Context) error {
	// The records first: where a page leads astray, that is found out there
	// without harm, and the engine's own check need not go the same way.
	err := s.engine.view(ctx, func(r reader) error {
		c := &checker{ctx: ctx, r: r, want: map[space]int{}, counts: map[string]uint64{}}
		c.migrations()
		c.jobs()
		c.trail()
		c.envelopes()
		c.posts()
		c.sizes()
		return errors.Join(c.found...)
	})
	if err != nil {
		return fmt.Errorf("check the store's records: %w", err)
	}
	if err := s.engine.check(ctx); err != nil {
		return fmt.Errorf("check the store's file: %w", err)
	}
	return nil
}

// checker compares each record with its entries, and counts: entries that are
// all there and not more than expected are the right ones.
type checker struct {
	ctx    context.Context
	r      reader
	want   map[space]int // entries that should be in the space
	counts map[string]uint64
	found  []error
}

// mostFound bounds how much one check tells.
const mostFound = 20

func (c *checker) fault(err error, format string, args ...any) {
	if len(c.found) < mostFound {
		c.found = append(c.found, fmt.Errorf("%w: %s: %w", errDamaged, fmt.Sprintf(format, args...), err))
	}
}

var (
	errMissing  = errors.New("missing")
	errMismatch = errors.New("does not match")
)

// each shows every key of the space.
func (c *checker) each(s space, fn func(k, v []byte)) {
	err := c.r.scan(s, nil, nil, func(k, v []byte) error {
		fn(k, v)
		return c.ctx.Err()
	})
	if err != nil {
		c.fault(err, "space %s", s)
	}
}

// expect notes that the space should hold the key, and with which value.
func (c *checker) expect(s space, key []byte, value string) {
	c.want[s]++
	v, err := c.r.get(s, key)
	switch {
	case err != nil:
		c.fault(err, "space %s", s)
	case v == nil:
		c.fault(errMissing, "%s in %s", readable(key), s)
	case string(v) != value:
		c.fault(errMismatch, "%s in %s", readable(key), s)
	}
}

func (c *checker) migrations() {
	c.each(records, func(k, v []byte) {
		m, err := decode[migration.Migration](v)
		if err != nil {
			c.fault(err, "migration %s", readable(k))
			return
		}
		if string(appendKey(nil, m.Key())) != string(k) {
			c.fault(errMismatch, "migration %s at %s", m.Key(), readable(k))
		}
		all := index(m)
		c.counts[countTotal]++
		c.counts[countOpen] += uint64(among(all, open))
		c.counts[countWaiting] += uint64(among(all, unacked))
		for _, e := range all {
			c.expect(e.space, e.key, "")
		}
	})
}

func (c *checker) jobs() {
	last, err := number(c.r, meta, "sequence/jobs")
	if err != nil {
		c.fault(err, "sequence of jobs")
	}
	c.each(jobs, func(k, v []byte) {
		q, err := decode[queued](v)
		if err != nil {
			c.fault(err, "job %s", readable(k))
			return
		}
		if q.ID != string(k) || q.Seq > last || q.Rev > int(last) || q.Rev < int(q.Seq) {
			c.fault(errMismatch, "job %s at %s, seq %d, rev %d of %d", q.ID, readable(k), q.Seq, q.Rev, last)
		}
		c.counts[countJob+string(q.Kind)]++
		c.expect(lanes, q.place(), q.ID)
	})
}

func (c *checker) trail() {
	var last uint64
	c.each(audit, func(k, v []byte) {
		seq, err := cutNumber(k)
		if err != nil || seq != last+1 {
			c.fault(errMismatch, "audit entry %d after %d", seq, last)
		}
		last = seq
		e, err := decode[migration.Entry](v)
		if err != nil {
			c.fault(err, "audit entry %d", seq)
			return
		}
		c.expect(trail, appendNumber(appendKey(nil, e.Key), seq), "")
	})
	if n, err := number(c.r, meta, "sequence/audit"); err != nil || n != last {
		c.fault(errMismatch, "sequence of audit entries, %d, last entry %d", n, last)
	}
}

func (c *checker) envelopes() {
	c.each(envelopes, func(k, v []byte) {
		c.expect(envelopeAt, append(append([]byte(nil), v...), k...), "")
	})
}

func (c *checker) posts() {
	c.each(posts, func(k, v []byte) {
		p, err := decode[migration.Post](v)
		if err != nil {
			c.fault(err, "post %s", readable(k))
			return
		}
		if p.ID != string(k) {
			c.fault(errMismatch, "post %s at %s", p.ID, readable(k))
		}
		c.expect(postAt, postPlace(p), "")
	})
}

// sizes compares how much there is with how much there should be.
func (c *checker) sizes() {
	for _, s := range []space{open, deadlines, unacked, lookup, lanes, trail, envelopeAt, postAt} {
		n := 0
		c.each(s, func(_, _ []byte) { n++ })
		if n != c.want[s] {
			c.fault(errMismatch, "%d entries in %s, records for %d", n, s, c.want[s])
		}
	}
	c.each(counts, func(k, _ []byte) {
		name := string(k)
		if n, err := number(c.r, counts, name); err != nil || n != c.counts[name] {
			c.fault(errMismatch, "count of %q is %d, there are %d", name, n, c.counts[name])
		}
		delete(c.counts, name)
	})
	for name, n := range c.counts {
		if n > 0 {
			c.fault(errMissing, "count of %q, which is %d", name, n)
		}
	}
}

// readable is a key for a person.
func readable(key []byte) string { return fmt.Sprintf("%q", key) }
