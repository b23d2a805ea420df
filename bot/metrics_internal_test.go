package bot

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestOnlySlacksMethodsHaveANameInTheMetrics(t *testing.T) {
	for address, want := range map[string]string{
		"https://slack.com/api/chat.postMessage":                          "chat.postMessage",
		"https://slack.com/api/usergroups.users.list":                     "usergroups.users.list",
		"https://slack.com/api/files.getUploadURLExternal?filename=a.ics": "files.getUploadURLExternal",
		"https://files.slack.com/upload/v1/ABQAAFNNmYxGqQ1h0y":            "other",
		"https://slack.com/api/upload/ABQAAFNNmYxGqQ1h0y":                 "other",
		"https://slack.com/api/ABQAAFNNmYxGqQ1h0y":                        "other",
		"https://slack.com/chat.postMessage":                              "other",
		"http://slack.com/api/chat.postMessage":                           "other",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := methodOf(u, "https://slack.com/api/"); got != want {
			t.Errorf("%s is counted as %s, want %s", address, got, want)
		}
	}
}

func TestWhatAnswersSayOfTheToken(t *testing.T) {
	for name, c := range map[string]struct{ before, method, body, want string }{
		"revoked":                    {"", "users.info", `{"ok":false,"error":"token_revoked"}`, "token_revoked"},
		"taken again":                {"token_revoked", "views.publish", `{"ok":true}`, ""},
		"an answer of its own":       {"token_revoked", "users.info", `{"ok":false,"error":"user_not_found"}`, "token_revoked"},
		"a scope that a post lacks":  {"missing_scope", "users.info", `{"ok":true}`, "missing_scope"},
		"a scope that this lacks":    {"", "users.info", `{"ok":false,"error":"missing_scope"}`, ""},
		"the app's token":            {"", openConnection, `{"ok":false,"error":"invalid_auth"}`, ""},
		"the app's token is taken":   {"invalid_auth", openConnection, `{"ok":true}`, "invalid_auth"},
		"an upload":                  {"invalid_auth", otherAddress, `{"ok":true}`, "invalid_auth"},
		"what is no answer of Slack": {"invalid_auth", "users.info", `<html>`, "invalid_auth"},
	} {
		t.Run(name, func(t *testing.T) {
			token := new(botToken)
			if c.before != "" {
				token.refused.Store(&c.before)
			}
			answer := &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(c.body))}
			token.overhear(answer, c.method)
			if body, err := io.ReadAll(answer.Body); string(body) != c.body || err != nil {
				t.Errorf("%s, %v arrives", body, err)
			}
			if err := answer.Body.Close(); err != nil || token.code() != c.want {
				t.Errorf("%q is known, want %q; %v", token.code(), c.want, err)
			}
		})
	}
}
