package slack_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	slackstub "ecs-migrate/internal/stub/slack"
)

func section(words string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, words, false, false), nil, nil)
}

func isCode(err error, code string) bool {
	var e slack.SlackErrorResponse
	return errors.As(err, &e) && e.Err == code
}

func TestPostAndReadBackThroughAClient(t *testing.T) {
	s := start(t, slackstub.Options{})
	c := client(s)
	meta := slack.SlackMetadata{EventType: "ecs_migration", EventPayload: map[string]any{"event_id": "e-1", "generation": 7}}
	_, ts, err := c.PostMessageContext(soon(t), webOps, slack.MsgOptionText("a card", false),
		slack.MsgOptionBlocks(section("*card*")), slack.MsgOptionMetadata(meta))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.PostMessageContext(soon(t), webOps, slack.MsgOptionText("news", false), slack.MsgOptionTS(ts)); err != nil {
		t.Fatal(err)
	}
	h, err := c.GetConversationHistoryContext(soon(t), &slack.GetConversationHistoryParameters{ChannelID: webOps, IncludeAllMetadata: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Messages) != 1 {
		t.Fatalf("history has %d messages: a reply is not part of it", len(h.Messages))
	}
	m := h.Messages[0]
	if m.Timestamp != ts || m.Text != "a card" || m.BotID != slackstub.BotID || m.ReplyCount != 1 || m.ThreadTimestamp != ts {
		t.Errorf("got %+v", m)
	}
	if m.Metadata.EventType != "ecs_migration" || fmt.Sprint(m.Metadata.EventPayload["generation"]) != "7" {
		t.Errorf("metadata %+v", m.Metadata)
	}
	replies, _, _, err := c.GetConversationRepliesContext(soon(t), &slack.GetConversationRepliesParameters{ChannelID: webOps, Timestamp: ts})
	if err != nil {
		t.Fatal(err)
	}
	if len(replies) != 2 || replies[0].Timestamp != ts || replies[1].Text != "news" || replies[0].Metadata.EventType != "" {
		t.Errorf("replies %+v", replies)
	}
	link, err := c.GetPermalinkContext(soon(t), &slack.PermalinkParameters{Channel: webOps, Ts: ts})
	if err != nil || !strings.HasSuffix(link, "/archives/"+webOps+"/p"+strings.ReplaceAll(ts, ".", "")) {
		t.Errorf("permalink %q, %v", link, err)
	}
}

// Source: docs.slack.dev/reference/methods/chat.postMessage (errors; "Channels").
func TestPostRefusals(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	s.AddChannel(slackstub.Channel{ID: "C0000000009", Name: "hidden", Private: true, NoBot: true})
	for _, c := range []struct {
		body map[string]any
		want string
	}{
		{map[string]any{"channel": "C9999999999", "text": "x"}, "channel_not_found"},
		{map[string]any{"text": "x"}, "channel_not_found"},
		{map[string]any{"channel": "C0000000009", "text": "x"}, "channel_not_found"},
		{map[string]any{"channel": random, "text": "x"}, "not_in_channel"},
		{map[string]any{"channel": oldOps, "text": "x"}, "is_archived"},
		{map[string]any{"channel": gone, "text": "x"}, "channel_not_found"},
		{map[string]any{"channel": ops}, "no_text"},
		{map[string]any{"channel": ops, "blocks": []any{}}, "no_text"},
		{map[string]any{"channel": ops, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"},
		{map[string]any{"channel": ops, "text": "x", "blocks": "{"}, "invalid_blocks_format"},
		{map[string]any{"channel": ops, "text": "x", "blocks": map[string]any{}}, "invalid_blocks_format"},
		{map[string]any{"channel": ops, "text": "x", "blocks": []any{map[string]any{"type": "sections"}}}, "invalid_blocks"},
		{map[string]any{"channel": ops, "text": "x", "attachments": "x"}, "invalid_attachments"},
		{map[string]any{"channel": ops, "text": "x", "attachments": make([]map[string]any, 101)}, "invalid_attachments"},
		{map[string]any{"channel": ops, "text": "x", "metadata": "x"}, "invalid_metadata_format"},
		{map[string]any{"channel": ops, "text": "x", "metadata": map[string]any{"event_type": "t"}}, "invalid_metadata_format"},
		{map[string]any{"channel": ops, "text": "x", "metadata": map[string]any{"event_type": "a b", "event_payload": map[string]any{}}}, "invalid_metadata_format"},
		{map[string]any{"channel": ops, "text": "x", "metadata": map[string]any{"event_type": "t", "event_payload": map[string]any{"a": strings.Repeat("x", 17000)}}}, "metadata_too_large"},
	} {
		if a := call(t, s, "chat.postMessage", c.body); a.code() != c.want {
			t.Errorf("%v: %v, want %q", c.body, a.body, c.want)
		}
	}
	if n := len(s.Messages("")); n != 0 {
		t.Errorf("%d messages were stored", n)
	}
}

// Source: docs.slack.dev/reference/methods/chat.postMessage ("A maximum of 100 attachments").
func TestTooManyAttachments(t *testing.T) {
	s := start(t, slackstub.Options{})
	list := make([]any, 101)
	for i := range list {
		list[i] = map[string]any{"text": "x"}
	}
	if a := call(t, s, "chat.postMessage", map[string]any{"channel": ops, "attachments": list}); a.code() != "too_many_attachments" {
		t.Error(a.body)
	}
}

// Source: docs.slack.dev/reference/methods/chat.postMessage ("Truncating content": cut at 40,000, not refused).
func TestLongTextIsCut(t *testing.T) {
	s := start(t, slackstub.Options{})
	must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": strings.Repeat("迁", 40_001)})
	if m := s.Messages(ops)[0]; len([]rune(m.Text)) != 40_000 {
		t.Errorf("%d characters", len([]rune(m.Text)))
	}
	if v := s.Violations(); len(v) != 1 {
		t.Errorf("violations %v", v)
	}
}

// Source: docs.slack.dev/reference/methods/chat.postMessage (msg_blocks_too_long) and slackapi/bolt-js issue 2509.
func TestBlocksTooLongTogether(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	blocks := func(n int) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": strings.Repeat("x", 3000)}}
		}
		return out
	}
	must(t, s, "chat.postMessage", map[string]any{"channel": ops, "blocks": blocks(4)})
	if a := call(t, s, "chat.postMessage", map[string]any{"channel": ops, "blocks": blocks(5)}); a.code() != "msg_blocks_too_long" {
		t.Error(a.body)
	}
}

// Source: docs.slack.dev/reference/methods/chat.postMessage ("provide the user's ID as the channel value") and
// .../chat.update ("ensure that this value is a DM ID").
func TestDirectMessages(t *testing.T) {
	s := start(t, slackstub.Options{})
	a := must(t, s, "chat.postMessage", map[string]any{"channel": mary, "text": "psst"})
	dm := text(a, "channel")
	if !strings.HasPrefix(dm, "D") {
		t.Fatalf("channel %q", dm)
	}
	opened := must(t, s, "conversations.open", map[string]any{"users": mary})
	if got := text(opened["channel"].(map[string]any), "id"); got != dm || opened["already_open"] != true {
		t.Errorf("opened %v", opened)
	}
	if a := call(t, s, "chat.update", map[string]any{"channel": mary, "ts": text(a, "ts"), "text": "x"}); a.code() != "channel_not_found" {
		t.Errorf("update by user id: %v", a.body)
	}
	must(t, s, "chat.update", map[string]any{"channel": dm, "ts": text(a, "ts"), "text": "x"})
	// im:history is not among the least scopes.
	if a := call(t, s, "conversations.history", map[string]any{"channel": dm}); a.body["needed"] != "im:history" {
		t.Errorf("history: %v", a.body)
	}
	// docs.slack.dev/reference/methods/conversations.open
	for users, want := range map[string]string{"": "users_list_not_supplied", "U9": "user_not_found", gone: "user_disabled", "U0000000006": "cannot_dm_bot"} {
		if a := call(t, s, "conversations.open", map[string]any{"users": users}); a.code() != want {
			t.Errorf("open %q: %v", users, a.body)
		}
	}
}

// Source: docs.slack.dev/reference/methods/chat.update ("text, blocks or attachments"; metadata).
func TestUpdateKeepsAndRemoves(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	blocks := []any{map[string]any{"type": "divider"}}
	meta := map[string]any{"event_type": "t", "event_payload": map[string]any{"id": "1"}}
	for name, c := range map[string]struct {
		change       map[string]any
		text         string
		blocks, meta bool
		edited       bool
	}{
		"text alone drops blocks":      {map[string]any{"text": "new"}, "new", false, true, true},
		"blocks alone keep text":       {map[string]any{"blocks": blocks}, "old", true, true, false},
		"both":                         {map[string]any{"text": "new", "blocks": blocks}, "new", true, true, false},
		"metadata alone keeps blocks":  {map[string]any{"metadata": map[string]any{"event_type": "u", "event_payload": map[string]any{}}}, "old", true, true, false},
		"an empty array drops blocks":  {map[string]any{"blocks": []any{}}, "old", false, true, true},
		"an empty object drops meta":   {map[string]any{"text": "new", "metadata": map[string]any{}}, "new", false, false, true},
		"a form says the same as JSON": {map[string]any{"text": "new", "blocks": `[{"type":"divider"}]`}, "new", true, true, false},
	} {
		a := must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "old", "blocks": blocks, "metadata": meta})
		c.change["channel"], c.change["ts"] = ops, a["ts"]
		must(t, s, "chat.update", c.change)
		m, ok := s.Message(ops, text(a, "ts"))
		if !ok || m.Text != c.text || (len(m.Blocks) > 0) != c.blocks || (m.Metadata != nil) != c.meta || m.Edited != c.edited {
			t.Errorf("%s: %+v", name, m)
		}
		if len(m.Versions) != 2 || m.Versions[0].Text != "old" || m.Versions[1].By != "chat.update" {
			t.Errorf("%s: versions %+v", name, m.Versions)
		}
	}
}

