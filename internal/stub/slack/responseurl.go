package slack

import (
	"net/http"
	"time"
)

// A response URL may be used five times within half an hour.
// Source: https://docs.slack.dev/interactivity/handling-user-interaction ("up to 5 times within 30 minutes"), and
// https://zenn.dev/slack/articles/256c916f71b343. The codes used_url and expired_url, and the 404 with them, are not
// documented.
const (
	responseUses = 5
	responseLife = 30 * time.Minute
)

type responseURL struct {
	user, channel string
	ts            string // of the message that was acted on; empty for a command
	at            time.Time
	uses          int
}

// newResponseURL gives an address at which the app may answer a person. Callers hold mu.
func (s *Server) newResponseURL(user, channel, ts string) string {
	id := newID("")
	s.secrets[id] = &responseURL{user: user, channel: channel, ts: ts, at: s.opts.Now()}
	return s.URL() + "/response/" + id
}

func (s *Server) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	a, _, bad := parseArgs(r)
	rec := Call{Method: "response_url", Token: tokenNone, Args: a.recorded()}
	s.answer(w, r, rec, func() (map[string]any, *apiError) {
		if bad != "" {
			return nil, &apiError{code: bad, status: http.StatusBadRequest}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.respond(r.PathValue("id"), a); err != nil {
			setIf(&err.status, http.StatusBadRequest)
			return nil, err
		}
		return map[string]any{"ok": true}, nil
	})
}

// respond shows an answer: a new message to the person (or, with response_type in_channel, to all), or the acted-on
// message replaced or deleted. It works in channels the bot is not in.
// Source: https://docs.slack.dev/messaging/modifying-messages and
// https://docs.slack.dev/interactivity/handling-user-interaction. Callers hold mu.
func (s *Server) respond(id string, a args) *apiError {
	u := s.secrets[id]
	switch {
	case u == nil:
		return &apiError{code: "invalid_url", status: http.StatusNotFound}
	case s.opts.Now().Sub(u.at) > responseLife:
		return &apiError{code: "expired_url", status: http.StatusNotFound}
	case u.uses >= responseUses:
		return &apiError{code: "used_url", status: http.StatusNotFound}
	}
	original := s.find(u.channel, u.ts)
	if original != nil && original.Deleted {
		original = nil
	}
	if a.yes("delete_original") && original != nil {
		original.Deleted = true
		u.uses++
		s.touch(original)
		return nil
	}
	body, err := s.readContent(a)
	if err != nil {
		return err
	}
	if body.text == "" && len(body.blocks) == 0 && len(body.attachments) == 0 {
		return fail("no_text")
	}
	u.uses++
	if a.yes("replace_original") && original != nil {
		if body.metadata == nil {
			body.metadata = original.Metadata
		}
		s.write(original, body, "response_url")
		return nil
	}
	m := &Message{Channel: u.channel, User: BotUserID, BotID: BotID, To: u.user, ThreadTS: a.str("thread_ts")}
	if a.str("response_type") == "in_channel" {
		m.To = ""
	}
	s.store(m, body, "response_url")
	return nil
}
