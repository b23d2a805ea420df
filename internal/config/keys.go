package config

import (
	"slices"
	"strings"
)

// keys are the names that one mapping of the file may hold.
type keys struct {
	where string // the mapping, as a person would name it
	names []string
}

func topKeys() keys {
	return keys{"the top level", []string{"slack", "store", "listen", "poll", "time_zone", "language", "event_types", "accounts", "routes", "roles",
		"reminders", "people", "on_call", "escalation", "checklists", "admin_channel"}}
}
func slackKeys() keys { return keys{"`slack`", []string{"api_url"}} }
func accountKeys() keys {
	return keys{"an account", []string{"name", "regions", "endpoint", "credentials"}}
}
func credentialKeys() keys { return keys{"`credentials`", []string{"profile", "role_arn"}} }
func routeKeys() keys {
	return keys{"a route", []string{"channel", "match", "roles", "on_call", "escalation"}}
}
func roleKeys() keys  { return keys{"`roles`", []string{"operator", "admin"}} }
func matchKeys() keys { return keys{"`match`", []string{"account", "region", "tags"}} }

func reminderKeys() keys {
	return keys{"`reminders`", []string{"unreserved", "unreserved_every", "before_run", "overdue", "follow_up", "io_recovery", "voucher",
		"digest", "working_hours", "working_days", "holidays", "workdays"}}
}

func itemKeys() keys {
	return keys{"a checklist's item", []string{"id", "match", "remove", "phase", "optional", "title", "why", "how", "link"}}
}

func itemMatchKeys() keys {
	return keys{"an item's `match`", []string{"events", "after", "to_vpc", "network", "os", "public", "local_disks", "restarts", "tags"}}
}

func allKeys() []keys {
	return []keys{topKeys(), slackKeys(), accountKeys(), credentialKeys(), routeKeys(), matchKeys(), roleKeys(), reminderKeys(),
		itemKeys(), itemMatchKeys()}
}

// unknownKey says what to do about a key that does not belong where it stands:
// a near name, the place the key does belong to, or what the place may hold.
func unknownKey(key string, known keys) (problem, remedy string) {
	problem = "is no key of " + known.where
	if near := nearest(key, known.names); near != "" {
		return problem, "Write `" + near + "` if that is meant"
	}
	for _, other := range allKeys() {
		if slices.Contains(other.names, key) {
			return problem, "It belongs in " + other.where + "; check the indentation"
		}
	}
	lower := strings.ToLower(key)
	for _, word := range []string{"token", "secret", "password", "access_key", "accesskey"} {
		if strings.Contains(lower, word) {
			return problem, secretRemedy
		}
	}
	return problem, "Delete it; the keys here are " + strings.Join(known.names, ", ")
}

// nearest is the known word that word most likely meant, or "".
func nearest(word string, known []string) string {
	best, bestDistance := "", 1+max(1, len(word)/3)
	for _, candidate := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// distance is how many characters must be put in, taken out or replaced to
// turn a into b. A difference in length beyond any use is answered at once.
func distance(a, b string) int {
	if gap := len(a) - len(b); gap > 8 || gap < -8 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
