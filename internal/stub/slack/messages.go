package slack

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Message is one message as it stands, with the versions it had before.
type Message struct {
	Channel     string           `json:"channel"`
	TS          string           `json:"ts"`
	ThreadTS    string           `json:"thread_ts,omitempty"` // of a reply, its parent's ts
	Broadcast   bool             `json:"reply_broadcast,omitempty"`
	User        string           `json:"user"`
	BotID       string           `json:"bot_id,omitempty"`
	Text        string           `json:"text"`
	Blocks      []map[string]any `json:"blocks,omitempty"` // as sent, with a block_id in each
	Attachments []map[string]any `json:"attachments,omitempty"`
	Metadata    *Metadata        `json:"metadata,omitempty"`
	Files       []File           `json:"files,omitempty"`
	Edited      bool             `json:"edited,omitempty"` // shows "(edited)"
	Deleted     bool             `json:"deleted,omitempty"`
	To          string           `json:"to,omitempty"`       // an ephemeral message's only reader
	Versions    []Version        `json:"versions,omitempty"` // oldest first, the present one last
	Seq         int64            `json:"seq"`                // number of the change that made it so
}

// Metadata is what an app attaches to a message for itself and other apps.
type Metadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload"`
}

// Version is a message's content at one time.
type Version struct {
	At       time.Time        `json:"at"`
	By       string           `json:"by"` // the method, or "person"
	Text     string           `json:"text"`
	Blocks   []map[string]any `json:"blocks,omitempty"`
	Metadata *Metadata        `json:"metadata,omitempty"`
}

// JSON is the message's blocks as JSON, for comparing with a golden file.
func (m Message) JSON() string {
	out, _ := json.MarshalIndent(m.Blocks, "", "  ") // of decoded JSON: cannot fail
	return string(out)
}

// Actions lists the action_ids that a reader can use, in order.
func (m Message) Actions() []string { return actionIDs(m.Blocks) }

func actionIDs(blocks []map[string]any) []string {
	var out []string
	for _, i := range interactives(blocks) {
		out = append(out, i.actionID())
	}
	return out
}

// timeline is one conversation's messages, oldest first; ephemeral ones among them.
type timeline struct {
	list    []*Message
	byTS    map[string]*Message
	replies map[string][]*Message // by the parent's ts
}

// truncate cuts a text at Slack's limit and notes it. Callers hold mu.
func (s *Server) truncate(text, cause string) string {
	runes := []rune(text)
	if len(runes) <= maxPostText {
		return text
	}
	s.violation("text over 40,000 characters was cut", cause)
	return string(runes[:maxPostText])
}

// place finds where a message may be posted. A user's id stands for the direct message with them, opened if need
// be. Source: https://docs.slack.dev/reference/methods/chat.postMessage ("Channels", and the errors channel_not_found,
// not_in_channel, is_archived). A private channel without the bot is not_found, not not_in_channel: nobody may learn
// that it exists (not confirmed). Callers hold mu.
func (s *Server) place(id string) (*Channel, *apiError) {
	if u := s.users[id]; u != nil && !u.Deleted && !u.IsBot {
		return s.directMessage(id), nil
	}
	c := s.channels[id]
	switch {
	case c == nil || c.NoBot && c.Private:
		return nil, fail("channel_not_found")
	case c.NoBot:
		return nil, fail("not_in_channel")
	case c.Archived:
		return nil, fail("is_archived")
	}
	return c, nil
}

func (s *Server) postMessage(c *call) (map[string]any, *apiError) {
	ch, err := s.place(c.args.str("channel"))
	if err != nil {
		return nil, err
	}
	body, err := s.readContent(c.args)
	if err != nil {
		return nil, err
	}
	if body.text == "" && len(body.blocks) == 0 && len(body.attachments) == 0 {
		return nil, fail("no_text")
	}
	thread, err := s.threadOf(ch.ID, c.args.str("thread_ts"))
	if err != nil {
		return nil, err
	}
	if err := s.limiter.takePost(ch.ID, s.opts.Now()); err != nil {
		return nil, err
	}
	body.text = s.truncate(body.text, c.method)
	m := &Message{Channel: ch.ID, ThreadTS: thread, Broadcast: thread != "" && c.args.yes("reply_broadcast"), User: BotUserID, BotID: BotID}
	s.store(m, body, c.method)
	return map[string]any{"channel": ch.ID, "ts": m.TS, "message": s.shape(m, true)}, nil
}

// threadOf resolves thread_ts. A reply's own ts leads to its parent ("Avoid using a reply's ts value; use its parent
// instead", https://docs.slack.dev/reference/methods/chat.postMessage). That an unknown one is thread_not_found is
// seen in other projects, not documented. Callers hold mu.
func (s *Server) threadOf(channel, ts string) (string, *apiError) {
	if ts == "" {
		return "", nil
	}
	m := s.find(channel, ts)
	if m == nil || m.To != "" || m.Deleted && !s.hasReplies(m) {
		return "", fail("thread_not_found")
	}
	if m.ThreadTS != "" {
		return m.ThreadTS, nil
	}
	return m.TS, nil
}

// store appends a new message. Callers hold mu.
func (s *Server) store(m *Message, body content, by string) {
	m.TS = s.newTS()
	s.list(m)
	s.write(m, body, by)
}

