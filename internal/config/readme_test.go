package config

import (
	"os"
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
