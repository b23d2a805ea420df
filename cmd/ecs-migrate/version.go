package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is set when a release is linked: -ldflags "-X main.version=v1.2.3".
// Nothing else writes it. Without it the module's own version is shown.
var version string

type versionCommand struct{}

// Run prints one line: version, commit where known, Go version and platform.
func (versionCommand) Run(p program) error {
	info, _ := debug.ReadBuildInfo()
	_, err := fmt.Fprintln(p.stdout, versionLine(version, info))
	return err
}

func versionLine(linked string, info *debug.BuildInfo) string {
	name, details := linked, []string{}
	if info != nil {
		if name == "" {
			name = info.Main.Version
		}
		settings := map[string]string{}
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
		if commit := settings["vcs.revision"]; commit != "" {
			commit = "commit " + commit[:min(12, len(commit))]
			if settings["vcs.modified"] == "true" {
				commit += " with changes"
			}
			details = append(details, commit)
		}
	}
	if name == "" {
		name = "(devel)"
	}
	details = append(details, runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	return "ecs-migrate " + name + " (" + strings.Join(details, ", ") + ")"
}
