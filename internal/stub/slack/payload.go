package slack

import "maps"

// The payloads that envelopes carry, in the shapes of
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload,
// https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload,
// https://docs.slack.dev/interactivity/implementing-slash-commands, https://docs.slack.dev/reference/events/app_home_opened
// and the recorded samples of slackapi/java-slack-sdk (json-logs/samples, EnvelopeTest.java).

// verification is the legacy token field of every payload.
const verification = "stub-verification-token"

// interaction is what every interactive payload begins with. Callers hold mu.
func (s *Server) interaction(kind string, u *User) map[string]any {
	return map[string]any{
		"type": kind, "token": verification, "api_app_id": AppID,
		"team":       map[string]any{"id": TeamID, "domain": domain},
		"user":       map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.team()},
		"enterprise": nil, "is_enterprise_install": false,
	}
}

// commandPayload is a slash command. Callers hold mu.
func (s *Server) commandPayload(u *User, ch *Channel, command, text string) map[string]any {
	return map[string]any{
		"token": verification, "team_id": TeamID, "team_domain": domain, "channel_id": ch.ID, "channel_name": ch.spokenName(),
		"user_id": u.ID, "user_name": u.Name, "command": command, "text": text, "api_app_id": AppID,
		"is_enterprise_install": false, "response_url": s.newResponseURL(u.ID, ch.ID, ""), "trigger_id": s.newTrigger(u.ID),
	}
}

// spokenName is a channel's name as payloads give it; private ones keep theirs to themselves.
// Source: https://docs.slack.dev/interactivity/implementing-slash-commands (directmessage, privategroup).
func (c *Channel) spokenName() string {
	switch {
	case c.IMUser != "":
		return "directmessage"
	case c.Private:
		return "privategroup"
	}
	return c.Name
}

// actionPayload is the use of one element. Callers hold mu.
func (s *Server) actionPayload(a Act, u *User, m *Message, v *View, i interactive, value map[string]any, state stateValues) map[string]any {
	p := s.interaction("block_actions", u)
	action := maps.Clone(value)
	action["action_id"], action["block_id"], action["action_ts"] = i.actionID(), i.blockID(), s.newTS()
	if i.kind() == "button" {
		action["text"] = i.element["text"]
		delete(action, "value")
		if i.element["value"] != nil {
			action["value"] = i.element["value"]
		}
	}
	p["actions"] = []any{action}
	p["trigger_id"] = s.newTrigger(u.ID)
	if v != nil {
		p["container"] = map[string]any{"type": "view", "view_id": v.ID}
		p["view"] = s.viewShapeWith(v, state)
		return p
	}
	ch := s.channels[m.Channel]
	container := map[string]any{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.To != ""}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	p["container"] = container
	p["channel"] = map[string]any{"id": ch.ID, "name": ch.spokenName()}
	p["state"] = map[string]any{"values": state}
	p["response_url"] = s.newResponseURL(u.ID, m.Channel, m.TS)
	if m.To == "" { // an ephemeral message is not stored, so it cannot be given back (observed, not documented)
		p["message"] = s.shape(m, false)
	}
	return p
}

// viewShape is a view as answers and payloads show it, nothing filled in. Callers hold mu.
func (s *Server) viewShape(v *View) map[string]any { return s.viewShapeWith(v, nil) }

// viewShapeWith is a view with what stands in its fields. Source: the view object in
// https://docs.slack.dev/reference/methods/views.open
func (s *Server) viewShapeWith(v *View, state stateValues) map[string]any {
	if state == nil {
		state = stateValues{}
	}
	blocks := make([]any, len(v.Blocks))
	for i, b := range v.Blocks {
		blocks[i] = b
	}
	var previous any
	if v.Previous != "" {
		previous = v.Previous
	}
	out := map[string]any{
		"id": v.ID, "team_id": TeamID, "type": v.Type, "title": nil, "submit": nil, "close": nil, "blocks": blocks,
		"private_metadata": v.PrivateMetadata, "callback_id": v.CallbackID, "external_id": v.ExternalID,
		"state": map[string]any{"values": state}, "hash": v.Hash, "clear_on_close": v.ClearOnClose,
		"notify_on_close": v.NotifyOnClose, "submit_disabled": false, "root_view_id": v.Root, "previous_view_id": previous,
		"app_id": AppID, "app_installed_team_id": TeamID, "bot_id": BotID,
	}
	for _, name := range []string{"title", "submit", "close"} {
		if t := v.raw[name]; t != nil {
			out[name] = t
		}
	}
	return out
}

// viewPayload is the end of a form: view_submission or view_closed. Callers hold mu.
func (s *Server) viewPayload(kind string, u *User, v *View, state stateValues) map[string]any {
	p := s.interaction(kind, u)
	p["view"] = s.viewShapeWith(v, state)
	return p
}

// homePayload is app_home_opened. Callers hold mu.
func (s *Server) homePayload(u *User) map[string]any {
	event := map[string]any{"type": "app_home_opened", "user": u.ID, "channel": s.directMessage(u.ID).ID, "tab": "home", "event_ts": s.newTS()}
	if v := s.views.homes[u.ID]; v != nil {
		event["view"] = s.viewShape(v)
	}
	return map[string]any{
		"token": verification, "team_id": TeamID, "api_app_id": AppID, "type": "event_callback", "event": event,
		"event_id": newID("Ev"), "event_time": s.opts.Now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []any{map[string]any{"enterprise_id": nil, "team_id": TeamID, "user_id": BotUserID, "is_bot": true, "is_enterprise_install": false}},
	}
}
