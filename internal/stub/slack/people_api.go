package slack

import "slices"

// The methods that tell who is who.

// authTest is https://docs.slack.dev/reference/methods/auth.test
func (s *Server) authTest(*call) (map[string]any, *apiError) {
	return map[string]any{"url": "https://" + domain + ".slack.com/", "team": teamName, "team_id": TeamID, "user": botName,
		"user_id": BotUserID, "bot_id": BotID, "is_enterprise_install": false}, nil
}

// usersInfo is https://docs.slack.dev/reference/methods/users.info (user_not_found; locale with include_locale only).
// Guests, people of other workspaces and organisations: https://docs.slack.dev/reference/objects/user-object and
// https://docs.slack.dev/apis/slack-connect ("Determining whether a user is external must be done implicitly").
func (s *Server) usersInfo(c *call) (map[string]any, *apiError) {
	u := s.users[c.args.str("user")]
	if u == nil {
		return nil, fail("user_not_found")
	}
	out := map[string]any{
		"id": u.ID, "team_id": u.team(), "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted, "is_bot": u.IsBot,
		"is_restricted": u.guest(), "is_ultra_restricted": u.UltraRestricted, "is_app_user": false, "updated": 0,
		"profile": map[string]any{"real_name": u.RealName, "display_name": u.Name, "team": u.team()},
	}
	if u.Stranger || u.Team != "" { // only there for people of other workspaces, whose team_id is theirs
		out["is_stranger"] = u.Stranger
	}
	if u.Enterprise != "" {
		out["enterprise_user"] = map[string]any{
			"id": u.ID, "enterprise_id": u.Enterprise, "enterprise_name": u.Enterprise, "is_admin": false, "is_owner": false,
			"teams": append([]string{}, u.Teams...),
		}
	}
	if u.TZ != "" && !u.Deleted { // the page: "tz" is absent for deactivated people
		out["tz"] = u.TZ
	}
	if c.args.yes("include_locale") && u.Locale != "" {
		out["locale"] = u.Locale
	}
	return map[string]any{"user": out}, nil
}

// groupUsers is https://docs.slack.dev/reference/methods/usergroups.users.list (no_such_subteam; a disabled group
// with include_disabled only, and that it is not known otherwise is not documented).
func (s *Server) groupUsers(c *call) (map[string]any, *apiError) {
	g := s.groups[c.args.str("usergroup")]
	if g == nil || g.Disabled && !c.args.yes("include_disabled") {
		return nil, fail("no_such_subteam")
	}
	return map[string]any{"users": slices.Clone(g.Users)}, nil
}

// conversationsOpen opens a direct message. Source: https://docs.slack.dev/reference/methods/conversations.open
// (users_list_not_supplied, user_not_found, cannot_dm_bot, user_disabled). Group messages are not modelled:
// several users are refused with not_enough_users, which the real one would not do.
func (s *Server) conversationsOpen(c *call) (map[string]any, *apiError) {
	id := c.args.str("users")
	if ch := s.channels[c.args.str("channel")]; ch != nil && ch.IMUser != "" {
		id = ch.IMUser
	} else if c.args.str("channel") != "" {
		return nil, fail("channel_not_found")
	}
	if id == "" {
		return nil, fail("users_list_not_supplied")
	}
	u := s.users[id]
	switch {
	case u == nil:
		return nil, fail("user_not_found")
	case u.Deleted:
		return nil, fail("user_disabled")
	case u.IsBot:
		return nil, fail("cannot_dm_bot")
	}
	_, already := s.channels["D"+id[1:]]
	ch := s.directMessage(id)
	shape := map[string]any{"id": ch.ID}
	if c.args.yes("return_im") {
		shape["is_im"], shape["user"], shape["created"], shape["is_open"] = true, id, 0, true
	}
	return map[string]any{"channel": shape, "already_open": already, "no_op": already}, nil
}
