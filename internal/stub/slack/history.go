package slack

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// shape is a message as the API shows it. Metadata is shown where asked for only
// (https://docs.slack.dev/reference/methods/conversations.history, include_all_metadata). Callers hold mu.
func (s *Server) shape(m *Message, metadata bool) map[string]any {
	if m.Deleted {
		// What stays of a deleted parent with replies. Source: https://docs.slack.dev/reference/events/message
		// (subtype tombstone); the text is not confirmed.
		return s.threadFields(m, map[string]any{"type": "message", "subtype": "tombstone", "ts": m.TS, "user": "USLACKBOT",
			"hidden": true, "text": "This message was deleted."})
	}
	out := map[string]any{"type": "message", "ts": m.TS, "user": m.User, "text": m.Text, "team": TeamID}
	if m.BotID != "" {
		out["bot_id"], out["app_id"] = m.BotID, AppID
		out["bot_profile"] = map[string]any{"id": BotID, "app_id": AppID, "name": botName, "team_id": TeamID, "deleted": false, "updated": 0}
	}
	if len(m.Blocks) > 0 {
		out["blocks"] = m.Blocks
	}
	if len(m.Attachments) > 0 {
		out["attachments"] = m.Attachments
	}
	if len(m.Files) > 0 {
		files := make([]map[string]any, len(m.Files))
		for i, f := range m.Files {
			files[i] = map[string]any{"id": f.ID, "name": f.Name, "title": f.Title, "size": f.Size}
		}
		out["files"] = files
	}
	if m.Edited {
		last := m.Versions[len(m.Versions)-1]
		out["edited"] = map[string]any{"user": m.User, "ts": formatTS(last.At.Unix() * 1_000_000)}
	}
	if metadata && m.Metadata != nil {
		out["metadata"] = m.Metadata
	}
	if m.Broadcast {
		out["subtype"] = "thread_broadcast"
	}
	return s.threadFields(m, out)
}

// threadFields adds what tells a parent and a reply. Callers hold mu.
func (s *Server) threadFields(m *Message, out map[string]any) map[string]any {
	if m.ThreadTS != "" {
		out["thread_ts"] = m.ThreadTS
		if parent := s.find(m.Channel, m.ThreadTS); parent != nil {
			out["parent_user_id"] = parent.User
		}
		return out
	}
	replies := s.repliesTo(m)
	if len(replies) == 0 {
		return out
	}
	users := []string{}
	for _, r := range replies {
		if !slices.Contains(users, r.User) {
			users = append(users, r.User)
		}
	}
	out["thread_ts"], out["reply_count"], out["latest_reply"] = m.TS, len(replies), replies[len(replies)-1].TS
	out["reply_users"], out["reply_users_count"] = users, len(users)
	return out
}

// repliesTo lists a parent's living replies, oldest first. Callers hold mu.
func (s *Server) repliesTo(m *Message) []*Message {
	var out []*Message
	for _, r := range s.messages[m.Channel].replies[m.TS] {
		if !r.Deleted {
			out = append(out, r)
		}
	}
	return out
}

func (s *Server) hasReplies(m *Message) bool { return len(s.repliesTo(m)) > 0 }

// readable finds a conversation the bot may read, and checks the scope that its kind needs. Sources:
// https://docs.slack.dev/reference/methods/conversations.history (channels:history, groups:history, im:history;
// channel_not_found, not_in_channel). Archived channels can still be read. Callers hold mu.
func (s *Server) readable(id string) (*Channel, *apiError) {
	c := s.channels[id]
	if c == nil || c.NoBot && c.Private {
		return nil, fail("channel_not_found")
	}
	scope := "channels:history"
	switch {
	case c.IMUser != "":
		scope = "im:history"
	case c.Private:
		scope = "groups:history"
	}
	if err := s.needScope(scope); err != nil {
		return nil, err
	}
	if c.NoBot {
		return nil, fail("not_in_channel")
	}
	return c, nil
}

// span is the part of a conversation that was asked for.
type span struct {
	oldest, latest string
	inclusive      bool
	limit, from    int
}

var tsForm = regexp.MustCompile(`^\d+(\.\d+)?$`)

