package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ecs-migrate/internal/config"
	ecsstub "ecs-migrate/internal/stub/ecs"
	slackstub "ecs-migrate/internal/stub/slack"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bot" { // a page under test starts its bot from this very program
		main()
		return
	}
	testscript.Main(m, map[string]func(){"ecs-migrate-demo": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// readHowTo reads what the stubs print, down to its last line.
func readHowTo(t *testing.T, out io.Reader) string {
	t.Helper()
	var text strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		text.WriteString(lines.Text() + "\n")
		if strings.HasSuffix(lines.Text(), "Ctrl-C.") {
			return text.String()
		}
	}
	t.Fatalf("the stubs printed only:\n%s", &text)
	return ""
}

// exported are the variables that the printed lines set.
func exported(howTo string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(howTo) {
		list, found := strings.CutPrefix(strings.TrimSpace(line), "export ")
		if !found {
			continue
		}
		for _, pair := range strings.Fields(list) {
			name, value, _ := strings.Cut(pair, "=")
			all[name] = value
		}
	}
	return all
}

func TestStubsServeUntilASignal(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			cmd := exec.Command("ecs-migrate-demo", "stubs", "--slack", "127.0.0.1:0", "--ecs", "localhost:0")
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			howTo := readHowTo(t, out)

			path := filepath.Join(t.TempDir(), "config.yaml")
			_, rest, _ := strings.Cut(howTo, "<<'EOF'\n")
			text, _, _ := strings.Cut(rest, "EOF\n")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			env := exported(howTo)
			cfg, err := config.Load(path, func(name string) string { return env[name] })
			if err != nil {
				t.Fatalf("the printed configuration: %v\n%s", err, text)
			}
			if got := env["ALIBABA_CLOUD_ACCESS_KEY_ID"]; got != ecsstub.DefaultKeyID {
				t.Errorf("the printed key is %q", got)
			}
			if got := env["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]; got != ecsstub.DefaultKeySecret {
				t.Errorf("the printed secret is %q", got)
			}

			var who struct {
				OK   bool
				Team string `json:"team_id"`
			}
			ask(t, cfg.Slack.APIURL+"auth.test", cfg.Slack.BotToken.Reveal(), &who)
			if !who.OK || who.Team != slackstub.TeamID {
				t.Errorf("Slack answers auth.test with %+v", who)
			}
			var state struct{ Accounts []struct{ ID string } }
			ask(t, cfg.Accounts[0].Endpoint+"/control/state", "", &state)
			if len(state.Accounts) != 1 || state.Accounts[0].ID != ecsstub.DefaultAccountID {
				t.Errorf("the cloud's state is %+v", state)
			}

			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			last, err := io.ReadAll(out)
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil || string(last) != "stopped\n" {
				t.Errorf("ended with %v, saying %q", err, last)
			}
		})
	}
}

// ask gets JSON, with a token where one is given.
func ask(t *testing.T, url, token string, into any) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

func TestStubsTellATakenAddress(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for flag, other := range map[string]string{"--slack": "--ecs", "--ecs": "--slack"} {
		var out, errs strings.Builder
		code := main1(context.Background(), []string{"stubs", flag, taken.Addr().String(), other, "127.0.0.1:0"}, program{stdout: &out, stderr: &errs})
		want := "ecs-migrate-demo: " + flag + " " + taken.Addr().String() + " is taken by another program: stop that one, or give another address with " + flag + "\n"
		if code != exitFault || errs.String() != want || out.Len() > 0 {
			t.Errorf("exit code %d, stdout %q, stderr %q, want %q", code, out.String(), errs.String(), want)
		}
	}
}

func TestOnlyLoopbackAddressesAreTaken(t *testing.T) {
	for address, ok := range map[string]bool{
		"127.0.0.1:8090":          true,
		"127.8.9.10:0":            true,
		"[::1]:8090":              true,
		"[::ffff:127.0.0.1]:8090": true,
		"localhost:8090":          true,
		":8090":                   false,
		"0.0.0.0:8090":            false,
		"[::]:8090":               false,
		"192.168.1.2:8090":        false,
		"example.com:8090":        false,
		"localhost.example:8090":  false,
		"127.0.0.1":               false,
		"8090":                    false,
	} {
		if err := loopbackOnly("--slack", address); (err == nil) != ok {
			t.Errorf("%s: %v, want taken %v", address, err, ok)
		}
	}
}
