package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms says what each room may import of ours and which outside module is its
// alone. Arrows point down only: a room that needs another one upwards takes an
// interface of its own. clock may be imported by all: it knows no one.
var rooms = map[string][]string{
	"cmd/ecs-migrate":      {"bot", "internal/config", "internal/upkeep"},
	"cmd/ecs-migrate-demo": {"bot", "internal/config", "internal/stub/slack", "internal/stub/ecs"},
	"bot":                  {"handlers", "notifier", "store", "internal/upkeep", "internal/poll", "internal/ecs", "internal/config", "internal/migration"},
	"handlers":             {"notifier", "internal/migration"},
	"notifier":             {"internal/migration"},
	"store":                {"internal/migration"},
	"internal/poll":        {"internal/migration"},
	"internal/ecs":         {"internal/migration"},
	"internal/config":      {"internal/migration"},
	"internal/upkeep":      {"store", "internal/migration"},
	"internal/migration":   {},
	"internal/clock":       {},
	"internal/stub/slack":  {},
	"internal/stub/ecs":    {},
	"internal/house":       {},
	"internal/killtest":    {},
}

// timeless are the rooms that may not even know the clock.
var timeless = []string{"internal/migration", "internal/stub/slack", "internal/stub/ecs", "internal/config"}

// owners says which rooms may import which outside module. One that is not here
// is a decision to take: add it with its rooms.
var owners = map[string][]string{
	"github.com/aliyun/alibaba-cloud-sdk-go": {"internal/ecs"},
	"go.etcd.io/bbolt":                       {"store"},
	"github.com/slack-go/slack":              {"bot", "handlers", "notifier"},
	"github.com/prometheus/client_golang":    {"bot"},
	"go.yaml.in/yaml/v3":                     {"internal/config", "notifier", "cmd/ecs-migrate"},
	"github.com/robfig/cron/v3":              {"bot", "internal/config"},
	"github.com/alecthomas/kong":             {"cmd/ecs-migrate", "cmd/ecs-migrate-demo"},
	"github.com/gorilla/websocket":           {"internal/stub/slack", "bot"},
	"github.com/cenkalti/backoff/v5":         {"internal/ecs"},
	"github.com/arran4/golang-ical":          {"notifier"},
	"golang.org/x/sync":                      {"internal/poll", "notifier"},
	"golang.org/x/time":                      {"notifier"},
}

// banned are packages of allowed modules that nobody may import (ADR 0001).
var banned = []string{"github.com/aliyun/alibaba-cloud-sdk-go/services"}

const module = "ecs-migrate/"

// listed is what go list tells of a package. Tests may import what they like:
// they stand outside the house.
type listed struct {
	ImportPath string
	Imports    []string
}

func TestWhoMayImportWhom(t *testing.T) {
	for _, p := range list(t) {
		room := strings.TrimPrefix(p.ImportPath, module)
		allowed, known := rooms[room]
		if !known {
			t.Errorf("%s is no room of the house: add it to the table with what it may import", room)
			continue
		}
		for _, imported := range p.Imports {
			if problem := judge(room, allowed, imported); problem != "" {
				t.Errorf("%s imports %s: %s", room, imported, problem)
			}
		}
	}
}

// judge says what is wrong with an import, if anything is.
func judge(room string, allowed []string, imported string) string {
	ours, isOurs := strings.CutPrefix(imported, module)
	switch {
	case isOurs && ours == "internal/clock" && !slices.Contains(timeless, room), isOurs && slices.Contains(allowed, ours):
		return ""
	case isOurs:
		return fmt.Sprintf("may import only %v of ours", allowed)
	case !strings.Contains(strings.SplitN(imported, "/", 2)[0], "."):
		return "" // the standard library
	}
	within := func(root string) bool { return imported == root || strings.HasPrefix(imported, root+"/") }
	if slices.ContainsFunc(banned, within) {
		return "nobody may"
	}
	for root, may := range owners {
		if within(root) {
			if slices.Contains(may, room) {
				return ""
			}
			return fmt.Sprintf("only %v may", may)
		}
	}
	return "a module without an owner"
}

func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "-e", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}
