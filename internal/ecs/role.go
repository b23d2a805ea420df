package ecs

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"ecs-migrate/internal/migration"
)

// role hands out the keys of an assumed RAM role. It asks Sts itself: the SDK's
// own provider always goes to the public Sts over HTTPS, past the configured
// endpoint, and is not safe for use side by side.
type role struct {
	arn  string
	base source
	ask  func(context.Context, call, keys) (answer, error)
	turn chan struct{} // a lock that a context can stop waiting for

	session keys
	expires time.Time // on the machine's clock, as signatures are
}

// A session is asked for an hour, the most that every role allows, and renewed
// this long before its end. Source: API reference, AssumeRole.
const (
	sessionSeconds = "3600"
	sessionName    = "ecs-migrate"
	renewBefore    = 5 * time.Minute
)

func newRole(arn string, base source, ask func(context.Context, call, keys) (answer, error)) *role {
	return &role{arn: arn, base: base, ask: ask, turn: make(chan struct{}, 1)}
}

func (s *role) keys(ctx context.Context, region string) (keys, error) {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return keys{}, ctx.Err()
	}
	defer func() { <-s.turn }()
	if time.Now().Before(s.expires.Add(-renewBefore)) {
		return s.session, nil
	}
	return s.assume(ctx, region)
}

// renew drops the session, unless another caller has done so.
func (s *role) renew(ctx context.Context, k keys) bool {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-s.turn }()
	if s.session == k {
		s.session, s.expires = keys{}, time.Time{}
	}
	return true
}

// assume runs in turn.
func (s *role) assume(ctx context.Context, region string) (keys, error) {
	base, err := s.base.keys(ctx, region)
	if err != nil {
		return keys{}, err
	}
	c := call{product: "Sts", version: "2015-04-01", action: "AssumeRole", region: region, params: map[string]string{
		"RoleArn": s.arn, "RoleSessionName": sessionName, "DurationSeconds": sessionSeconds,
	}}
	got, err := s.ask(ctx, c, base)
	if f, ok := errors.AsType[*failure](err); ok {
		f.stale = false // that would be about the session
		if f.Kind == migration.CloudRefused {
			f.Kind, f.Message = migration.CloudUntrusted, "the role cannot be assumed: "+f.Message
		}
		return keys{}, f
	}
	if err != nil {
		return keys{}, err
	}
	session, expires, ok := readSession(got.body)
	if !ok {
		return keys{}, &failure{CloudError: &migration.CloudError{
			Kind: migration.CloudMalformed, Action: c.ram(), Region: region, Message: "the answer holds no credentials",
		}}
	}
	s.session, s.expires = session, expires
	return session, nil
}

func readSession(body []byte) (k keys, expires time.Time, ok bool) {
	var wire struct {
		Credentials object[struct {
			ID         text `json:"AccessKeyId"`
			Secret     text `json:"AccessKeySecret"`
			Token      text `json:"SecurityToken"`
			Expiration text
		}]
	}
	if json.Unmarshal(body, &wire) != nil {
		return keys{}, time.Time{}, false
	}
	c := wire.Credentials.is
	expires, readable := moment(c.Expiration)
	k = keys{id: string(c.ID), secret: string(c.Secret), token: string(c.Token)}
	return k, expires, readable && k.id != "" && k.secret != "" && k.token != ""
}