// Source: docs.slack.dev/reference/methods/chat.update (errors; 4,000 characters; ephemeral messages).
func TestUpdateRefusals(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	mine := text(must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "mine"}), "ts")
	shown := text(must(t, s, "chat.postEphemeral", map[string]any{"channel": ops, "user": lin, "text": "shown"}), "message_ts")
	theirs, err := s.Say(lin, ops, "theirs", "")
	if err != nil {
		t.Fatal(err)
	}
	deleted := text(must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "gone"}), "ts")
	if err := s.DeleteMessage(ops, deleted); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ channel, ts, text, want string }{
		{ops, mine, "new", ""},
		{ops, mine, "", "no_text"},
		{ops, mine, strings.Repeat("时", 4000), ""},
		{ops, mine, strings.Repeat("时", 4001), "msg_too_long"},
		{ops, "1.000001", "x", "message_not_found"},
		{ops, shown, "x", "message_not_found"},
		{ops, deleted, "x", "message_not_found"},
		{ops, theirs.TS, "x", "cant_update_message"},
		{"C9", mine, "x", "channel_not_found"},
		{random, mine, "x", "no_permission"},
		{oldOps, mine, "x", "is_inactive"},
	} {
		if a := call(t, s, "chat.update", map[string]any{"channel": c.channel, "ts": c.ts, "text": c.text}); a.code() != c.want {
			t.Errorf("update %s %s: %v, want %q", c.channel, c.ts, a.body, c.want)
		}
	}
	if !s.KickBot(ops) {
		t.Fatal("no such channel")
	}
	if a := call(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "x"}); a.code() != "not_in_channel" {
		t.Errorf("after the kick: %v", a.body)
	}
	if !s.InviteBot(ops) || !s.Archive(ops) {
		t.Fatal("no such channel")
	}
	if a := call(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "x"}); a.code() != "is_archived" {
		t.Errorf("after the archiving: %v", a.body)
	}
}

