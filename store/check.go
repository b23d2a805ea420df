package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ecs-migrate/internal/migration"
)

// Check looks for damage: in the file's own structure, and between records and
// what is to be found by them. The error tells all that was found, nil: nothing.
// It reads everything, and nothing is written meanwhile.
func (s *Store) Check(ctx context.Context) error {
	faults, err := s.Faults(ctx)
	if err != nil {
		return err
	}
	var all []error
	for _, f := range faults {
		all = append(all, fmt.Errorf("%w: %s", errDamaged, f))
	}
	return errors.Join(all...)
}

// Faults is what Check finds, each in a sentence for a person; none where the
// store is whole. The error says that the store could not be looked through.
// A record that disagrees with another ends nothing by itself; a file that is
// broken is damage that was met.
func (s *Store) Faults(ctx context.Context) ([]string, error) {
	c := &checker{ctx: ctx, want: map[space]int{}, counts: map[string]uint64{}}
	// The records first: where a page leads astray, that is found out there
	// without harm, and the engine's own check need not go the same way.
	err := s.engine.view(ctx, func(r reader) error {
		c.r = r
		if !s.older {
			c.migrations()
			c.jobs()
			c.trail()
			c.envelopes()
			c.posts()
			c.sizes()
		}
		return ctx.Err()
	})
	var broken []error
	if err == nil && len(c.found) == 0 {
		broken, err = s.engine.check(ctx)
	}
	if errors.Is(err, errDamaged) {
		broken, err = append(broken, err), nil
	}
	if err != nil {
		return nil, fmt.Errorf("check the store: %w", err)
	}
	for _, f := range broken {
		c.tell(f.Error())
	}
	if c.more > 0 {
		c.found = append(c.found, fmt.Sprintf("and %d more", c.more))
	}
	return c.found, nil
}

// checker compares each record with its entries, and counts: entries that are
// all there and not more than expected are the right ones.
type checker struct {
	ctx    context.Context
	r      reader
	want   map[space]int // entries that should be in the space
	counts map[string]uint64
	found  []string
	more   int // that were found beyond those
}

// mostFound bounds how much one check tells.
const mostFound = 20

func (c *checker) fault(err error, format string, args ...any) {
	c.tell(fmt.Sprintf("%s: %v", fmt.Sprintf(format, args...), err))
}

func (c *checker) tell(fault string) {
	if len(c.found) >= mostFound {
		c.more++
		return
	}
	c.found = append(c.found, fault)
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
	if err != nil && c.ctx.Err() == nil {
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
		c.fault(errMissing, "entry %s of %s", readable(key), s)
	case string(v) != value:
		c.fault(errMismatch, "entry %s of %s", readable(key), s)
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

// readable is a key for a person: its texts with slashes between, and what
// follows them.
func readable(key []byte) string {
	var parts []string
	for len(key) > 0 {
		text, rest, err := cutText(key)
		if err != nil {
			parts = append(parts, fmt.Sprintf("%x", key))
			break
		}
		parts, key = append(parts, text), rest
	}
	return fmt.Sprintf("%q", strings.Join(parts, "/"))
}
