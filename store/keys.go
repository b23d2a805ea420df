package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"ecs-migrate/internal/migration"
)

// Keys are made of parts. A text ends with 0x00 0x01, and a 0x00 in it is
// written 0x00 0xFF: so no text can reach into the next part, keys sort as their
// texts do part by part, and all keys with the same first texts stand together.
// Times and numbers have a fixed length.

var errKey = errors.New("malformed key")

func appendText(b []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			break
		}
		b = append(append(b, s[:i]...), 0, 0xFF)
		s = s[i+1:]
	}
	return append(append(b, s...), 0, 1)
}

// cutText takes the text that b begins with off it.
func cutText(b []byte) (s string, rest []byte, err error) {
	var text []byte
	for {
		i := bytes.IndexByte(b, 0)
		if i < 0 || i+1 == len(b) {
			return "", nil, errKey
		}
		text = append(text, b[:i]...)
		switch b[i+1] {
		case 1:
			return string(text), b[i+2:], nil
		case 0xFF:
			text = append(text, 0)
		default:
			return "", nil, errKey
		}
		b = b[i+2:]
	}
}

// after is the first possible key that does not begin with prefix, which must
// end with a text.
func after(prefix []byte) []byte {
	next := bytes.Clone(prefix)
	next[len(next)-1]++
	return next
}

// appendTime writes a moment so that earlier ones sort first.
func appendTime(b []byte, t time.Time) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix())^1<<63)
	return binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond()))
}

// appendDeadline is appendTime, but that no deadline sorts last.
func appendDeadline(b []byte, t time.Time) []byte {
	if t.IsZero() {
		b = binary.BigEndian.AppendUint64(b, math.MaxUint64)
		return binary.BigEndian.AppendUint32(b, math.MaxUint32)
	}
	return appendTime(b, t)
}

const timeLen = 12

func cutTime(b []byte) (t time.Time, rest []byte, err error) {
	if len(b) < timeLen {
		return time.Time{}, nil, errKey
	}
	sec := int64(binary.BigEndian.Uint64(b) ^ 1<<63)
	return time.Unix(sec, int64(binary.BigEndian.Uint32(b[8:]))).UTC(), b[timeLen:], nil
}

func appendNumber(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

func cutNumber(b []byte) (uint64, error) {
	if len(b) != 8 {
		return 0, errKey
	}
	return binary.BigEndian.Uint64(b), nil
}

func appendKey(b []byte, k migration.Key) []byte {
	return appendText(appendText(appendText(b, k.Account), k.Region), k.EventID)
}

// readKey reads a key that appendKey wrote at the end of another.
func readKey(b []byte) (k migration.Key, err error) {
	for _, part := range []*string{&k.Account, &k.Region, &k.EventID} {
		if *part, b, err = cutText(b); err != nil {
			return migration.Key{}, err
		}
	}
	if len(b) > 0 {
		return migration.Key{}, errKey
	}
	return k, nil
}

// Bounds of texts that become part of a key, in bytes. The cloud's own names
// have 128 characters at most; a job's id and lane may hold a whole key.
const (
	maxText = 512
	maxJob  = 4 * maxText
)

// nameable refuses what cannot be part of a key: JSON would not keep it as it is.
func nameable(what, s string, most int) error {
	switch {
	case s == "":
		return fmt.Errorf("%s is empty", what)
	case len(s) > most:
		return fmt.Errorf("%s is longer than %d bytes", what, most)
	case !utf8.ValidString(s):
		return fmt.Errorf("%s is not valid UTF-8", what)
	}
	return nil
}

func checkKey(k migration.Key) error {
	return errors.Join(
		nameable("account", k.Account, maxText), nameable("region", k.Region, maxText), nameable("event id", k.EventID, maxText))
}
