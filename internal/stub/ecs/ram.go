package ecs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func newKeyState(acc *account, k Key) *keyState {
	k.Allowed = slices.Clone(k.Allowed)
	return &keyState{Key: k, account: acc, hidden: map[string]bool{}, used: map[string]int{}}
}

// permits reports whether the key may do the RAM action, and notes that it was
// asked.
func (k *keyState) permits(ram string) bool {
	k.used[ram]++
	return !k.hidden[ram] && allows(k.Allowed, ram)
}

// allows reports whether a list of RAM actions, with * at an end, names one.
// Nil allows everything.
func allows(list []string, ram string) bool {
	if list == nil {
		return true
	}
	for _, a := range list {
		if prefix, wild := strings.CutSuffix(a, "*"); a == ram || wild && strings.HasPrefix(ram, prefix) {
			return true
		}
	}
	return false
}

// Deny takes RAM actions such as ecs:DescribeInstances from a key, and from
// the sessions of a role when key is its ARN.
func (s *Server) Deny(key string, actions ...string) error { return s.permit(key, actions, false) }

// Allow gives back what Deny took.
func (s *Server) Allow(key string, actions ...string) error { return s.permit(key, actions, true) }

func (s *Server) permit(key string, actions []string, allow bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keys[key]
	if role := s.roles[key]; role != nil {
		k = role.session()
	}
	if k == nil {
		return fmt.Errorf("no key %s", maskKey(key))
	}
	for _, a := range actions {
		if allow {
			delete(k.hidden, a)
		} else {
			k.hidden[a] = true
		}
	}
	return nil
}

// RAMActions are the RAM actions asked for with a key, sorted: the least its
// policy needs. An empty key is all keys together.
func (s *Server) RAMActions(key string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	used := map[string]int{}
	for id, k := range s.keys {
		if key == "" || key == id {
			maps.Copy(used, k.used)
		}
	}
	return slices.Sorted(maps.Keys(used))
}

// maskKey keeps enough of a key id to tell two apart.
func maskKey(id string) string {
	if len(id) <= 8 {
		return "***"
	}
	return id[:4] + "***" + id[len(id)-3:]
}
