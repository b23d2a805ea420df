package ecs_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ecs-migrate/internal/ecs"
	"ecs-migrate/internal/migration"
	stub "ecs-migrate/internal/stub/ecs"
)

// roleARN is the stub's default role.
const roleARN = "acs:ram::" + stub.DefaultAccountID + ":role/" + stub.DefaultRole

func TestWhatIsConfiguredWrongIsToldAtOnce(t *testing.T) {
	environment(t, "id", "secret")
	for endpoint, want := range map[string]string{
		"":                              "",
		"https://ecs.example.internal":  "",
		"https://10.0.0.1:8443/":        "",
		"http://127.0.0.1:8080":         "",
		"http://[::1]:8080":             "",
		"http://localhost:1":            "",
		"http://ecs.example.internal":   "https://",
		"http://127.0.0.1.evil.example": "https://",
		"http://10.0.0.1":               "https://",
		"ftp://127.0.0.1":               "https://",
		"ecs.example.internal":          "no address",
		"https://user:pw@example":       "no address",
		"https://example/path":          "no address",
		"https://example/?a=b":          "no address",
		"https://":                      "no address",
		"://":                           "no address",
	} {
		_, err := ecs.New(ecs.Options{Account: "prod", Endpoint: endpoint})
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", endpoint, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("%q: the error tells the password", endpoint)
		}
	}
	if _, err := ecs.New(ecs.Options{}); err == nil {
		t.Error("an account without a name was taken")
	}
	if _, err := ecs.New(ecs.Options{Account: "prod", Tries: -1}); err == nil {
		t.Error("a negative limit was taken")
	}
	t.Setenv("DEBUG", "http,sdk")
	if _, err := ecs.New(ecs.Options{Account: "prod"}); err == nil || !strings.Contains(err.Error(), "DEBUG=sdk") {
		t.Errorf("DEBUG=sdk: %v", err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhereCredentialsComeFrom(t *testing.T) {
	cli := func(name string) string {
		return fmt.Sprintf(`{"current":%q,"profiles":[{"name":%q,"mode":"AK","access_key_id":%q,"access_key_secret":%q}]}`,
			name, name, stub.DefaultKeyID, stub.DefaultKeySecret)
	}
	file := func(name string) string {
		return fmt.Sprintf("[%s]\ntype = access_key\naccess_key_id = %s\naccess_key_secret = %s\n", name, stub.DefaultKeyID, stub.DefaultKeySecret)
	}
	for name, c := range map[string]struct {
		profile   string
		env       bool
		cli, file string
		want      migration.CloudErrorKind
	}{
		"environment":                    {env: true},
		"environment before the profile": {env: true, cli: "{broken"},
		"current CLI profile":            {cli: cli("work")},
		"default of the file":            {file: file("default")},
		"named CLI profile":              {profile: "work", cli: cli("work")},
		"named profile of the file":      {profile: "work", file: file("work")},
		"named one is not the current":   {profile: "work", cli: cli("other"), file: file("work")},
		"none at all":                    {want: migration.CloudUntrusted},
		"no such profile":                {profile: "work", env: true, cli: cli("other"), file: file("default"), want: migration.CloudUntrusted},
		"a broken CLI profile":           {cli: cli("work")[:80], want: migration.CloudUntrusted},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, ecs.Options{})
			if !c.env {
				t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "")
			}
			if c.cli != "" {
				write(t, filepath.Join(os.Getenv("HOME"), ".aliyun", "config.json"), c.cli)
			}
			if c.file != "" {
				write(t, filepath.Join(os.Getenv("HOME"), ".alibabacloud", "credentials"), c.file)
			}
			client := w.client(ecs.Options{Profile: c.profile})
			for range 2 {
				_, err := pending(t.Context(), client, hangzhou)
				if migration.CloudKind(err) != c.want {
					t.Errorf("got %v, want %q", err, c.want)
				}
				if err != nil && strings.Contains(err.Error(), stub.DefaultKeyID) {
					t.Errorf("the error tells the key: %v", err)
				}
			}
		})
	}
}