// Source: docs.slack.dev/reference/methods/chat.postEphemeral (user_not_in_channel).
func TestEphemeral(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	c := client(s)
	if _, err := c.PostEphemeralContext(soon(t), ops, lin, slack.MsgOptionText("only you", false)); err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{guest, gone, "U9", ""} {
		if a := call(t, s, "chat.postEphemeral", map[string]any{"channel": ops, "user": user, "text": "x"}); a.code() != "user_not_in_channel" {
			t.Errorf("to %q: %v", user, a.body)
		}
	}
	if got := s.Ephemerals(lin); len(got) != 1 || got[0].Text != "only you" || len(s.Ephemerals(mary)) != 0 {
		t.Errorf("lin sees %+v", got)
	}
	if h := must(t, s, "conversations.history", map[string]any{"channel": ops}); len(h["messages"].([]any)) != 0 {
		t.Errorf("the history holds %v", h["messages"])
	}
}

// Source: docs.slack.dev/reference/methods/conversations.history and .../conversations.replies.
func TestHistoryPagesAndBounds(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	var ts []string
	for i := range 5 {
		ts = append(ts, text(must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": fmt.Sprint(i)}), "ts"))
	}
	read := func(v url.Values) string {
		v.Set("channel", ops)
		v.Set("token", s.BotToken())
		a := form(t, s, "conversations.history", v)
		if a.code() != "" {
			return a.code()
		}
		var out []string
		for _, m := range a.body["messages"].([]any) {
			out = append(out, text(m.(map[string]any), "text"))
		}
		if a.body["has_more"] == true {
			out = append(out, "…")
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		v    url.Values
		want string
	}{
		{url.Values{}, "4 3 2 1 0"},
		{url.Values{"limit": {"2"}}, "4 3 …"},
		{url.Values{"oldest": {ts[1]}, "latest": {ts[3]}}, "2"},
		{url.Values{"oldest": {ts[1]}, "latest": {ts[3]}, "inclusive": {"true"}}, "3 2 1"},
		{url.Values{"latest": {ts[2]}, "inclusive": {"1"}, "limit": {"1"}}, "2 …"},
		{url.Values{"limit": {"1000"}}, "invalid_limit"},
		{url.Values{"limit": {"x"}}, "invalid_limit"},
		{url.Values{"oldest": {"yesterday"}}, "invalid_ts_oldest"},
		{url.Values{"latest": {"-1"}}, "invalid_ts_latest"},
		{url.Values{"cursor": {"x"}}, "invalid_cursor"},
	} {
		if got := read(c.v); got != c.want {
			t.Errorf("%v: %q, want %q", c.v, got, c.want)
		}
	}
	var all []string
	p := &slack.GetConversationHistoryParameters{ChannelID: ops, Limit: 2}
	for {
		h, err := client(s).GetConversationHistoryContext(soon(t), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range h.Messages {
			all = append(all, m.Text)
		}
		if p.Cursor = h.ResponseMetaData.NextCursor; p.Cursor == "" {
			break
		}
	}
	if got := strings.Join(all, ""); got != "43210" {
		t.Errorf("paged %q", got)
	}
	for _, c := range []struct{ channel, want string }{{"C9", "channel_not_found"}, {random, "not_in_channel"}, {oldOps, ""}} {
		if a := call(t, s, "conversations.history", map[string]any{"channel": c.channel}); a.code() != c.want {
			t.Errorf("history of %s: %v", c.channel, a.body)
		}
	}
}

// A parent with replies leaves a tombstone; one without leaves nothing. A reply to a reply joins the thread.
func TestDeletedParents(t *testing.T) {
	s := start(t, slackstub.Options{Limits: slackstub.Limits{Off: true}})
	parent := text(must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "parent"}), "ts")
	reply := text(must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "reply", "thread_ts": parent}), "ts")
	must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "reply to a reply", "thread_ts": reply, "reply_broadcast": true})
	if got := s.Thread(ops, parent); len(got) != 2 {
		t.Errorf("thread %+v", got)
	}
	if err := s.DeleteMessage(ops, parent); err != nil {
		t.Fatal(err)
	}
	h := must(t, s, "conversations.history", map[string]any{"channel": ops})["messages"].([]any)
	if len(h) != 2 || text(h[0].(map[string]any), "subtype") != "thread_broadcast" || text(h[1].(map[string]any), "subtype") != "tombstone" {
		t.Errorf("history %v", h)
	}
	for _, m := range s.Thread(ops, parent) {
		if err := s.DeleteMessage(ops, m.TS); err != nil {
			t.Fatal(err)
		}
	}
	if a := call(t, s, "conversations.replies", map[string]any{"channel": ops, "ts": parent}); a.code() != "thread_not_found" {
		t.Errorf("replies: %v", a.body)
	}
	if err := s.DeleteMessage(ops, parent); !errors.Is(err, slackstub.ErrNoSuch) {
		t.Errorf("deleted twice: %v", err)
	}
}

