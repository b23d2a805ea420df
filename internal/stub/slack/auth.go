package slack

import (
	"net/http"
	"slices"
	"strings"
)

// Kinds of token, as recorded.
const (
	tokenBot     = "bot"
	tokenApp     = "app"
	tokenNone    = "none"
	tokenUnknown = "unknown"
)

func bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func (s *Server) tokenKind(token string) string {
	switch token {
	case "":
		return tokenNone
	case s.opts.BotToken:
		return tokenBot
	case s.opts.AppToken:
		return tokenApp
	}
	return tokenUnknown
}

// authorize refuses a call whose token is missing, unknown or of the wrong kind. The codes are in the error list
// of every method, such as https://docs.slack.dev/reference/methods/auth.test. That apps.connections.open wants
// its token in the header only: https://docs.slack.dev/reference/methods/apps.connections.open (the code it
// answers otherwise is not documented; not_authed is a guess).
func (s *Server) authorize(m method, header, param string) *apiError {
	token := header
	if token == "" && m.token == tokenBot {
		token = param
	}
	kind := s.tokenKind(token)
	switch {
	case kind == tokenNone:
		return fail("not_authed")
	case kind == tokenUnknown:
		return fail("invalid_auth")
	case kind != m.token:
		return fail("not_allowed_token_type")
	}
	return nil
}

// needScope refuses a call of a bot token without the scope, with what was needed and what the token has.
// Source: https://docs.slack.dev/reference/methods/auth.test (error missing_scope) and the needed and provided
// fields that every official client types, such as slackapi/node-slack-sdk, WebAPICallResult. Callers hold mu.
func (s *Server) needScope(scope string) *apiError {
	if scope == "" {
		return nil
	}
	if !slices.Contains(s.opts.Scopes, scope) {
		e := fail("missing_scope")
		e.extra = map[string]any{"needed": scope, "provided": strings.Join(s.opts.Scopes, ",")}
		return e
	}
	s.rec.scopes[scope] = true
	return nil
}
