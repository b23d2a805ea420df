package store

import (
	"bytes"
	"time"
)

const (
	// remember is how long an envelope is known at least. Slack delivers one
	// again within the hour.
	remember = 24 * time.Hour
	// forgetAtOnce is how many old ones each new one takes away at most: more
	// than one, so that they never pile up, and few, so that no click pays for
	// a quiet week.
	forgetAtOnce = 8
)

// carriedOut tells whether the envelope was carried out before.
func carriedOut(r reader, envelope string) (bool, error) {
	b, err := r.get(envelopes, appendText(nil, envelope))
	return b != nil, err
}

// carryOut remembers the envelope, and forgets some that are too old.
func carryOut(w writer, envelope string, now time.Time) error {
	if err := nameable("envelope id", envelope, maxText); err != nil {
		return err
	}
	if err := forget(w, now.Add(-remember)); err != nil {
		return err
	}
	if err := w.put(envelopes, appendText(nil, envelope), appendTime(nil, now)); err != nil {
		return err
	}
	return w.put(envelopeAt, appendText(appendTime(nil, now), envelope), nil)
}

func forget(w writer, before time.Time) error {
	var old [][]byte
	err := w.scan(envelopeAt, nil, nil, func(k, _ []byte) error {
		at, _, err := cutTime(k)
		if err != nil {
			return err
		}
		if !at.Before(before) || len(old) == forgetAtOnce {
			return errStop
		}
		old = append(old, bytes.Clone(k))
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range old {
		if err := w.delete(envelopeAt, k); err != nil {
			return err
		}
		if err := w.delete(envelopes, k[timeLen:]); err != nil {
			return err
		}
	}
	return nil
}