// Sources: docs.slack.dev/reference/methods/users.info, .../usergroups.users.list, .../auth.test.
func TestWho(t *testing.T) {
	s := start(t, slackstub.Options{})
	c := client(s)
	u, err := c.GetUserInfoContext(soon(t), lin)
	if err != nil || u.TZ != "Asia/Shanghai" || u.RealName != "Lin Yue" {
		t.Errorf("user %+v, %v", u, err)
	}
	if a := must(t, s, "users.info", map[string]any{"user": lin}); a["user"].(map[string]any)["locale"] != nil {
		t.Error("the locale came unasked")
	}
	if a := must(t, s, "users.info", map[string]any{"user": lin, "include_locale": true}); a["user"].(map[string]any)["locale"] != "zh-CN" {
		t.Error("no locale")
	}
	if _, err := c.GetUserInfoContext(soon(t), "U9"); !isCode(err, "user_not_found") {
		t.Errorf("unknown user: %v", err)
	}
	members, err := c.GetUserGroupMembersContext(soon(t), "S0000000001")
	if err != nil || len(members) != 2 {
		t.Errorf("members %v, %v", members, err)
	}
	if _, err := c.GetUserGroupMembersContext(soon(t), "S9"); !isCode(err, "no_such_subteam") {
		t.Errorf("unknown group: %v", err)
	}
	me, err := c.AuthTestContext(soon(t))
	if err != nil || me.UserID != slackstub.BotUserID || me.BotID != slackstub.BotID || me.TeamID != slackstub.TeamID {
		t.Errorf("auth.test %+v, %v", me, err)
	}
}

