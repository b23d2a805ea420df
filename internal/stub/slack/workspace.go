package slack

import (
	"cmp"
	"slices"
)

// AddUser adds or replaces a person.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = &u
	s.changed("user", u.ID)
}

// AddChannel adds or replaces a channel; its messages stay.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[c.ID] = &c
	s.changed("channel", c.ID)
}

// AddGroup adds or replaces a user group.
func (s *Server) AddGroup(g UserGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[g.ID] = &g
	s.changed("usergroup", g.ID)
}

// JoinGroup puts a person into a user group, LeaveGroup takes them out, DisableGroup and EnableGroup do what their
// names say. Each reports whether the group exists.
// Source: https://docs.slack.dev/reference/methods/usergroups.disable (a disabled group keeps its members).
func (s *Server) JoinGroup(group, user string) bool {
	return s.editGroup(group, func(g *UserGroup) {
		if !slices.Contains(g.Users, user) {
			g.Users = append(slices.Clone(g.Users), user)
		}
	})
}

// LeaveGroup takes a person out of a user group.
func (s *Server) LeaveGroup(group, user string) bool {
	return s.editGroup(group, func(g *UserGroup) {
		g.Users = slices.DeleteFunc(slices.Clone(g.Users), func(id string) bool { return id == user })
	})
}

// DisableGroup disables a user group.
func (s *Server) DisableGroup(group string) bool {
	return s.editGroup(group, func(g *UserGroup) { g.Disabled = true })
}

// EnableGroup enables a user group again.
func (s *Server) EnableGroup(group string) bool {
	return s.editGroup(group, func(g *UserGroup) { g.Disabled = false })
}

func (s *Server) editGroup(id string, edit func(*UserGroup)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.groups[id]
	if ok {
		edit(g)
		s.changed("usergroup", id)
	}
	return ok
}

// KickBot takes the bot out of a channel, InviteBot brings it in, Archive closes the channel for good. Each
// reports whether the channel exists.
func (s *Server) KickBot(channel string) bool {
	return s.editChannel(channel, func(c *Channel) { c.NoBot = true })
}

// InviteBot makes the bot a member of the channel.
func (s *Server) InviteBot(channel string) bool {
	return s.editChannel(channel, func(c *Channel) { c.NoBot = false })
}

// Archive archives the channel; Unarchive is AddChannel with Archived unset.
func (s *Server) Archive(channel string) bool {
	return s.editChannel(channel, func(c *Channel) { c.Archived = true })
}

func (s *Server) editChannel(id string, edit func(*Channel)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.channels[id]
	if ok {
		edit(c)
		s.changed("channel", id)
	}
	return ok
}

// Users lists everyone by id.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sorted(s.users, func(u User) string { return u.ID })
}

// ChannelList lists every conversation by id, direct messages with the bot included.
func (s *Server) ChannelList() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sorted(s.channels, func(c Channel) string { return c.ID })
}

func sorted[T any](m map[string]*T, key func(T) string) []T {
	out := make([]T, 0, len(m))
	for _, v := range m {
		out = append(out, *v)
	}
	slices.SortFunc(out, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	return out
}

// inChannel tells whether a person is a member of a conversation. Callers hold mu.
func (s *Server) inChannel(c *Channel, user string) bool {
	switch {
	case user == BotUserID:
		return !c.NoBot
	case c.IMUser != "":
		return c.IMUser == user
	case c.Members != nil:
		return slices.Contains(c.Members, user)
	}
	u := s.users[user]
	return u != nil && !u.Deleted && !u.guest() && u.Team == ""
}

// directMessage gives the conversation between the bot and a person, made at first use. Callers hold mu.
func (s *Server) directMessage(user string) *Channel {
	id := "D" + user[1:]
	if c, ok := s.channels[id]; ok {
		return c
	}
	c := &Channel{ID: id, Name: "directmessage", IMUser: user}
	s.channels[id] = c
	s.changed("channel", id)
	return c
}
