package migration_test

import (
	"testing"

	"ecs-migrate/internal/migration"
)

func TestRolesIncludeTheOnesBefore(t *testing.T) {
	const none migration.Role = "owner"
	for _, tt := range []struct {
		have, need migration.Role
		want       bool
	}{
		{migration.Viewer, migration.Viewer, true},
		{migration.Viewer, migration.Operator, false},
		{migration.Operator, migration.Viewer, true},
		{migration.Operator, migration.Operator, true},
		{migration.Operator, migration.Admin, false},
		{migration.Admin, migration.Operator, true},
		{none, migration.Viewer, false},
		{"", migration.Viewer, false},
		{migration.Admin, none, false},
		{none, none, false},
	} {
		if got := tt.have.Includes(tt.need); got != tt.want {
			t.Errorf("%q includes %q: %t, want %t", tt.have, tt.need, got, tt.want)
		}
	}
}
