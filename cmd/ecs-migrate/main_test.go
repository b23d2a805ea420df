package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"

	"ecs-migrate/internal/config"
)

var update = flag.Bool("update", false, "rewrite golden files and scripts with what the program prints")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ecs-migrate":   main,
		"stuck-program": stuckProgram,
	})
}

// stuckProgram stops for the first signal as the bot does, then never ends.
func stuckProgram() {
	ctx, stop := untilSignal()
	defer stop()
	fmt.Println("ready")
	<-ctx.Done()
	fmt.Println("draining")
	select {}
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                storeCommands,
	})
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		program := exec.Command("stuck-program")
		out, err := program.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for _, want := range []string{"ready", "draining"} {
			if !lines.Scan() || lines.Text() != want {
				t.Fatalf("printed %q, want %q", lines.Text(), want)
			}
			if err := program.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
		}
		exit, ok := errors.AsType[*exec.ExitError](program.Wait())
		if !ok {
			t.Fatal("ended well, want it ended by the signal")
		}
		if status := exit.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != s {
			t.Errorf("ended by %v, want %v", status, s)
		}
	}
}

func TestDescribe(t *testing.T) {
	getenv := func(name string) string {
		return map[string]string{
			config.BotTokenVariable:       "xoxb-1234567890-hush",
			config.AppTokenVariable:       "xapp-1-1234567890-hush",
			"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI-hush",
		}[name]
	}
	cfg, err := config.Load("testdata/config.yaml", getenv)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	describe(&got, cfg, getenv, time.Date(2024, 5, 1, 23, 59, 0, 0, time.UTC))
	if strings.Contains(got.String(), "hush") {
		t.Error("a secret is shown")
	}
	const golden = "testdata/describe.golden"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("describe (-want +got):\n%s", diff)
	}
}

func TestManifest(t *testing.T) {
	var out bytes.Buffer
	if code := main1([]string{"manifest"}, program{stdout: &out, stderr: &out}); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &out)
	}
	var got map[string]any
	if err := yaml.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("the manifest is no YAML: %v", err)
	}
	want := map[string]any{
		"display_information": map[string]any{"name": "ecs-migrate", "description": appManifest().Display.Description},
		"features": map[string]any{
			"app_home": map[string]any{"home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": true},
			"bot_user": map[string]any{"display_name": "ecs-migrate", "always_online": false},
			"slash_commands": []any{map[string]any{
				"command":       "/ecs-migrate",
				"description":   appManifest().Features.SlashCommands[0].Description,
				"usage_hint":    appManifest().Features.SlashCommands[0].UsageHint,
				"should_escape": true,
			}},
		},
		"oauth_config": map[string]any{"scopes": map[string]any{"bot": []any{
			"chat:write", "commands", "channels:history", "groups:history", "users:read", "usergroups:read", "im:write", "files:write",
		}}},
		"settings": map[string]any{
			"event_subscriptions":    map[string]any{"bot_events": []any{"app_home_opened"}},
			"interactivity":          map[string]any{"is_enabled": true},
			"org_deploy_enabled":     false,
			"socket_mode_enabled":    true,
			"token_rotation_enabled": false,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	// docs.slack.dev/reference/app-manifest: name 35, description 140 characters.
	if d := appManifest().Display; utf8.RuneCountInString(d.Name) > 35 || utf8.RuneCountInString(d.Description) > 140 {
		t.Errorf("too long for Slack: %+v", d)
	}
	for _, step := range []string{"connections:write", config.BotTokenVariable, config.AppTokenVariable, "/invite"} {
		if !strings.Contains(out.String(), step) {
			t.Errorf("the next steps lack %s", step)
		}
	}
}

func TestVersionLine(t *testing.T) {
	built := &debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef"},
			{Key: "vcs.modified", Value: "true"},
		},
	}
	for _, c := range []struct {
		linked string
		info   *debug.BuildInfo
		want   string
	}{
		{"", nil, "ecs-migrate (devel) (go"},
		{"", built, "ecs-migrate v1.2.3 (commit 0123456789ab with changes, go"},
		{"v2.0.0", built, "ecs-migrate v2.0.0 (commit "},
	} {
		if got := versionLine(c.linked, c.info); !strings.HasPrefix(got, c.want) {
			t.Errorf("versionLine = %s, want %s…", got, c.want)
		}
	}
}

func TestLogLevelsAndForm(t *testing.T) {
	for name, want := range map[string]int{"debug": 4, "info": 3, "warn": 2, "error": 1} {
		var out bytes.Buffer
		log := newLogger(&out, level(name))
		log.Debug("m")
		log.Info("m")
		log.Warn("m")
		log.Error("m")
		if got := strings.Count(out.String(), "\n"); got != want || !strings.HasPrefix(out.String(), "{") {
			t.Errorf("%s: %d lines, want %d of JSON:\n%s", name, got, want, &out)
		}
	}
}
