package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"
)

// worldState is what GET /world tells of what changes; the stream tells it too.
type worldState struct {
	Boot     string    `json:"boot"`
	Now      time.Time `json:"now"`
	Moving   bool      `json:"moving"`
	Language string    `json:"language"`
	Bot      botState  `json:"bot"`
	Next     *due      `json:"next"`
	Faults   []fault   `json:"faults"`
}

type botState struct {
	processStatus
	Ready json.RawMessage `json:"ready"` // the body of /readyz; null where it does not answer
}

// worldWhole is all of GET /world.
type worldWhole struct {
	worldState
	People      []personState  `json:"people"`
	Channels    []channelState `json:"channels"`
	Regions     []string       `json:"regions"`
	Types       []string       `json:"types"`
	Permissions []string       `json:"permissions"`
}

type personState struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	RealName string   `json:"real_name"`
	Role     string   `json:"role"`
	Zone     string   `json:"zone"`
	Locale   string   `json:"locale"`
	Groups   []string `json:"groups"` // handles
}

type channelState struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// state is how the world is now.
func (g *playground) state() worldState {
	bot, _, _ := g.bot.status()
	s := worldState{Boot: g.boot, Now: g.clock.Now(), Bot: botState{processStatus: bot}, Faults: g.turned()}
	if bot.PID != 0 {
		s.Bot.Ready = g.ready.get()
	}
	if d, ok := g.next(); ok {
		s.Next = &d
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	s.Moving, s.Language = g.busy, g.language
	return s
}

// whole is state and what does not change.
func (g *playground) whole() worldWhole {
	w := worldWhole{worldState: g.state(), Regions: regions(), Types: eventTypes(), Permissions: permissions()}
	groups := workspace().Groups
	for _, p := range cast() {
		one := personState{ID: p.ID, Name: p.Name, RealName: p.RealName, Role: p.role, Zone: p.TZ, Locale: p.Locale, Groups: []string{}}
		for _, group := range groups {
			if slices.Contains(group.Users, p.ID) {
				one.Groups = append(one.Groups, group.Handle)
			}
		}
		w.People = append(w.People, one)
	}
	for _, c := range workspace().Channels {
		w.Channels = append(w.Channels, channelState{c.ID, c.Name})
	}
	return w
}

// readiness keeps what the bot's /readyz last said.
type readiness struct {
	mu   sync.Mutex
	body json.RawMessage // nil: no answer
}

func (r *readiness) get() json.RawMessage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.body
}

// set tells whether that is news.
func (r *readiness) set(body json.RawMessage) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := string(r.body) != string(body)
	r.body = body
	return news
}

// followReadiness asks the bot each second whether it is ready, as a
// supervisor would.
func (g *playground) followReadiness() {
	for {
		if g.ready.set(g.askReady()) {
			g.touch()
		}
		select {
		case <-time.After(time.Second):
		case <-g.alive.Done():
			return
		}
	}
}

func (g *playground) askReady() json.RawMessage {
	_, last, _ := g.bot.status()
	if last.Probes == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(g.alive, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+last.Probes+"/readyz", nil)
	if err != nil {
		return nil
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil // it has just gone
	}
	defer res.Body.Close()
	var body json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		return nil
	}
	return body
}
