package slack

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// maxSockets is how many connections an app may hold.
// Source: https://docs.slack.dev/apis/events-api/using-socket-mode ("up to 10")
const maxSockets = 10

type socketState struct {
	tickets   map[string]bool // unused ones
	conns     []*conn
	lastConn  int
	turn      int // round-robin
	mute      bool
	envelopes []*Envelope
	byID      map[string]*Envelope
}

func newSocketState() socketState {
	return socketState{tickets: map[string]bool{}, byID: map[string]*Envelope{}}
}

// conn is one Socket Mode connection.
type conn struct {
	id      int
	ws      *websocket.Conn
	writing sync.Mutex
	gone    bool          // its goodbye is written, and nothing follows it; guarded by writing
	leaving bool          // told to go: gets no more envelopes; guarded by the server's mu
	over    chan struct{} // closed when its reader ends
}

const writeWait = 5 * time.Second

func (c *conn) send(v any) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.gone {
		return errGone
	}
	return c.sendLocked(v)
}

var errGone = errors.New("the connection was told to go")

// tellToGo writes the message that asks for the connection's end.
func (c *conn) tellToGo(reason string) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.gone = true
	_ = c.sendLocked(disconnectMessage(reason)) // one that has gone needs no telling
}

func (c *conn) sendLocked(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_ = c.ws.SetWriteDeadline(time.Now().Add(writeWait))
	return c.ws.WriteMessage(websocket.TextMessage, raw)
}

// connectionsOpen gives a WebSocket address with a ticket for one use.
// Source: https://docs.slack.dev/reference/methods/apps.connections.open; that a ticket works once is not confirmed.
func (s *Server) connectionsOpen(c *call) (map[string]any, *apiError) {
	ticket := newID("")
	s.socket.tickets[ticket] = true
	return map[string]any{"url": "ws://" + c.host + "/link/?ticket=" + ticket + "&app_id=" + AppID}, nil
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if f := s.faultFor("socket"); f != nil {
		if !s.strike(f, r) {
			panic(http.ErrAbortHandler)
		}
		if e := f.spoil(); e != nil {
			writeJSON(w, max(e.status, http.StatusBadRequest), e.answer())
			return
		}
	}
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	ok := s.socket.tickets[ticket]
	delete(s.socket.tickets, ticket)
	s.mu.Unlock()
	if !ok {
		writeJSON(w, http.StatusForbidden, map[string]any{"ok": false, "error": "invalid_ticket"})
		return
	}
	// Clients of every kind send an Origin of their own; a stub on loopback has nothing to protect by it.
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	ws.SetReadLimit(1 << 20)
	life := 18060
	if r.URL.Query().Get("debug_reconnects") == "true" {
		life = 360
	}
	s.attend(&conn{ws: ws, over: make(chan struct{})}, life)
}

// attend is a connection's life: hello, pings, acknowledgements, end.
// Source of hello: https://docs.slack.dev/apis/events-api/using-socket-mode. More than ten connections are told
// too_many_websockets: https://github.com/slackapi/node-slack-sdk/issues/1654
func (s *Server) attend(c *conn, life int) {
	defer c.ws.Close()
	c.writing.Lock() // hello goes first
	s.mu.Lock()
	s.socket.lastConn++
	c.id = s.socket.lastConn
	full := len(s.socket.conns) >= maxSockets || s.closed
	if !full {
		s.socket.conns = append(s.socket.conns, c)
	}
	n := len(s.socket.conns)
	s.mu.Unlock()
	if full {
		_ = c.sendLocked(disconnectMessage("too_many_websockets"))
		c.writing.Unlock()
		close(c.over)
		s.sayGoodbye(c)
		return
	}
	defer close(c.over)
	defer s.forget(c)
	err := c.sendLocked(map[string]any{
		"type": "hello", "num_connections": n,
		"connection_info": map[string]any{"app_id": AppID},
		"debug_info":      map[string]any{"host": "applink-stub", "build_number": 1, "approximate_connection_time": life},
	})
	c.writing.Unlock()
	if err != nil {
		return
	}
	s.mu.Lock()
	s.changed("connection", "open")
	s.mu.Unlock()
	stop := make(chan struct{})
	defer close(stop)
	s.background(func() { s.ping(c, stop) })
	s.listen(c)
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.socket.conns = slices.DeleteFunc(s.socket.conns, func(o *conn) bool { return o == c })
	s.changed("connection", "closed")
}