// Sources: docs.slack.dev/reference/objects/user-object, docs.slack.dev/apis/slack-connect.
func TestWhoIsFromElsewhere(t *testing.T) {
	s := start(t, slackstub.Options{})
	l := listen(t, s)
	c := client(s)
	s.AddUser(slackstub.User{ID: "U0000000011", Name: "one-channel", UltraRestricted: true})
	s.AddUser(slackstub.User{ID: "U0000000012", Name: "org", Team: "T0000000009", Enterprise: "E1", Teams: []string{slackstub.TeamID}})
	s.AddUser(slackstub.User{ID: "U0000000013", Name: "far", Team: slackstub.OtherTeamID, Stranger: true})
	for id, want := range map[string]slack.User{
		guest:         {TeamID: slackstub.TeamID, IsRestricted: true},
		"U0000000011": {TeamID: slackstub.TeamID, IsRestricted: true, IsUltraRestricted: true},
		partner:       {TeamID: slackstub.OtherTeamID},
		"U0000000012": {TeamID: "T0000000009", Enterprise: slack.EnterpriseUser{EnterpriseID: "E1", Teams: []string{slackstub.TeamID}}},
		"U0000000013": {TeamID: slackstub.OtherTeamID, IsStranger: true},
	} {
		u, err := c.GetUserInfoContext(soon(t), id)
		if err != nil || u.TeamID != want.TeamID || u.IsRestricted != want.IsRestricted || u.IsUltraRestricted != want.IsUltraRestricted ||
			u.IsStranger != want.IsStranger || u.Enterprise.EnterpriseID != want.Enterprise.EnterpriseID || !slices.Equal(u.Enterprise.Teams, want.Enterprise.Teams) {
			t.Errorf("%s: %+v, %v", id, u, err)
		}
	}
	// They see what they are named members of, and have nothing else of the app.
	ts := text(must(t, s, "chat.postMessage", map[string]any{"channel": ops, "text": "x", "blocks": []any{decode[any](t, []byte(actions(button(`,"action_id":"go"`))))}}), "ts")
	for _, id := range []string{guest, partner} {
		if _, err := s.Click(id, ops, ts, "go"); !errors.Is(err, slackstub.ErrNoSuch) {
			t.Errorf("%s clicked in a channel they are not in: %v", id, err)
		}
	}
	s.AddChannel(slackstub.Channel{ID: ops, Name: "ops", Members: []string{guest, partner}})
	for id, team := range map[string]string{guest: slackstub.TeamID, partner: slackstub.OtherTeamID} {
		if _, err := s.Click(id, ops, ts, "go"); err != nil {
			t.Errorf("%s: %v", id, err)
		}
		if p := decode[slack.InteractionCallback](t, <-l.got); p.User.ID != id || p.User.TeamID != team || p.Team.ID != slackstub.TeamID {
			t.Errorf("%s: %+v of %+v", id, p.User, p.Team)
		}
	}
	if _, err := s.Command(partner, ops, "/ecs-migrate list"); !errors.Is(err, slackstub.ErrNoSuch) {
		t.Errorf("a command from elsewhere: %v", err)
	}
	if _, err := s.OpenHome(partner); !errors.Is(err, slackstub.ErrNoSuch) {
		t.Errorf("a Home tab elsewhere: %v", err)
	}
}

