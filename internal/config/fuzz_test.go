package config

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzParse holds that no text makes the parser panic, that every fault is
// whole and stands within the text, and that what is accepted is fit for use.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/valid.yaml", "testdata/least.yaml", "testdata/faulty.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, c := range slices.Concat(faultCases(), accountFaultCases(), checklistFaultCases()) {
		if c.text != "" {
			f.Add([]byte(c.text))
		} else {
			f.Add([]byte(c.lines + base))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		cfg, faults := parse("f.yaml", text)
		for _, fault := range faults {
			if fault.Line < 1 || fault.Line > bytes.Count(text, []byte("\n"))+1 {
				t.Errorf("line %d is not in the text: %v", fault.Line, fault)
			}
			if fault.Problem == "" || fault.Remedy == "" || strings.ContainsAny(fault.String(), "\n\r") {
				t.Errorf("%+v", fault)
			}
		}
		if len(faults) > 0 {
			return
		}
		if cfg.Location == nil || cfg.Store == "" || len(cfg.EventTypes) == 0 || len(cfg.Accounts) == 0 ||
			!strings.HasSuffix(cfg.Slack.APIURL, "/") || cfg.Poll.Schedule.Next(time.Unix(0, 0)).IsZero() {
			t.Errorf("accepted, but not fit for use: %+v", cfg)
		}
		for _, account := range cfg.Accounts {
			for _, region := range account.Regions {
				if !channelID.MatchString(cfg.Route(account.Name, region, nil)) {
					t.Errorf("no channel for %s %s: %+v", account.Name, region, cfg.Routes)
				}
			}
		}
	})
}
