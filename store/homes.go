package store

import (
	"context"
	"fmt"
	"slices"

	"ecs-migrate/internal/migration"
)

// homesKey is where the Home tabs are kept that were opened last.
var homesKey = []byte("homes")

// mostHomes bounds how many Home tabs are kept; the ones opened longest ago go.
const mostHomes = 200

// KeepHome remembers what somebody looks at on their Home tab, in place of what
// they looked at before.
func (s *Store) KeepHome(ctx context.Context, tab migration.HomeTab) error {
	tab.Opened = tab.Opened.UTC()
	err := s.writes.do(ctx, func(w writer) error {
		all, err := homes(w)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(o migration.HomeTab) bool { return o.User == tab.User })
		all = append(all, tab)
		all = all[max(0, len(all)-mostHomes):]
		b, err := encode(all)
		if err != nil {
			return err
		}
		return w.put(meta, homesKey, b)
	})
	if err != nil {
		return fmt.Errorf("keep the Home tab of %s: %w", tab.User, err)
	}
	return nil
}

// Homes are the Home tabs that were opened last, the latest at the end.
func (s *Store) Homes(ctx context.Context) (all []migration.HomeTab, err error) {
	err = s.engine.view(ctx, func(r reader) (err error) {
		all, err = homes(r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the Home tabs: %w", err)
	}
	return all, nil
}

func homes(r reader) ([]migration.HomeTab, error) {
	b, err := r.get(meta, homesKey)
	if err != nil || b == nil {
		return nil, err
	}
	return decode[[]migration.HomeTab](b)
}
