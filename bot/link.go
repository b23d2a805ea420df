package bot

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// link is what is known of one Socket Mode connection.
type link struct {
	up    atomic.Bool  // Slack said hello and the connection has not ended since
	heard atomic.Int64 // when anything came last, Unix nanoseconds; 0: never
	count atomic.Int32 // connections of the app, as Slack told in its last hello
	stuck atomic.Int64 // since when an envelope waits for a slot, Unix nanoseconds; 0: none
	ages  *ages
}

// ages keeps connections apart in age. Slack refreshes each after the same life:
// of two that were opened together, as at the start or after a cut, both would be
// away at once.
type ages struct {
	apart time.Duration

	mu    sync.Mutex
	links map[*link]time.Time // when each was opened last
}

// opened notes that a connection is opened, and tells whether another one is of
// about its age.
func (a *ages) opened(l *link) (twin bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for other, at := range a.links {
		twin = twin || other != l && time.Since(at) < a.apart/2
	}
	if a.links == nil {
		a.links = map[*link]time.Time{}
	}
	a.links[l] = time.Now()
	return twin
}

// lastHeard is when anything came from Slack last, its pings included, which
// come every few seconds; zero: never.
func (l *link) lastHeard() time.Time {
	if at := l.heard.Load(); at != 0 {
		return time.Unix(0, at).UTC()
	}
	return time.Time{}
}

// dialer is slack-go's own, but that what comes is noticed: the library tells
// nobody of Slack's pings, and hangs up as soon as it is asked to go.
func (l *link) dialer() *websocket.Dialer {
	var plain net.Dialer
	return &websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		HandshakeTimeout: 45 * time.Second,
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return l.notice(plain.DialContext(ctx, network, address))
		},
		// Without a proxy the connection is noticed above its encryption.
		NetDialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			d := tls.Dialer{NetDialer: &plain}
			return l.notice(d.DialContext(ctx, network, address))
		},
	}
}

func (l *link) notice(c net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	if l.ages.opened(l) {
		time.AfterFunc(l.ages.apart, func() { _ = c.Close() }) // closed before: nothing to do
	}
	return &heardConn{Conn: c, link: l, closed: make(chan struct{})}, nil
}

// linger is how long a connection that Slack asks to go is kept: what it brought
// before is taken, and acknowledged on it. Slack closes it by itself some seconds
// later.
const linger = 500 * time.Millisecond

// How Slack asks a connection to go, and warns that it soon will, as it stands on
// the wire; and what the library reads in its place, in as many bytes: it would
// hang up at once, and lose what is under way.
var (
	goodbye = []byte(`"type":"disconnect"`)
	warning = []byte(`"reason":"warning"`)
	later   = []byte(`"type":"warned_off"`)
)

// heardConn notices when something was read.
type heardConn struct {
	net.Conn
	link   *link
	goes   bool // Slack has asked it to
	closed chan struct{}
	once   sync.Once
}

// Read implements net.Conn.
func (c *heardConn) Read(p []byte) (int, error) {
	if c.goes {
		select {
		case <-time.After(linger):
		case <-c.closed:
		}
		return 0, io.EOF
	}
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.link.heard.Store(time.Now().UnixNano())
	}
	if at := bytes.Index(p[:n], goodbye); at >= 0 {
		// What came together with it is taken at once, and nothing after it.
		c.goes = !bytes.Contains(p[:n], warning)
		copy(p[at:], later)
	}
	return n, err
}

// Close implements net.Conn.
func (c *heardConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