// readSpan reads oldest, latest, inclusive, limit and cursor. Defaults and bounds (100, at most 999; 1,000 for
// replies) and the codes are from https://docs.slack.dev/reference/methods/conversations.history and
// https://docs.slack.dev/reference/methods/conversations.replies. A cursor is opaque and, here, bound to nothing.
func readSpan(a args, byDefault, most int) (span, *apiError) {
	p := span{oldest: a.str("oldest"), latest: a.str("latest"), inclusive: a.yes("inclusive"), limit: byDefault}
	if p.oldest != "" && !tsForm.MatchString(p.oldest) {
		return p, fail("invalid_ts_oldest")
	}
	if p.latest != "" && !tsForm.MatchString(p.latest) {
		return p, fail("invalid_ts_latest")
	}
	if l := a.str("limit"); l != "" && l != "0" {
		n, err := strconv.Atoi(l)
		if err != nil || n < 1 || n > most {
			return p, fail("invalid_limit")
		}
		p.limit = n
	}
	if c := a.str("cursor"); c != "" {
		raw, err := base64.StdEncoding.DecodeString(c)
		n, err2 := strconv.Atoi(strings.TrimPrefix(string(raw), "next:"))
		if err != nil || err2 != nil || n < 0 || !strings.HasPrefix(string(raw), "next:") {
			return p, fail("invalid_cursor")
		}
		p.from = n
	}
	return p, nil
}

// holds tells whether a time is inside the span; its bounds count only when inclusive.
func (p span) holds(ts string) bool {
	at := micros(ts)
	if p.oldest != "" {
		if o := micros(p.oldest); at < o || at == o && !p.inclusive {
			return false
		}
	}
	if p.latest != "" {
		if l := micros(p.latest); at > l || at == l && !p.inclusive {
			return false
		}
	}
	return true
}

// micros is a message time as a number; what follows the sixth decimal does not count.
func micros(ts string) int64 {
	sec, frac, _ := strings.Cut(ts, ".")
	n, _ := strconv.ParseInt(sec+(frac + "000000")[:6], 10, 64) // checked by tsForm; out of range gives the extreme
	return n
}

// page cuts a page out of what was found and says where the next begins.
func (p span) page(found []*Message) (list []*Message, next string) {
	list = found[min(p.from, len(found)):]
	if len(list) > p.limit {
		list = list[:p.limit]
		next = base64.StdEncoding.EncodeToString([]byte("next:" + strconv.Itoa(p.from+p.limit)))
	}
	return list, next
}

func (s *Server) answerPage(c *call, p span, found []*Message) map[string]any {
	list, next := p.page(found)
	shapes := make([]map[string]any, 0, len(list))
	for _, m := range list {
		shapes = append(shapes, s.shape(m, c.args.yes("include_all_metadata")))
	}
	out := map[string]any{"messages": shapes, "has_more": next != ""}
	if next != "" {
		out["response_metadata"] = map[string]any{"next_cursor": next}
	}
	return out
}

// history is conversations.history: newest first, replies left out unless broadcast, ephemeral messages never.
// Source: https://docs.slack.dev/reference/methods/conversations.history
func (s *Server) history(c *call) (map[string]any, *apiError) {
	ch, err := s.readable(c.args.str("channel"))
	if err != nil {
		return nil, err
	}
	p, err := readSpan(c.args, 100, 999)
	if err != nil {
		return nil, err
	}
	var found []*Message
	if t := s.messages[ch.ID]; t != nil {
		for _, m := range slices.Backward(t.list) {
			if m.To == "" && (m.ThreadTS == "" || m.Broadcast) && p.holds(m.TS) && (!m.Deleted || s.hasReplies(m)) {
				found = append(found, m)
			}
		}
	}
	out := s.answerPage(c, p, found)
	out["pin_count"] = 0
	return out, nil
}

// replies is conversations.replies: the parent first, then its replies, oldest first; a reply's own ts gives that
// reply alone. Source: https://docs.slack.dev/reference/methods/conversations.replies (thread_not_found). That the
// parent heads every page is not confirmed; here it heads the first.
func (s *Server) replies(c *call) (map[string]any, *apiError) {
	ch, err := s.readable(c.args.str("channel"))
	if err != nil {
		return nil, err
	}
	p, err := readSpan(c.args, 1000, 1000)
	if err != nil {
		return nil, err
	}
	m := s.find(ch.ID, c.args.str("ts"))
	if m == nil || m.To != "" || m.Deleted && !s.hasReplies(m) {
		return nil, fail("thread_not_found")
	}
	found := []*Message{m}
	if m.ThreadTS == "" {
		for _, r := range s.repliesTo(m) {
			if p.holds(r.TS) {
				found = append(found, r)
			}
		}
	}
	return s.answerPage(c, p, found), nil
}
