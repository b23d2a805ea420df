package store_test

import (
	"fmt"
	"testing"
	"time"

	"ecs-migrate/internal/migration"
)

func TestHomesAreKeptOncePerPersonAndBounded(t *testing.T) {
	s := openTest(t)
	for n := range 250 {
		tab := migration.HomeTab{User: fmt.Sprintf("U%d", n%230), Filter: "all", Page: n, Opened: start.Add(time.Duration(n) * time.Minute)}
		if err := s.KeepHome(t.Context(), tab); err != nil {
			t.Fatal(err)
		}
	}
	s.close()
	s.open()
	all, err := s.Homes(t.Context())
	if err != nil || len(all) != 200 {
		t.Fatalf("%d tabs, %v", len(all), err)
	}
	last := all[len(all)-1]
	if last.User != "U19" || last.Page != 249 || !last.Opened.Equal(start.Add(249*time.Minute)) {
		t.Errorf("the last one is %+v", last)
	}
	met := map[string]bool{}
	for _, tab := range all {
		if met[tab.User] {
			t.Errorf("%s is there twice", tab.User)
		}
		met[tab.User] = true
	}
}
