package slack

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

const document = "../../../docs/stub-slack.md"

// Every page of the control API has its line in the document, and every line there is understood by the server: read
// strictly, and refused at most because what it names is not there.
func TestDocumentShowsEveryPage(t *testing.T) {
	raw, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{})
	defer s.Close()
	routes := s.controlRoutes()
	shown := map[string]bool{}
	line := regexp.MustCompile(`(?m)^curl (.*?)"?\$SLACK(/control/[a-z]*)(\?[^" ]*)?"?(?: -d '(.*)')?$`)
	for _, m := range line.FindAllStringSubmatch(string(raw), -1) {
		method := http.MethodGet
		if m[4] != "" {
			method = http.MethodPost
		}
		if strings.Contains(m[1], "-X DELETE") {
			method = http.MethodDelete
		}
		pattern := method + " " + m[2]
		if m[2] == "/control/" {
			pattern += "{$}"
		}
		if routes[pattern] == nil {
			t.Errorf("%s is shown but there is no such page", pattern)
			continue
		}
		shown[pattern] = true
		if m[2] == "/control/stream" {
			continue // never ends
		}
		r := httptest.NewRequest(method, m[2]+strings.Replace(m[3], "wait=30", "wait=0", 1), strings.NewReader(m[4]))
		r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1"
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusNotFound {
			t.Errorf("%s: %d %s", m[0], w.Code, w.Body)
		}
	}
	for pattern := range routes {
		if !shown[pattern] {
			t.Errorf("%s has no line in %s", pattern, document)
		}
	}
}

// Every method of the Web API is named in the document.
func TestDocumentNamesEveryMethod(t *testing.T) {
	raw, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.FieldsFunc(string(raw), func(r rune) bool { return !unicode.IsLetter(r) && r != '.' })
	named := 0
	for _, w := range words {
		if _, ok := methods(w); ok {
			named++
		}
	}
	if named < 15 {
		t.Errorf("%d methods are named", named)
	}
}
