package bot

import (
	"slices"
	"testing"

	"ecs-migrate/internal/config"
	"ecs-migrate/internal/migration"
)

// The channel that a card stands in decides, wherever the instance's tags would
// send it now.
func TestTheCardsChannelDecides(t *testing.T) {
	cfg := config.Config{
		Roles: config.Roles{Operator: []string{"S0000000ALL"}, Admin: []string{"U0000000001"}},
		Routes: []config.Route{
			{Channel: "C0000000WEB", Tags: map[string]string{"team": "web"}, Roles: config.Roles{Operator: []string{"S0000000WEB"}}},
			{Channel: "C0000000OPS"},
		},
	}
	m := migration.Migration{
		Event: migration.Event{Key: migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-1"}},
		Card:  migration.Card{Channel: "C0000000WEB"},
	}
	for name, want := range map[string]string{"C0000000WEB": "S0000000WEB", "C0000000OPS": "S0000000ALL"} {
		m.Card.Channel, m.Instance.Tags = name, map[string]string{"team": "db"}
		if got := grants(cfg)(m); !slices.Equal(got.Operator, []string{want}) || !slices.Equal(got.Admin, []string{"U0000000001"}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	m.Card.Channel, m.Instance.Tags = "C000000GONE", map[string]string{"team": "web"}
	if got := grants(cfg)(m); !slices.Equal(got.Operator, []string{"S0000000WEB"}) {
		t.Errorf("a channel without a route: %+v", got)
	}
	if got, want := namedGroups(cfg), []string{"S0000000ALL", "S0000000WEB"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
