package house

import (
	"encoding/json"
	"errors"
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
	"cmd/ecs-migrate":      {"bot", "internal/config"},
	"cmd/ecs-migrate-demo": {"bot", "internal/config", "internal/stub/slack", "internal/stub/ecs"},
	"bot":                  {"handlers", "notifier", "store", "internal/poll", "internal/ecs", "internal/config", "internal/migration"},
	"handlers":             {"notifier", "internal/migration"},
	"notifier":             {"internal/migration"},
	"store":                {"internal/migration"},
	"internal/poll":        {"internal/migration"},
	"internal/ecs":         {"internal/migration"},
	"internal/config":      {},
	"internal/migration":   {},
	"internal/clock":       {},
	"internal/stub/slack":  {},
	"internal/stub/ecs":    {},
	"internal/house":       {},
}

// owners says which rooms alone may import an outside module, so that it could
// be replaced there.
var owners = map[string][]string{
	"github.com/aliyun/alibaba-cloud-sdk-go": {"internal/ecs"},
	"go.etcd.io/bbolt":                       {"store"},
	"github.com/slack-go/slack":              {"bot", "handlers", "notifier"},
	"github.com/prometheus/client_golang":    {"bot"},
	"go.yaml.in/yaml/v3":                     {"internal/config", "notifier", "cmd/ecs-migrate"},
	"github.com/robfig/cron/v3":              {"bot", "internal/config"},
	"github.com/alecthomas/kong":             {"cmd/ecs-migrate", "cmd/ecs-migrate-demo"},
}

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
			if ours, ok := strings.CutPrefix(imported, module); ok && ours != "internal/clock" && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s: may import only %v", room, ours, allowed)
			}
			for outside, may := range owners {
				if (imported == outside || strings.HasPrefix(imported, outside+"/")) && !slices.Contains(may, room) {
					t.Errorf("%s imports %s: only %v may", room, imported, may)
				}
			}
			if room == "internal/migration" && strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
				t.Errorf("the domain imports %s: the standard library only", imported)
			}
		}
	}
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
