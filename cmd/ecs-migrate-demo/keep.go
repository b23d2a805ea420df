package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// keptName is the file in the directory of --state that holds all but the bot's
// own store.
const keptName = "world.json"

// kept is what a playground keeps between starts. The clock stands still
// meanwhile.
type kept struct {
	Now      time.Time       `json:"now"`
	Language string          `json:"language"`
	Slack    json.RawMessage `json:"slack"`
	Cloud    json.RawMessage `json:"cloud"`
}

// kept reads what an earlier start kept, nil where there was none.
func (g *playground) kept() (*kept, error) {
	if !g.keep {
		return nil, nil
	}
	b, err := os.ReadFile(g.file(keptName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(b, &k)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: move it away to begin anew: %w", g.file(keptName), err)
	}
	return &k, nil
}

// save keeps the world as it is now, whole or not at all. What the bot did
// since the last save before a crash of this program is in its store alone; it
// treats a card that Slack lost as one that somebody deleted.
func (g *playground) save() error {
	slack, err := g.slack.Save()
	if err != nil {
		return err
	}
	cloud, err := g.cloud.Save()
	if err != nil {
		return err
	}
	b, err := json.Marshal(kept{g.clock.Now(), g.speaks(), slack, cloud})
	if err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	file, err := os.CreateTemp(g.dir, "."+keptName+"-*")
	if err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	_, err = file.Write(b)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(g.dir, keptName))
	}
	if err != nil {
		return fmt.Errorf("keep the state: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

// saveEvery is how soon a change is kept.
const saveEvery = time.Second

// followState keeps what changed, until the playground ends.
func (g *playground) followState() {
	if !g.keep {
		return
	}
	saved := int64(-1)
	for {
		select {
		case <-g.alive.Done():
			return // close saves once more
		case <-time.After(saveEvery):
		}
		now := g.told.Load()
		if now == saved || !g.ours.Load() {
			continue
		}
		if err := g.save(); err != nil {
			fmt.Fprintf(g.log, "the demo: %v\n", err)
			continue
		}
		saved = now
	}
}
