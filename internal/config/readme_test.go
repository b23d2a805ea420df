package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// The configuration that the README shows is one that works.
func TestTheReadmesExampleIsSound(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "   ```yaml\n   store: ")
	text, _, closed := strings.Cut(rest, "   ```\n")
	if !found || !closed {
		t.Fatal("the README shows no configuration")
	}
	text = strings.ReplaceAll("   store: "+text, "\n   ", "\n")
	cfg := mustParse(t, strings.TrimPrefix(text, "   "))
	if len(cfg.Roles.Operator) == 0 || len(cfg.Routes) == 0 {
		t.Errorf("it shows too little: %+v", cfg)
	}
}

// So are the parts that docs/configuration.md shows, and the reminders' are the
// defaults that it says they are.
func TestTheDocumentsExamplesAreSound(t *testing.T) {
	text, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	const rest = "accounts: [{name: prod, regions: [cn-hangzhou]}]\nroles: {operator: [everyone]}\nroutes: [{channel: C0123456789}]\n"
	parts := strings.Split(string(text), "```yaml\n")[1:]
	if len(parts) != 2 {
		t.Fatalf("%d examples", len(parts))
	}
	plain := mustParse(t, rest)
	for _, part := range parts {
		example, _, closed := strings.Cut(part, "```")
		if !closed {
			t.Fatal("an example has no end")
		}
		cfg := mustParse(t, example+rest)
		if strings.HasPrefix(example, "reminders:") && !reflect.DeepEqual(without(cfg.Reminders), without(plain.Reminders)) {
			t.Errorf("these are not the defaults: %+v, want %+v", cfg.Reminders, plain.Reminders)
		}
	}
}

// without leaves out what each year has its own of.
func without(r Reminders) Reminders {
	r.Work.Holidays, r.Work.Workdays = nil, nil
	return r
}
