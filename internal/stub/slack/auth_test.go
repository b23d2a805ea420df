package slack_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	slackstub "ecs-migrate/internal/stub/slack"
)

// Sources: docs.slack.dev/reference/methods/auth.test and .../apps.connections.open (error lists).
func TestTokens(t *testing.T) {
	s := start(t, slackstub.Options{})
	for _, c := range []struct{ method, token, want string }{
		{"auth.test", s.BotToken(), ""},
		{"auth.test", "", "not_authed"},
		{"auth.test", "xoxb-of-someone-else", "invalid_auth"},
		{"auth.test", s.AppToken(), "not_allowed_token_type"},
		{"apps.connections.open", s.AppToken(), ""},
		{"apps.connections.open", s.BotToken(), "not_allowed_token_type"},
		{"apps.connections.open", "xapp-of-someone-else", "invalid_auth"},
		{"chat.postCard", s.BotToken(), "unknown_method"},
	} {
		if a := post(t, s.APIURL()+c.method, c.token, ""); a.code() != c.want {
			t.Errorf("%s with %q: %q, want %q", c.method, c.token, a.code(), c.want)
		}
	}
	for _, c := range s.Calls("") {
		if strings.HasPrefix(c.Token, "xo") || strings.HasPrefix(c.Token, "xapp") {
			t.Errorf("a token was recorded: %q", c.Token)
		}
	}
}

// The three ways of the clients in use: form field, header with form, header with JSON.
func TestTokenMayStandInTheBody(t *testing.T) {
	s := start(t, slackstub.Options{})
	if a := form(t, s, "auth.test", url.Values{"token": {s.BotToken()}}); a.code() != "" {
		t.Errorf("form: %v", a.body)
	}
	if a := post(t, s.APIURL()+"auth.test", "", map[string]any{"token": s.BotToken()}); a.code() != "" {
		t.Errorf("JSON: %v", a.body)
	}
	// docs.slack.dev/reference/methods/apps.connections.open: not as a parameter.
	if a := form(t, s, "apps.connections.open", url.Values{"token": {s.AppToken()}}); a.code() != "not_authed" {
		t.Errorf("app token in a form: %v", a.body)
	}
	for _, c := range s.Calls("auth.test") {
		if c.Args["token"] != nil || c.Token != "bot" {
			t.Errorf("recorded %v of a %s token", c.Args, c.Token)
		}
	}
}

// Source: docs.slack.dev/reference/methods/chat.update (errors of the request's form).
func TestBodies(t *testing.T) {
	s := start(t, slackstub.Options{})
	for _, c := range []struct{ kind, body, want string }{
		{"application/json", `{"channel":"` + ops + `","text":"hi"}`, ""},
		{"application/json", `{"channel":`, "invalid_json"},
		{"application/json", `[1]`, "json_not_object"},
		{"application/x-www-form-urlencoded", "channel=" + ops + "&text=hi", ""},
		{"application/x-www-form-urlencoded", "channel=%zz", "invalid_form_data"},
		{"application/x-www-form-urlencoded; charset=utf-7", "text=hi", "invalid_charset"},
		{"application/xml", "<a/>", "invalid_post_type"},
		{"", "text=hi", "missing_post_type"},
	} {
		req, err := http.NewRequestWithContext(soon(t), http.MethodPost, s.APIURL()+"chat.postMessage", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+s.BotToken())
		if c.kind != "" {
			req.Header.Set("Content-Type", c.kind)
		}
		if a := do(t, req); a.code() != c.want {
			t.Errorf("%s %q: %v, want %q", c.kind, c.body, a.body, c.want)
		}
	}
}

// Source: docs.slack.dev/reference/methods (each method's scopes), missing_scope with needed and provided.
func TestScopes(t *testing.T) {
	s := start(t, slackstub.Options{Scopes: []string{"commands"}})
	for method, scope := range map[string]string{
		"chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.postEphemeral": "chat:write",
		"users.info": "users:read", "usergroups.users.list": "usergroups:read", "conversations.open": "im:write",
		"files.getUploadURLExternal": "files:write", "files.completeUploadExternal": "files:write",
	} {
		a := call(t, s, method, map[string]any{"channel": ops})
		if a.code() != "missing_scope" || a.body["needed"] != scope || a.body["provided"] != "commands" {
			t.Errorf("%s: %v", method, a.body)
		}
	}
	for channel, scope := range map[string]string{ops: "channels:history", secret: "groups:history"} {
		if a := call(t, s, "conversations.history", map[string]any{"channel": channel}); a.body["needed"] != scope {
			t.Errorf("history of %s: %v", channel, a.body)
		}
	}
	if used := s.ScopesUsed(); len(used) != 0 {
		t.Errorf("used %v", used)
	}
}

func TestScopesUsedAreRecorded(t *testing.T) {
	s := start(t, slackstub.Options{})
	must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "hi"})
	must(t, s, "conversations.history", map[string]any{"channel": secret})
	must(t, s, "auth.test", "")
	if got := strings.Join(s.ScopesUsed(), " "); got != "chat:write groups:history" {
		t.Errorf("used %q", got)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	for name, o := range map[string]slackstub.Options{
		"swapped bot token": {BotToken: "xapp-1"}, "swapped app token": {AppToken: "xoxb-1"}, "negative": {AckTimeout: -1},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was accepted", name)
				}
			}()
			slackstub.New(o)
		}()
	}
}
