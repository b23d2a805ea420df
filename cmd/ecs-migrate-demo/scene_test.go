package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecs-migrate/internal/clock"
	slackstub "ecs-migrate/internal/stub/slack"
)

// What does not happen ends its step with what was waited for.
func TestWaitingEnds(t *testing.T) {
	slack := slackstub.New(slackstub.Options{})
	defer slack.Close()
	alive, end := context.WithCancelCause(context.Background())
	s := &scene{world: &world{clock: clock.NewMovable(time.Now()), slack: slack, alive: alive}}
	asked := 0
	wait := func(ctx context.Context) error {
		return s.until(ctx, time.Hour, "a card", func() bool {
			if asked++; asked == 3 {
				end(errors.New("the bot ended: out of paper"))
			}
			return false
		})
	}
	before := s.clock.Now()
	err := s.within(wait)
	if err == nil || err.Error() != "waiting for a card: the bot ended: out of paper" {
		t.Errorf("got %v", err)
	}
	if s.clock.Now().Sub(before) < time.Hour {
		t.Error("the clock was not moved on meanwhile")
	}

	late, cancel := context.WithTimeoutCause(context.Background(), 0, errors.New("nothing came"))
	defer cancel()
	if err := wait(late); err == nil || err.Error() != "waiting for a card: nothing came" {
		t.Errorf("got %v", err)
	}
}

func TestAFailureShowsTheEndOfTheLog(t *testing.T) {
	log := &logTail{}
	for i := range 2 * tailLines {
		fmt.Fprintf(log, "entry %d.\n", i)
	}
	cause := errors.New("no card")
	err := log.explain(cause)
	text := err.Error()
	if !errors.Is(err, cause) || !strings.HasPrefix(text, "no card\n") || strings.Count(text, "entry ") != tailLines ||
		!strings.HasSuffix(text, fmt.Sprintf("entry %d.", 2*tailLines-1)) || strings.Contains(text, "entry 1.") {
		t.Errorf("got %v", text)
	}

	var seen strings.Builder
	watched := &logTail{also: &seen}
	fmt.Fprint(watched, "entry 1.\n")
	if err := watched.explain(cause); err != cause || seen.String() != "entry 1.\n" {
		t.Errorf("what was watched (%q) is repeated: %v", &seen, err)
	}
}

// A world that cannot begin says why and leaves nothing behind.
func TestAWorldThatCannotBegin(t *testing.T) {
	dir := t.TempDir()
	for tmp, want := range map[string]string{
		filepath.Join(dir, "nowhere"): "make a directory for the store",
		dir:                           `"fr" is no language`,
	} {
		t.Setenv("TMPDIR", tmp)
		_, err := openWorld(context.Background(), worldOptions{start: time.Now(), lang: "fr", poll: pollEvery, log: &logTail{}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