// list puts a message that has its ts at the end of its conversation. Callers hold mu.
func (s *Server) list(m *Message) {
	t := s.messages[m.Channel]
	if t == nil {
		t = &timeline{byTS: map[string]*Message{}, replies: map[string][]*Message{}}
		s.messages[m.Channel] = t
	}
	t.list = append(t.list, m)
	t.byTS[m.TS] = m
	if m.ThreadTS != "" && m.To == "" {
		t.replies[m.ThreadTS] = append(t.replies[m.ThreadTS], m)
	}
}

// write gives a message its next version. Callers hold mu.
func (s *Server) write(m *Message, body content, by string) {
	m.Text, m.Blocks, m.Attachments, m.Metadata = body.text, body.blocks, body.attachments, body.metadata
	m.Versions = append(slices.Clip(m.Versions), Version{s.opts.Now(), by, m.Text, m.Blocks, m.Metadata})
	s.touch(m)
}

// touch records that a message changed. Callers hold mu.
func (s *Server) touch(m *Message) {
	kind := "message"
	if m.To != "" {
		kind = "ephemeral"
	}
	m.Seq = s.changed(kind, m.Channel+"/"+m.TS)
}

// find gives a message, nil when there is none. Callers hold mu.
func (s *Server) find(channel, ts string) *Message {
	if t := s.messages[channel]; t != nil {
		return t.byTS[ts]
	}
	return nil
}

// updateMessage is chat.update. What a field's absence means (https://docs.slack.dev/reference/methods/chat.update):
// blocks stay only if text is absent too, and go when text comes without them; metadata and attachments stay; an
// empty array or object removes. Text is limited to 4,000 characters (msg_too_long). A direct message needs its D id.
// An archived channel is is_inactive. Ephemeral messages cannot be updated (message_not_found: not confirmed). For a
// public channel that the bot has left the page has no better code than no_permission (not confirmed).
func (s *Server) updateMessage(c *call) (map[string]any, *apiError) {
	ch := s.channels[c.args.str("channel")]
	switch {
	case ch == nil || ch.NoBot && ch.Private:
		return nil, fail("channel_not_found")
	case ch.NoBot:
		return nil, fail("no_permission")
	case ch.Archived:
		return nil, fail("is_inactive")
	}
	m := s.find(ch.ID, c.args.str("ts"))
	if m == nil || m.Deleted || m.To != "" {
		return nil, fail("message_not_found")
	}
	if m.User != BotUserID {
		return nil, fail("cant_update_message")
	}
	body, err := s.readContent(c.args)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(body.text) > maxUpdateText {
		return nil, fail("msg_too_long")
	}
	hasText, hasBlocks, hasMeta := body.text != "", c.args.has("blocks"), body.metadata != nil
	if !hasText && !hasBlocks && !c.args.has("attachments") && !hasMeta {
		return nil, fail("no_text")
	}
	if !hasText && !hasBlocks {
		body.blocks = m.Blocks
	}
	if !hasText {
		body.text = m.Text
	}
	if !c.args.has("attachments") {
		body.attachments = m.Attachments
	}
	switch {
	case !hasMeta:
		body.metadata = m.Metadata
	case body.metadata.EventType == "":
		body.metadata = nil
	}
	m.Edited = m.Edited || len(body.blocks) == 0
	s.write(m, body, c.method)
	return map[string]any{"channel": ch.ID, "ts": m.TS, "text": m.Text, "message": s.shape(m, true)}, nil
}

// postEphemeral shows a message to one person only. Source: https://docs.slack.dev/reference/methods/chat.postEphemeral
// (user_not_in_channel; delivery is not guaranteed; the answer carries message_ts).
func (s *Server) postEphemeral(c *call) (map[string]any, *apiError) {
	ch, err := s.place(c.args.str("channel"))
	if err != nil {
		return nil, err
	}
	user := c.args.str("user")
	if s.users[user] == nil || !s.inChannel(ch, user) {
		return nil, fail("user_not_in_channel")
	}
	body, err := s.readContent(c.args)
	if err != nil {
		return nil, err
	}
	if body.text == "" && len(body.blocks) == 0 && len(body.attachments) == 0 {
		return nil, fail("no_text")
	}
	body.text, body.metadata = s.truncate(body.text, c.method), nil
	m := &Message{Channel: ch.ID, ThreadTS: c.args.str("thread_ts"), User: BotUserID, BotID: BotID, To: user}
	s.store(m, body, c.method)
	return map[string]any{"message_ts": m.TS}, nil
}

func (s *Server) getPermalink(c *call) (map[string]any, *apiError) {
	ch := s.channels[c.args.str("channel")]
	if ch == nil || ch.NoBot && ch.Private {
		return nil, fail("channel_not_found")
	}
	m := s.find(ch.ID, c.args.str("message_ts"))
	if m == nil || m.Deleted || m.To != "" {
		return nil, fail("message_not_found")
	}
	return map[string]any{"channel": ch.ID, "permalink": permalink(m)}, nil
}

// permalink is a message's address in the form that chat.getPermalink documents.
// Source: https://docs.slack.dev/reference/methods/chat.getPermalink
func permalink(m *Message) string {
	link := "https://" + domain + ".slack.com/archives/" + m.Channel + "/p" + strings.ReplaceAll(m.TS, ".", "")
	if m.ThreadTS != "" {
		link += "?thread_ts=" + m.ThreadTS + "&cid=" + m.Channel
	}
	return link
}
