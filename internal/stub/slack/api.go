package slack

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// apiError is a refusal: Slack's code, and what goes beside it in the answer.
type apiError struct {
	code   string
	status int // 200 when zero
	retry  int // Retry-After seconds, none when zero
	extra  map[string]any
}

func fail(code string) *apiError { return &apiError{code: code} }

// invalid is a refusal with reasons, told twice as the real one does: plain in errors, marked in response_metadata.
// Source: https://github.com/adobe/spacecat-api-service/issues/176 (errors) and the test data of
// slackapi/node-slack-sdk, packages/web-api/src/WebClient.test.ts (response_metadata.messages).
func invalid(code string, reasons []string) *apiError {
	marked := make([]string, len(reasons))
	for i, r := range reasons {
		marked[i] = "[ERROR] " + r
	}
	return &apiError{code: code, extra: map[string]any{
		"errors":            reasons,
		"response_metadata": map[string]any{"messages": marked},
	}}
}

func (e *apiError) answer() map[string]any {
	out := map[string]any{"ok": false, "error": e.code}
	maps.Copy(out, e.extra)
	return out
}

// call is one request on its way through.
type call struct {
	args   args
	method string
	host   string // where the caller reached us
}

// method is one entry of the Web API. do runs with mu held.
type method struct {
	token string // the kind it takes
	scope string // the scope it needs, when that does not depend on the arguments
	tier  tier
	do    func(*Server, *call) (map[string]any, *apiError)
}

// methods are those a bot with cards, forms, a command and a Home tab needs. Scopes and tiers are each method's
// own, from its page under https://docs.slack.dev/reference/methods/ and, for tiers, from
// slackapi/java-slack-sdk, MethodsRateLimits.java. apps.connections.open is tier 1 there and tier 3 on the page as
// quoted by https://hex.pm/packages/slack_kit; the laxer is kept, since reconnecting often is what tests do.
func methods(name string) (method, bool) {
	m, ok := map[string]method{
		"apps.connections.open":        {tokenApp, "", tier3, (*Server).connectionsOpen},
		"auth.test":                    {tokenBot, "", tierAuth, (*Server).authTest},
		"chat.getPermalink":            {tokenBot, "", tierAuth, (*Server).getPermalink},
		"chat.postEphemeral":           {tokenBot, "chat:write", tier4, (*Server).postEphemeral},
		"chat.postMessage":             {tokenBot, "chat:write", tierPost, (*Server).postMessage},
		"chat.update":                  {tokenBot, "chat:write", tier3, (*Server).updateMessage},
		"conversations.history":        {tokenBot, "", tier3, (*Server).history},
		"conversations.open":           {tokenBot, "im:write", tier3, (*Server).conversationsOpen},
		"conversations.replies":        {tokenBot, "", tier3, (*Server).replies},
		"files.completeUploadExternal": {tokenBot, "files:write", tier4, (*Server).completeUpload},
		"files.getUploadURLExternal":   {tokenBot, "files:write", tier4, (*Server).uploadURL},
		"usergroups.users.list":        {tokenBot, "usergroups:read", tier2, (*Server).groupUsers},
		"users.info":                   {tokenBot, "users:read", tier4, (*Server).usersInfo},
		"views.open":                   {tokenBot, "", tier4, (*Server).viewsOpen},
		"views.publish":                {tokenBot, "", tier4, (*Server).viewsPublish},
		"views.push":                   {tokenBot, "", tier4, (*Server).viewsPush},
		"views.update":                 {tokenBot, "", tier4, (*Server).viewsUpdate},
	}[name]
	return m, ok
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	m, known := methods(name)
	a, param, badBody := parseArgs(r)
	header := bearer(r)
	if m.token == tokenBot {
		w.Header().Set("X-OAuth-Scopes", strings.Join(s.opts.Scopes, ","))
	}
	rec := Call{Method: name, Token: s.tokenKind(cmp.Or(header, param)), Args: a.recorded()}
	s.answer(w, r, rec, func() (map[string]any, *apiError) {
		switch {
		case !known:
			return nil, fail("unknown_method")
		case badBody != "":
			return nil, fail(badBody)
		}
		return s.run(m, &call{args: a, method: name, host: r.Host}, header, param)
	})
}

// answer does the work of one call, unless bad luck strikes before, answers unless it strikes after, and records it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, rec Call, work func() (map[string]any, *apiError)) {
	rec.At = s.opts.Now()
	defer func() { s.recordCall(rec) }()
	fault := s.faultFor(rec.Method)
	if fault != nil {
		rec.Fault = fault.ID
	}
	strike := func(when bool) *apiError {
		if fault == nil || fault.AfterWork != when {
			return nil
		}
		if !s.strike(fault, r) {
			return &apiError{} // no answer
		}
		return fault.spoil()
	}
	var out map[string]any
	err := strike(false)
	if err == nil {
		out, err = work()
		rec.Worked = err == nil
		if spoilt := strike(true); spoilt != nil {
			err = spoilt
		}
	}
	if err != nil && err.code == "" {
		panic(http.ErrAbortHandler)
	}
	rec.Status = http.StatusOK
	if err != nil {
		out, rec.Status, rec.Error = err.answer(), max(err.status, http.StatusOK), err.code
		if err.retry > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(err.retry))
		}
	}
	rec.Answer = out
	writeJSON(w, rec.Status, out)
}

// run checks the token, the limits and the scope, in that order, and does the work.
func (s *Server) run(m method, c *call, header, param string) (map[string]any, *apiError) {
	if err := s.authorize(m, header, param); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.limiter.take(c.method, m.tier, s.opts.Now()); err != nil {
		return nil, err
	}
	if err := s.needScope(m.scope); err != nil {
		return nil, err
	}
	answer, err := m.do(s, c)
	if err != nil {
		return nil, err
	}
	answer["ok"] = true
	return answer, nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the caller has gone; nobody is left to tell
}
