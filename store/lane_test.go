package store_test

import (
	"reflect"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

func TestTheDueJobsOfALaneAreReadTogether(t *testing.T) {
	s := openTest(t)
	s.queue(job("b", "lane", time.Second), job("a", "lane", 0), job("c", "lane", 2*time.Second), job("later", "lane", time.Hour),
		job("other", "lane-2", 0), job("before", "l", 0))
	if err := s.Retry(t.Context(), migration.Job{ID: "b"}, start.Add(time.Minute), "no"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   time.Duration
		most int
		want []string
	}{
		{2 * time.Second, 10, []string{"a", "c"}}, // b waits to be repeated
		{time.Minute, 10, []string{"a", "b", "c"}},
		{time.Minute, 2, []string{"a", "b"}},
		{time.Second, 10, []string{"a"}},
		{-time.Second, 10, nil},
		{2 * time.Hour, 10, []string{"a", "b", "c", "later"}},
	} {
		got, err := s.Due(t.Context(), "lane", start.Add(c.at), c.most)
		if err != nil || !reflect.DeepEqual(ids(got), c.want) {
			t.Errorf("after %v, at most %d: %v, %v; want %v", c.at, c.most, ids(got), err, c.want)
		}
	}
}
