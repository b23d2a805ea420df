package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.etcd.io/bbolt"

	"ecs-migrate/bot"
	"ecs-migrate/internal/config"
	"ecs-migrate/internal/migration"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
	"ecs-migrate/store"
)

// storeCommands are what scripts do to a store besides the program.
var storeCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"sample": sample, "live": live, "spoil": spoil, "newer": newer, "private": private,
}

var sampleStart = time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC)

// sample FILE makes a store: an hour after one o'clock one migration is announced,
// and the next day somebody asks for a time and the cloud refuses. With a second
// word, such as Canceled, the event has come to that by now.
func sample(ts *testscript.TestScript, _ bool, args []string) {
	s, err := store.Open(ts.MkAbs(args[0]), store.Options{Now: func() time.Time { return sampleStart }})
	ts.Check(err)
	key := migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-1"}
	at := sampleStart.Add(48 * time.Hour)
	announce := migration.First(migration.Event{
		Key: key, InstanceID: "i-1", Type: "SystemUpgrade.Migrate", Status: migration.Scheduled, NotBefore: at, InitialNotBefore: at, ReadAt: sampleStart,
	}, migration.Instance{ID: "i-1", Name: `=HYPERLINK("http://x")`, ReadAt: sampleStart}, "C0000000000", sampleStart)
	for _, decide := range []func(migration.Migration) (migration.Change, error){
		func(migration.Migration) (migration.Change, error) { return announce, nil },
		func(m migration.Migration) (migration.Change, error) {
			now := sampleStart.Add(24 * time.Hour)
			return m.Choose(at.Add(-time.Hour), migration.Decision{By: "U1", Now: now, Via: migration.ViaForm, Seen: migration.SeenAny})
		},
		func(m migration.Migration) (migration.Change, error) {
			why := migration.Refusal{Kind: migration.RefusedByCloud, Code: "Conflict", Message: "is being handled"}
			return m.Refuse(m.Revision, why, sampleStart.Add(25*time.Hour)), nil
		},
	} {
		_, err := s.Apply(context.Background(), key, "", func(m *migration.Migration) (migration.Change, error) {
			if m == nil {
				m = &migration.Migration{}
			}
			return decide(*m)
		})
		ts.Check(err)
	}
	if len(args) > 1 {
		_, err := s.Apply(context.Background(), key, "", func(m *migration.Migration) (migration.Change, error) {
			ev := m.Event
			ev.Status, ev.ReadAt = migration.Status(args[1]), time.Now()
			return m.Observe(ev, time.Now()), nil
		})
		ts.Check(err)
	}
	ts.Check(s.Close())
}

// live FILE runs a bot with the store in FILE until the script ends, on servers
// of its own.
func live(ts *testscript.TestScript, _ bool, args []string) {
	slack, cloud := slackstub.New(slackstub.Options{}), ecsstub.New(ecsstub.Options{})
	ts.Check(slack.Start("127.0.0.1:0"))
	ts.Check(cloud.Start("127.0.0.1:0"))
	text := fmt.Sprintf("slack: {api_url: %q}\nstore: %q\nlisten: \"\"\nroles: {operator: [everyone]}\naccounts: [{name: prod, regions: [cn-hangzhou], endpoint: %q}]\nroutes: [{channel: C0000000000}]\n",
		slack.APIURL(), ts.MkAbs(args[0]), cloud.URL())
	path := filepath.Join(ts.Getenv("WORK"), ".live.yaml")
	ts.Check(os.WriteFile(path, []byte(text), 0o600))
	cfg, err := config.Load(path, func(name string) string {
		return map[string]string{config.BotTokenVariable: slack.BotToken(), config.AppTokenVariable: slack.AppToken()}[name]
	})
	ts.Check(err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- bot.Run(ctx, bot.Options{Config: cfg, Log: slog.New(slog.DiscardHandler)}) }()
	ts.Defer(func() {
		stop()
		if err := <-ended; err != nil {
			ts.Logf("the bot ended with: %v", err)
		}
		_, _ = slack.Close(), cloud.Close()
	})
	soon, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ts.Check(slack.WaitConnections(soon, 2))
}

// spoil FILE PAGE overwrites a page.
func spoil(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	file, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	ts.Check(err)
	junk := make([]byte, os.Getpagesize())
	for i := range junk {
		junk[i] = 0xFF
	}
	_, err = file.WriteAt(junk, int64(n*len(junk)))
	ts.Check(err)
	ts.Check(file.Close())
}

// newer FILE gives a store a schema version that nobody knows yet.
func newer(ts *testscript.TestScript, _ bool, args []string) {
	db, err := bbolt.Open(ts.MkAbs(args[0]), 0o600, nil)
	ts.Check(err)
	ts.Check(db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), []byte(`{"format":"ecs-migrate","version":99}`))
	}))
	ts.Check(db.Close())
}

// private FILE fails unless only its user may read it.
func private(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if info.Mode().Perm() != 0o600 {
		ts.Fatalf("%s has mode %v", args[0], info.Mode())
	}
}