// listen reads acknowledgements until the connection ends. A peer that answers no ping for three of them is dead.
func (s *Server) listen(c *conn) {
	alive := func() { _ = c.ws.SetReadDeadline(time.Now().Add(3 * s.opts.PingEvery)) }
	alive()
	c.ws.SetPongHandler(func(string) error { alive(); return nil })
	answerPing := c.ws.PingHandler()
	c.ws.SetPingHandler(func(data string) error { alive(); return answerPing(data) })
	for {
		_, raw, err := c.ws.ReadMessage()
		if err != nil {
			if e, ok := err.(interface{ Timeout() bool }); ok && e.Timeout() {
				s.mu.Lock()
				s.violation("no pong: the connection was closed", "")
				s.mu.Unlock()
			}
			return
		}
		alive()
		s.acknowledge(c, raw)
	}
}

func (s *Server) ping(c *conn, stop <-chan struct{}) {
	for s.pause(s.opts.PingEvery, stop) {
		s.mu.Lock()
		mute := s.socket.mute
		s.mu.Unlock()
		if mute {
			_ = c.ws.SetReadDeadline(time.Now().Add(time.Hour))
			continue
		}
		if err := c.ws.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(writeWait)); err != nil {
			return
		}
	}
}

// MutePings stops (or resumes) the server's pings, as on a half-open connection.
func (s *Server) MutePings(mute bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.socket.mute = mute
}

// Connections counts the Socket Mode connections that get envelopes: open, and not told to go.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.socket.conns {
		if !c.leaving {
			n++
		}
	}
	return n
}

// leave stops envelopes to a connection. Callers hold mu.
func (s *Server) leave(c *conn) {
	if !c.leaving {
		c.leaving = true
		s.changed("connection", "leaving")
	}
}

func disconnectMessage(reason string) map[string]any {
	return map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink-stub"}}
}

// Disconnect tells every connection that was not told yet to go, for a reason: "warning" announces a refresh that comes WarningLead later,
// "refresh_requested" and "link_disabled" close at once. It gives the number of connections told.
// Source: https://docs.slack.dev/apis/events-api/using-socket-mode ("Handle disconnects gracefully")
func (s *Server) Disconnect(reason string) int { return s.disconnect(reason, maxSockets) }

// DisconnectOne is Disconnect for the connection that has stood longest: Slack refreshes each after its own life.
func (s *Server) DisconnectOne(reason string) int { return s.disconnect(reason, 1) }

func (s *Server) disconnect(reason string, most int) int {
	s.mu.Lock()
	conns := slices.DeleteFunc(slices.Clone(s.socket.conns), func(c *conn) bool { return c.leaving })
	conns = conns[:min(len(conns), most)]
	for _, c := range conns {
		if reason != "warning" {
			s.leave(c)
		}
	}
	s.mu.Unlock()
	for _, c := range conns {
		if reason == "warning" {
			_ = c.send(disconnectMessage(reason)) // one that has gone needs no warning
			continue
		}
		c.tellToGo(reason)
		s.background(func() { s.sayGoodbye(c) })
	}
	if reason == "warning" && len(conns) > 0 {
		s.background(func() {
			if s.pause(s.opts.WarningLead, nil) {
				s.refresh(conns)
			}
		})
	}
	return len(conns)
}

func (s *Server) refresh(conns []*conn) {
	for _, c := range conns {
		s.mu.Lock()
		s.leave(c)
		s.mu.Unlock()
		c.tellToGo("refresh_requested")
		s.sayGoodbye(c)
	}
}

// sayGoodbye sends a close frame, gives the peer a second to answer, and closes.
func (s *Server) sayGoodbye(c *conn) {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeWait))
	s.pause(time.Second, c.over) // its reader sees the answer
	_ = c.ws.Close()
}

// CutSockets drops every connection without a word, and gives their number.
func (s *Server) CutSockets() int {
	s.mu.Lock()
	conns := slices.Clone(s.socket.conns)
	for _, c := range conns {
		s.leave(c)
	}
	s.mu.Unlock()
	for _, c := range conns {
		_ = c.ws.NetConn().Close()
	}
	return len(conns)
}
