package slack

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// saved is what a workspace keeps when its server ends: what people would find again after their client was
// closed. Open forms, triggers, response URLs, planned bad luck, calls and envelopes are not among it.
type saved struct {
	LastTS   int64       `json:"last_ts"` // microseconds
	Users    []User      `json:"users"`
	Channels []Channel   `json:"channels"`
	Groups   []UserGroup `json:"groups"`
	Messages []*Message  `json:"messages"` // in the order of their posting
	Homes    []keptView  `json:"homes"`
}

type keptView struct {
	View View           `json:"view"`
	Sent map[string]any `json:"sent"`
}

// Save is the workspace as JSON, for [Server.Restore].
func (s *Server) Save() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := saved{
		LastTS:   s.lastTS,
		Users:    sorted(s.users, func(u User) string { return u.ID }),
		Channels: sorted(s.channels, func(c Channel) string { return c.ID }),
		Groups:   sorted(s.groups, func(g UserGroup) string { return g.ID }),
	}
	for _, t := range s.messages {
		kept.Messages = append(kept.Messages, t.list...)
	}
	slices.SortFunc(kept.Messages, func(a, b *Message) int { return cmp.Compare(a.TS, b.TS) })
	for _, user := range slices.Sorted(maps.Keys(s.views.homes)) {
		v := s.views.homes[user]
		kept.Homes = append(kept.Homes, keptView{*v, v.raw})
	}
	out, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("stub slack: save: %w", err)
	}
	return out, nil
}

// Restore puts what Save gave in the place of what the workspace holds. It is for a server that nobody uses yet.
func (s *Server) Restore(from []byte) error {
	var kept saved
	d := json.NewDecoder(bytes.NewReader(from))
	d.UseNumber() // as request.go reads what comes from an app
	d.DisallowUnknownFields()
	if err := d.Decode(&kept); err != nil {
		return fmt.Errorf("stub slack: restore: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastTS = kept.LastTS
	s.users, s.channels, s.groups = map[string]*User{}, map[string]*Channel{}, map[string]*UserGroup{}
	s.messages, s.views = map[string]*timeline{}, newViewState()
	for _, u := range kept.Users {
		s.users[u.ID] = &u
	}
	for _, c := range kept.Channels {
		s.channels[c.ID] = &c
	}
	for _, g := range kept.Groups {
		s.groups[g.ID] = &g
	}
	for _, m := range kept.Messages {
		s.list(m)
		s.touch(m)
	}
	for _, h := range kept.Homes {
		v := h.View
		v.raw, v.Seq = h.Sent, s.changed("home", v.ID)
		s.views.homes[v.User] = &v
	}
	return nil
}
