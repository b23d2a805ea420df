package killtest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
)

// call is one thing that the bot asks of Slack or of the cloud: a method of
// Slack's Web API, an action of the cloud, or an acknowledgement.
type call struct {
	name string
	args url.Values
}

const acknowledgement = "acknowledgement"

// moment is how far a call got.
type moment int

const (
	asked    moment = iota // it has arrived, nothing was done
	done                   // its work is done, its answer is held back
	answered               // its answer has gone out
)

func (m moment) String() string { return [...]string{"asked", "done", "answered"}[m] }

// stop is a step at which the bot is to be killed.
type stop struct {
	what string
	fits func(call) bool
	when moment
	// recorded waits, once the answer has gone out, until what it leaves behind is
	// committed.
	recorded bool
	// beside are calls that get no answer until then; nil: none.
	beside func(call) bool
}

func (s stop) String() string {
	if s.recorded {
		return s.what + " recorded"
	}
	return s.what + " " + s.when.String()
}

// tap stands in front of the stub servers. It sees every call, and holds up the
// one that fits the stop until its caller is gone.
type tap struct {
	mu    sync.Mutex
	stop  *stop // nil: nothing is held up
	met   chan struct{}
	busy  int           // calls under way
	quiet chan struct{} // closed and replaced whenever busy falls to zero
}

func newTap() *tap { return &tap{quiet: make(chan struct{})} }

// set makes the tap hold up the first call that fits, and gives a channel that
// closes then.
func (t *tap) set(s stop) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop, t.met = &s, make(chan struct{})
	return t.met
}

// clear takes the stop away.
func (t *tap) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop = nil
}

// caught tells whether the call is the one to stop at, once.
func (t *tap) caught(c call, when moment) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop == nil || t.stop.when != when || !t.stop.fits(c) {
		return false
	}
	t.stop = nil
	close(t.met)
	return true
}

func (t *tap) enter() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.busy++
}

func (t *tap) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy--; t.busy == 0 {
		close(t.quiet)
		t.quiet = make(chan struct{})
	}
}

// drained waits until no call is under way: what a killed bot had sent has had
// its effect.
func (t *tap) drained(ctx context.Context) error {
	for {
		t.mu.Lock()
		busy, quiet := t.busy, t.quiet
		t.mu.Unlock()
		if busy == 0 {
			return nil
		}
		select {
		case <-quiet:
		case <-ctx.Done():
			return fmt.Errorf("%d calls of a killed bot do not end: %w", busy, ctx.Err())
		}
	}
}

// before puts the tap before a server.
func (t *tap) before(server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/link/") {
			server.ServeHTTP(socketWriter{w, t}, r)
			return
		}
		t.enter()
		defer t.leave()
		c, err := readCall(r)
		if err != nil {
			panic(http.ErrAbortHandler) // killed while it was sending
		}
		t.hold(c, asked, r)
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		t.hold(c, done, r)
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // a caller that is gone is the point of it all
		_ = http.NewResponseController(w).Flush()
		t.caught(c, answered)
	})
}

// beside tells whether the call is one that gets no answer.
func (t *tap) beside(c call) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stop != nil && t.stop.beside != nil && t.stop.beside(c)
}

// hold keeps the call to stop at from going on until its caller is gone.
func (t *tap) hold(c call, when moment, r *http.Request) {
	if t.beside(c) || t.caught(c, when) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

// readCall reads what is asked for and leaves the request as it was.
func readCall(r *http.Request) (call, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return call{}, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	args, _ := url.ParseQuery(string(body)) // what is no form has no arguments here
	for name, values := range r.URL.Query() {
		args[name] = values
	}
	name := strings.TrimPrefix(r.URL.Path, "/api/")
	if action := args.Get("Action"); action != "" {
		name = action
	}
	return call{name, args}, nil
}

// socketWriter lets the tap see the acknowledgements on a WebSocket.
type socketWriter struct {
	http.ResponseWriter
	tap *tap
}

func (w socketWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	conn = socket{conn, w.tap}
	return conn, bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn)), nil
}

type socket struct {
	net.Conn
	tap *tap
}

// Read swallows the acknowledgement to stop at and all that follows it.
func (s socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	const opcode, text = 0x0f, 0x01 // RFC 6455, 5.2; pongs have another one
	if n == 0 || p[0]&opcode != text {
		return n, err
	}
	if s.tap.caught(call{name: acknowledgement}, asked) {
		_, _ = io.Copy(io.Discard, s.Conn)
		return 0, io.EOF
	}
	s.tap.caught(call{name: acknowledgement}, answered)
	return n, err
}
