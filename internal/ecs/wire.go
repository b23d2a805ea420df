package ecs

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// The cloud spells one and the same value as a string, a number or a bool,
// depending on the event's type and the API's age, and leaves out or nulls what
// it does not tell. These types read all of that; what cannot be read is as if
// it was not told, and whoever needs it says so.

// text is a string, number or bool.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	*t = ""
	switch b[0] {
	case '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(s)
	case '{', '[', 'n':
	default:
		*t = text(b)
	}
	return nil
}

// flag is true or false, nil where neither was told.
func (t text) flag() *bool {
	var is bool
	switch strings.ToLower(string(t)) {
	case "true", "1":
		is = true
	case "false", "0":
	default:
		return nil
	}
	return &is
}

// texts is an array of text, or a single one. Empty ones are left out.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *texts) UnmarshalJSON(b []byte) error {
	*l = nil
	var all []text
	if b[0] != '[' {
		all = make([]text, 1)
		if err := json.Unmarshal(b, &all[0]); err != nil {
			return err
		}
	} else if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	for _, t := range all {
		if t != "" {
			*l = append(*l, string(t))
		}
	}
	return nil
}

// object is a T; anything that is no JSON object is one that was not told.
type object[T any] struct {
	is   T
	told bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *object[T]) UnmarshalJSON(b []byte) error {
	*o = object[T]{}
	if b[0] != '{' {
		return nil
	}
	o.told = true
	return json.Unmarshal(b, &o.is)
}

// objects are the JSON objects of an array; anything else was not told.
type objects[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *objects[T]) UnmarshalJSON(b []byte) error {
	*l = nil
	if b[0] != '[' {
		return nil
	}
	var all []object[T]
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	for _, o := range all {
		if o.told {
			*l = append(*l, o.is)
		}
	}
	return nil
}

// moment reads a time with seconds or without. An empty text is the zero time.
// Source: samples of the API reference, 2017-12-06T00:00:00Z and 2017-12-06T00:00Z.
func moment(t text) (at time.Time, readable bool) {
	if t == "" {
		return time.Time{}, true
	}
	for _, form := range [...]string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		at, err := time.Parse(form, string(t))
		// A year beyond four digits could not be stored.
		if at = at.UTC(); err == nil && at.Year() >= 1970 && at.Year() <= 9999 {
			return at, true
		}
	}
	return time.Time{}, false
}

// isObject tells whether b is one JSON object.
func isObject(b []byte) bool {
	b = bytes.TrimLeft(b, " \t\r\n")
	return len(b) > 0 && b[0] == '{' && json.Valid(b)
}

// nameable tells whether an id from the cloud can be a key and a parameter:
// visible ASCII without the slash that joins keys.
func nameable(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' || c == '/' {
			return false
		}
	}
	return true
}