// Sources: docs.slack.dev/reference/methods/usergroups.users.list, .../usergroups.disable.
func TestUserGroupsChange(t *testing.T) {
	s := start(t, slackstub.Options{})
	const group = "S0000000001"
	in := func(want ...string) {
		t.Helper()
		if got, err := client(s).GetUserGroupMembersContext(soon(t), group); err != nil || !slices.Equal(got, want) {
			t.Errorf("members %v, %v, want %v", got, err, want)
		}
	}
	in(lin, mary)
	for range 2 { // joining twice is joining once
		if !s.JoinGroup(group, guest) {
			t.Error("the group is not there")
		}
	}
	if !s.LeaveGroup(group, lin) {
		t.Error("the group is not there")
	}
	in(mary, guest)
	s.DisableGroup(group)
	if _, err := client(s).GetUserGroupMembersContext(soon(t), group); !isCode(err, "no_such_subteam") {
		t.Errorf("a disabled group: %v", err)
	}
	if got, err := client(s).GetUserGroupMembersContext(soon(t), group, slack.GetUserGroupMembersOptionIncludeDisabled(true)); err != nil || len(got) != 2 {
		t.Errorf("with include_disabled: %v, %v", got, err)
	}
	s.EnableGroup(group)
	in(mary, guest)
	for _, no := range []bool{s.JoinGroup("S9", lin), s.LeaveGroup("S9", lin), s.DisableGroup("S9"), s.EnableGroup("S9")} {
		if no {
			t.Error("a group that is not there was changed")
		}
	}
}
