package store

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

func TestTimesSortAsTheyAre(t *testing.T) {
	zero := time.Time{}
	times := []time.Time{
		zero, time.Date(1969, 12, 31, 23, 59, 59, 999, time.UTC), time.Unix(0, 0), time.Unix(0, 1), time.Unix(1, 0),
		time.Date(2024, 5, 2, 2, 0, 0, 0, time.FixedZone("CST", 8*3600)), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	var keys [][]byte
	for _, at := range times {
		key := appendTime(nil, at)
		keys = append(keys, key)
		back, rest, err := cutTime(append(key, 'x'))
		if !back.Equal(at) || string(rest) != "x" || err != nil {
			t.Errorf("%v reads back as %v, rest %q, err %v", at, back, rest, err)
		}
	}
	keys = append(keys, appendDeadline(nil, zero)) // none: last
	if !slices.IsSortedFunc(keys, bytes.Compare) {
		t.Errorf("not in order: %x", keys)
	}
	if _, _, err := cutTime(keys[0][:timeLen-1]); err == nil {
		t.Error("read a time cut short")
	}
	if n, err := cutNumber(appendNumber(nil, math.MaxUint64)); n != math.MaxUint64 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// FuzzKeys: two keys sort as their texts do, none begins with another, and each
// reads back.
func FuzzKeys(f *testing.F) {
	f.Add("a", "b", "c", "a", "b\x00", "c")
	f.Add("", "\x00", "\x00\x01", "\x00\xff", "", "\xff")
	f.Fuzz(func(t *testing.T, a1, r1, e1, a2, r2, e2 string) {
		k1, k2 := migration.Key{Account: a1, Region: r1, EventID: e1}, migration.Key{Account: a2, Region: r2, EventID: e2}
		b1, b2 := appendKey(nil, k1), appendKey(nil, k2)
		want := cmp.Or(cmp.Compare(a1, a2), cmp.Compare(r1, r2), cmp.Compare(e1, e2))
		if got := bytes.Compare(b1, b2); got != want {
			t.Errorf("%q and %q compare %d, want %d", b1, b2, got, want)
		}
		if bytes.HasPrefix(b1, b2) != (k1 == k2) {
			t.Errorf("%q begins with %q", b1, b2)
		}
		if back, err := readKey(b1); back != k1 || err != nil {
			t.Errorf("%q reads back as %+v, %v", b1, back, err)
		}
		// All that begins with a text lies before what comes after it.
		prefix := appendText(nil, a1)
		if next := after(prefix); bytes.HasPrefix(b2, prefix) != (bytes.Compare(b2, prefix) >= 0 && bytes.Compare(b2, next) < 0) {
			t.Errorf("%q is not between %q and %q", b2, prefix, next)
		}
	})
}

// FuzzReadKey: what is no key is refused, and what is one is written the same.
func FuzzReadKey(f *testing.F) {
	f.Add([]byte("a\x00\x01b\x00\x01c\x00\x01"))
	f.Add([]byte("a\x00\xff\x00\x01\x00\x01c\x00"))
	f.Add([]byte("a\x00\x02"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := readKey(b); err == nil && !bytes.Equal(appendKey(nil, k), b) {
			t.Errorf("%q reads as %+v", b, k)
		}
	})
}

// FuzzRecord: what can be read can be written, and reads the same again.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"event":{"account":"a","region":"r","event_id":"e","status":"Scheduled","not_before":"2024-05-02T02:00:00+08:00"},"held":{"at":"2024-05-02T02:00:00Z"}}`))
	f.Add([]byte(`{"id":"j","lane":"l","due":"2024-05-02T02:00:00Z","seq":3,"news":{"when":"0001-01-01T00:00:00Z"}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := decode[migration.Migration](b); err == nil {
			stable(t, migrationUTC(m), migrationUTC)
			if len(index(m)) < among(index(m), open)+among(index(m), unacked) {
				t.Error("an open migration without entries")
			}
		}
		if q, err := decode[queued](b); err == nil {
			q.Job = jobUTC(q.Job)
			stable(t, q, func(q queued) queued { q.Job = jobUTC(q.Job); return q })
		}
	})
}

func stable[T any](t *testing.T, v T, utc func(T) T) {
	t.Helper()
	first, err := encode(v)
	if err != nil {
		return // a time zone that JSON cannot write
	}
	back, err := decode[T](first)
	if err != nil {
		t.Fatalf("%s does not read back: %v", first, err)
	}
	second, err := encode(utc(back))
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("%s reads back as %s, %v", first, second, err)
	}
}
