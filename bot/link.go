package bot

import (
	"bytes"
	"context"
	"crypto/tls"
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

	// apart is after which time the first connection is opened anew; zero: never.
	// Slack refreshes each connection after the same life: of two that were opened
	// together, both would be away at once.
	apart time.Duration
	anew  sync.Once
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
	if l.apart > 0 {
		l.anew.Do(func() { time.AfterFunc(l.apart, func() { _ = c.Close() }) }) // closed before: nothing to do
	}
	return &heardConn{Conn: c, link: l, closed: make(chan struct{})}, nil
}

// linger is how long a connection that Slack asks to go is kept: what it brought
// before is acknowledged on it. Slack closes it by itself some seconds later.
const linger = 500 * time.Millisecond

// How Slack asks a connection to go, and warns that it soon will, as it stands on
// the wire; and what stands for a warning, in as many bytes: the library would
// hang up at once, and lose what Slack goes on sending.
var (
	goodbye = []byte(`"type":"disconnect"`)
	warning = []byte(`"reason":"warning"`)
	later   = []byte(`"type":"warned_off"`)
)

// heardConn notices when something was read.
type heardConn struct {
	net.Conn
	link   *link
	closed chan struct{}
	once   sync.Once
}

// Read implements net.Conn.
func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.link.heard.Store(time.Now().UnixNano())
	}
	switch at := bytes.Index(p[:n], goodbye); {
	case at < 0:
	case bytes.Contains(p[:n], warning):
		copy(p[at:], later)
	default:
		select {
		case <-time.After(linger):
		case <-c.closed:
		}
	}
	return n, err
}

// Close implements net.Conn.
func (c *heardConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
