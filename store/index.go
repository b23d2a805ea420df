package store

import (
	"bytes"
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
	return all
}

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
	_, err = add(w, counts, countOpen, opens(now)-opens(old.index))
	return err
}

// Names of counts.
const (
	countTotal = "total"
	countOpen  = "open"
	countJob   = "job/" // and the kind
)

func contains(all []entry, e entry) bool {
	for _, o := range all {
		if o.space == e.space && bytes.Equal(o.key, e.key) {
			return true
		}
	}
	return false
}

// opens is 1 where the entries are those of a migration that is not final.
func opens(all []entry) int {
	for _, e := range all {
		if e.space == open {
			return 1
		}
	}
	return 0
}