func TestARoleIsAssumedAtTheSameEndpoint(t *testing.T) {
	w := newWorld(t, ecs.Options{RoleARN: roleARN})
	id := w.announce(stub.EventSpec{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := pending(t.Context(), w.ecs, hangzhou); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := w.ecs.Reschedule(t.Context(), hangzhou, id, web, w.now.Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if n := len(w.requests("AssumeRole")); n != 1 {
		t.Errorf("the role was assumed %d times, want once", n)
	}
	for _, q := range w.requests("DescribeInstanceHistoryEvents") {
		if !strings.HasPrefix(q.Get("AccessKeyId"), "STS.") || q.Get("SecurityToken") == "" {
			t.Error("a call was not signed by the role")
		}
	}
}

func TestARoleThatIsNotToBeHad(t *testing.T) {
	for name, c := range map[string]struct {
		arn   string
		fault stub.Fault
		kind  migration.CloudErrorKind
		code  string
	}{
		"no such role":  {roleARN + "x", stub.Fault{}, migration.CloudUntrusted, "EntityNotExist.Role"},
		"not permitted": {roleARN, stub.Fault{Kind: stub.FaultHide}, migration.CloudNotAllowed, "NoPermission"},
		"Sts is down":   {roleARN, stub.Fault{Kind: stub.FaultDown}, migration.CloudFailing, "ServiceUnavailable"},
		"Sts hangs":     {roleARN, stub.Fault{Kind: stub.FaultHang}, migration.CloudFailing, ""},
		"no keys":       {roleARN, stub.Fault{Kind: stub.FaultGarbage, Body: `{"Credentials":{"AccessKeyId":"STS.secret0001"}}`}, migration.CloudMalformed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, ecs.Options{RoleARN: c.arn, Tries: 2, ReadTimeout: 200 * time.Millisecond})
			if c.fault.Kind != "" {
				c.fault.Action = "AssumeRole"
				w.inject(c.fault)
			}
			// Also for a change: nothing of it was sent.
			err := w.ecs.Accept(t.Context(), hangzhou, "e-1")
			if e := cloudError(t, err); e.Kind != c.kind || e.Code != c.code || e.Action != "sts:AssumeRole" {
				t.Errorf("got %v, want %s %s", err, c.kind, c.code)
			}
		})
	}
}

// sts is a cloud whose sessions are numbered and end when the test says so.
type sts struct {
	mu      sync.Mutex
	assumed int
	lasts   time.Duration
	ended   int // sessions up to this one are not accepted
}

func (s *sts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	if q.Get("Action") == "AssumeRole" {
		s.assumed++
		fmt.Fprintf(w, `{"Credentials":{"AccessKeyId":"STS.session%d","AccessKeySecret":"s","SecurityToken":"t%d","Expiration":%q}}`,
			s.assumed, s.assumed, time.Now().Add(s.lasts).UTC().Format("2006-01-02T15:04:05Z"))
		return
	}
	var n int
	fmt.Sscanf(q.Get("SecurityToken"), "t%d", &n)
	if n <= s.ended {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"Code":"InvalidSecurityToken.Expired","Message":"Specified SecurityToken is expired."}`)
		return
	}
	fmt.Fprint(w, `{"RequestId":"R"}`)
}

func TestASessionIsRenewed(t *testing.T) {
	cloud := &sts{lasts: time.Hour}
	environment(t, "LTAIownCloudKey0001", "own-cloud-secret")
	w := &world{t: t, log: &buffer{}, at: server(t, cloud)}
	client := func() *ecs.Client { return w.client(ecs.Options{RoleARN: roleARN}) }
	ask := func(c *ecs.Client) {
		t.Helper()
		if err := c.Accept(t.Context(), hangzhou, "e-1"); err != nil {
			t.Error(err)
		}
	}
	c := client()
	ask(c)
	ask(c)
	if cloud.assumed != 1 {
		t.Errorf("assumed %d times, want once for a session that lasts", cloud.assumed)
	}
	cloud.ended = 1 // the cloud knows it no more: the role was edited, or the host's clock is slow
	ask(c)
	if cloud.assumed != 2 {
		t.Errorf("assumed %d times, want again after the cloud refused the session", cloud.assumed)
	}
	cloud.lasts, cloud.assumed = 4*time.Minute, 1
	c = client()
	ask(c)
	ask(c)
	if cloud.assumed != 3 {
		t.Errorf("assumed %d times, want at each call for a session that soon ends", cloud.assumed-1)
	}
	cloud.ended = 1 << 30
	err := c.Accept(t.Context(), hangzhou, "e-1")
	if e := cloudError(t, err); e.Kind != migration.CloudUntrusted || e.Code != "InvalidSecurityToken.Expired" {
		t.Errorf("never accepted: %v", err)
	}
}
