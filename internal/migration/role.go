package migration

// Role is what somebody may do about a migration; each role includes the ones
// before it.
type Role string

// The roles.
const (
	Viewer   Role = "viewer"   // may look
	Operator Role = "operator" // may reserve, reschedule, tick and acknowledge
	Admin    Role = "admin"    // may also authorise
)

// Roles are all roles, the least first.
var Roles = [...]Role{Viewer, Operator, Admin}

// Includes tells whether who has this role may do what need asks for. A role
// that is none includes nothing.
func (r Role) Includes(need Role) bool {
	have, want := -1, len(Roles)
	for i, role := range Roles {
		if role == r {
			have = i
		}
		if role == need {
			want = i
		}
	}
	return have >= want
}
