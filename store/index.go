package store

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"ecs-migrate/internal/migration"
)

// entry is a key in a space that says nothing but that it is there.
type entry struct {
	space space
	key   []byte
}

// What people call a migration by.
const (
	byInstance = "instance"
	byEvent    = "event"
	byName     = "name"
)

// term is the beginning of the lookup keys for one way to call a migration, nil
// where nobody can call it so.
func term(by, value string) []byte {
	if value == "" || len(value) > maxText {
		return nil
	}
	if by == byName {
		value = strings.ToLower(value)
	}
	// What JSON would make of it, so that the record read back has the same term.
	value = strings.ToValidUTF8(string([]rune(value)), "")
	return appendText(appendText(nil, by), value)
}

// index is every entry that follows from a migration's record.
func index(m migration.Migration) []entry {
	key := appendKey(nil, m.Key())
	var all []entry
	for _, t := range [][]byte{
		term(byInstance, m.Event.InstanceID), term(byEvent, m.Event.EventID), term(byName, m.Instance.Name),
	} {
		if t != nil {
			all = append(all, entry{lookup, append(t, key...)})
		}
	}
	if !m.Event.Status.Final() {
		all = append(all, entry{open, key}, entry{deadlines, append(appendDeadline(nil, m.Deadline()), key...)})
	}
	if m.Waiting() {
		all = append(all, entry{unacked, append(appendUnacked(nil, m), key...)})
	}
	return all
}

// appendUnacked orders what waits for its acknowledgement: what failed first,
// then what has waited longest.
func appendUnacked(b []byte, m migration.Migration) []byte {
	class := byte(1)
	if m.Event.Status == migration.Failed {
		class = 0
	}
	// Not ChangedAt: each tick would put it further back.
	return appendTime(append(b, class), cmp.Or(m.Event.FinishedAt, m.Event.NotBefore, m.FirstSeen))
}

const unackedLen = 1 + timeLen

// known is a migration as it stands in the store.
type known struct {
	migration *migration.Migration // nil: unknown
	index     []entry              // of the record, whatever becomes of migration
}

func load(r reader, key migration.Key) (known, error) {
	b, err := r.get(records, appendKey(nil, key))
	if err != nil || b == nil {
		return known{}, err
	}
	m, err := decode[migration.Migration](b)
	if err != nil {
		return known{}, fmt.Errorf("migration %s: %w", key, err)
	}
	return known{&m, index(m)}, nil
}

// save writes the record, what is to be found by it, and the counts.
func save(w writer, old known, m migration.Migration) error {
	m = migrationUTC(m)
	b, err := encode(m)
	if err != nil {
		return err
	}
	if err := w.put(records, appendKey(nil, m.Key()), b); err != nil {
		return err
	}
	now := index(m)
	for _, e := range old.index {
		if !contains(now, e) {
			if err := w.delete(e.space, e.key); err != nil {
				return err
			}
		}
	}
	for _, e := range now {
		if !contains(old.index, e) {
			if err := w.put(e.space, e.key, nil); err != nil {
				return err
			}
		}
	}
	if old.migration == nil {
		if _, err := add(w, counts, countTotal, 1); err != nil {
			return err
		}
	}
	_, err = add(w, counts, countOpen, among(now, open)-among(old.index, open))
	if err != nil {
		return err
	}
	_, err = add(w, counts, countWaiting, among(now, unacked)-among(old.index, unacked))
	return err
}

// Names of counts.
const (
	countTotal   = "total"
	countOpen    = "open"
	countWaiting = "waiting"
	countJob     = "job/" // and the kind
)

func contains(all []entry, e entry) bool {
	for _, o := range all {
		if o.space == e.space && bytes.Equal(o.key, e.key) {
			return true
		}
	}
	return false
}

// among is 1 where one of a migration's entries is in the space.
func among(all []entry, s space) int {
	for _, e := range all {
		if e.space == s {
			return 1
		}
	}
	return 0
}
