package ecs

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

var curlLine = regexp.MustCompile(`^curl (?:(-N) |--json '([^']*)' |-X (DELETE) )?"?\$STUB(/[^"]*)"?$`)

// Every curl line of the document does what it says on a fresh server.
func TestDocumentedControls(t *testing.T) {
	text, err := os.ReadFile("../../../docs/stub-ecs.md")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := start(t, Options{})
	tried := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "curl ") {
			continue
		}
		m := curlLine.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("not understood: %s", line)
			continue
		}
		tried++
		stream, body, method, path := m[1] != "", m[2], m[3], m[4]
		if method == "" {
			method = http.MethodGet
			if body != "" {
				method = http.MethodPost
			}
		}
		r, err := http.NewRequest(method, s.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK || stream != (resp.Header.Get("Content-Type") == "text/event-stream") {
			t.Errorf("%s: %d", line, resp.StatusCode)
		}
		resp.Body.Close()
	}
	if tried < 25 {
		t.Errorf("only %d lines found", tried)
	}
	for _, value := range []string{DefaultKeyID, DefaultKeySecret, DefaultAccountID, DefaultAccounts()[0].ARN(DefaultRole)} {
		if !strings.Contains(string(text), value) {
			t.Errorf("the document does not name %s", value)
		}
	}
	for name := range actionTable() {
		if _, call, _ := strings.Cut(name, "."); !strings.Contains(string(text), "`"+call+"`") {
			t.Errorf("the document does not name %s", call)
		}
	}
}
