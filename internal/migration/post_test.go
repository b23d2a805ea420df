package migration_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

func keys(from, to int) []migration.Key {
	var all []migration.Key
	for n := from; n < to; n++ {
		all = append(all, migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: fmt.Sprintf("e-%04d", n)})
	}
	return all
}

func TestAStormBeginsWithMoreThanTenAndTakesInWhatFollows(t *testing.T) {
	if c := migration.Storm("C1", nil, keys(0, 10), keys(0, 10), now); !c.Empty() {
		t.Errorf("ten are gathered: %+v", c.Post)
	}
	c := migration.Storm("C1", nil, keys(0, 11), keys(0, 11), now)
	if c.Empty() || len(c.Gather) != 11 || len(c.Post.Keys) != 11 || len(c.Jobs) != 1 || !c.Jobs[0].Due.Equal(now) {
		t.Fatalf("eleven: %+v", c)
	}
	p := c.Post.Posted("1.1")
	later := now.Add(9 * time.Minute)
	c = migration.Storm("C1", p.Post, keys(11, 12), keys(11, 12), later)
	if len(c.Gather) != 1 || len(c.Post.Keys) != 12 || c.Post.ID != p.Post.ID || c.Jobs[0].Due.Before(later.Add(time.Second)) {
		t.Errorf("one more: %+v", c)
	}
	// After a quiet while one is no storm, unless cards of the old one still wait.
	late := now.Add(time.Hour)
	if c := migration.Storm("C1", p.Post, keys(12, 13), keys(12, 13), late); !c.Empty() {
		t.Errorf("one, an hour later: %+v", c.Post)
	}
	if c := migration.Storm("C1", p.Post, slices.Concat(keys(3, 4), keys(12, 13)), keys(12, 13), late); len(c.Gather) != 1 {
		t.Errorf("one while the storm goes on: %+v", c)
	}
	if c := migration.Storm("C1", p.Post, keys(20, 40), keys(20, 40), late); c.Post == nil || c.Post.ID == p.Post.ID || c.Post.ID < p.Post.ID {
		t.Errorf("another storm: %+v", c.Post)
	}
	gone := p.Post.Deleted()
	if c := migration.Storm("C1", gone.Post, keys(20, 23), keys(20, 23), now); !c.Empty() {
		t.Errorf("after the overview was deleted: %+v", c.Post)
	}
}

func TestAnOverviewIsBounded(t *testing.T) {
	c := migration.Storm("C1", nil, keys(0, 1500), keys(0, 1500), now)
	if len(c.Gather) != 1000 {
		t.Errorf("%d gathered", len(c.Gather))
	}
	if next := migration.Storm("C1", c.Post, keys(1000, 1500), keys(1000, 1500), now.Add(time.Second)); next.Post == nil || next.Post.ID == c.Post.ID || len(next.Gather) != 500 {
		t.Errorf("the rest: %+v", next.Post)
	}
}

func TestACardThatWaitsIsAnAnnouncementUntilThereIsNewsOfIt(t *testing.T) {
	m := first(event())
	job := m.CardJob(now)
	if !job.Announces || !job.Deadline.Equal(m.Deadline()) {
		t.Errorf("a new card: %+v", job)
	}
	c, err := m.Keep(by("U1", 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range c.Jobs {
		if j.Announces {
			t.Errorf("somebody acted, and it waits on: %+v", j)
		}
	}
	gathered, ok := m.Gather("overview/C1/1")
	if _, twice := gathered.Gather("overview/C1/2"); !ok || twice || gathered.Card.Overview != "overview/C1/1" {
		t.Errorf("gathered %v, twice %v", ok, twice)
	}
	posted := gathered.Posted("1.2", "1.1", 1, now)
	if posted.Migration.Card.Parent() != "1.1" || m.Posted("1.2", "", 1, now).Migration.Card.Parent() != "1.2" {
		t.Error("the news goes under another message")
	}
	if _, ok := posted.Migration.Gather("overview/C1/2"); ok {
		t.Error("a card that stands was gathered")
	}
	if !slices.ContainsFunc(posted.Jobs, func(j migration.Job) bool { return j.Post == "overview/C1/1" && j.Due.After(now) }) {
		t.Errorf("the overview is not drawn again: %+v", posted.Jobs)
	}
	gone := posted.Migration.CardGone().Migration
	if gone.Card.Thread != "" || gone.CardJob(now).Announces {
		t.Errorf("deleted: %+v", gone.Card)
	}
}
