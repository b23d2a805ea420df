package bot

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
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
	links map[*link]age
}

// age is when a connection was opened last, and whether it is opened anew for
// being of another one's age.
type age struct {
	opened time.Time
	anew   bool
}

// opened notes that a connection is opened, and tells whether it must be opened
// anew: another one is of about its age, and stays.
func (a *ages) opened(l *link) (anew bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for other, is := range a.links {
		anew = anew || other != l && !is.anew && time.Since(is.opened) < a.apart/2
	}
	if a.links == nil {
		a.links = map[*link]age{}
	}
	a.links[l] = age{time.Now(), anew}
	return anew
}

// lastHeard is when anything came from Slack last, its pings included, which
// come every few seconds; zero: never.
func (l *link) lastHeard() time.Time {
	if at := l.heard.Load(); at != 0 {
		return time.Unix(0, at).UTC()
	}
	return time.Time{}
}

// socketHost is where Slack's connections lead, as far as a proxy is asked: which
// host it is, Slack tells for each. Source:
// https://docs.slack.dev/reference/methods/apps.connections.open
const socketHost = "wss-primary.slack.com"

// dialer is slack-go's own, but that what comes is noticed: the library tells
// nobody of Slack's pings, and hangs up as soon as it is asked to go.
//
// Behind a proxy the library encrypts by itself, above what is noticed: Slack is
// heard there, but its goodbyes are not.
func (l *link) dialer(proxy func(*http.Request) (*url.URL, error)) *websocket.Dialer {
	var plain net.Dialer
	through, err := proxy(&http.Request{URL: &url.URL{Scheme: "https", Host: socketHost}})
	direct := through == nil && err == nil
	d := &websocket.Dialer{
		Proxy:            proxy,
		HandshakeTimeout: 45 * time.Second,
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := plain.DialContext(ctx, network, address)
			return l.notice(c, err, direct)
		},
	}
	if direct { // else it would be used for the proxy itself
		d.NetDialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			d := tls.Dialer{NetDialer: &plain}
			c, err := d.DialContext(ctx, network, address)
			return l.notice(c, err, direct)
		}
	}
	return d
}

// notice watches a connection; clear tells whether frames pass there as they are.
func (l *link) notice(c net.Conn, err error, clear bool) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	heard := &heardConn{Conn: c, link: l, clear: clear, closed: make(chan struct{})}
	if l.ages.opened(l) {
		time.AfterFunc(l.ages.apart, heard.leave) // ended before: nothing to do
	}
	return heard, nil
}

// parting is a close frame with the code for a normal end, masked by zeros. Source:
// https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1
var parting = []byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8}

// leave ends the connection without losing what is on its way: Slack is told, and
// what it had sent before it answers is taken.
func (c *heardConn) leave() {
	if c.clear {
		if _, err := c.Write(parting); err == nil {
			time.AfterFunc(unanswered, func() { _ = c.Close() })
			return
		}
	}
	_ = c.Close()
}

// unanswered is how long Slack may take to answer that a connection ends.
const unanswered = 5 * time.Second

// linger is how long a connection that Slack asks to go is kept: what it brought
// before is taken, and acknowledged on it. Slack closes it by itself some seconds
// later.
const linger = 500 * time.Millisecond

// How Slack asks a connection to go, and warns that it soon will, as it stands on
// the wire; and what the library reads in place of a warning, in as many bytes: it
// would hang up at once, and lose what Slack goes on sending.
var (
	goodbye = []byte(`"type":"disconnect"`)
	warning = []byte(`"reason":"warning"`)
	later   = []byte(`"type":"warned_off"`)
)

// heardConn notices when something was read, and when Slack asks it to go.
type heardConn struct {
	net.Conn
	link   *link
	clear  bool
	goes   bool
	closed chan struct{}
	once   sync.Once
}

// Read implements net.Conn. What came before a goodbye is taken at once; the rest
// of it, and a close that may follow in the same breath, is kept from the library,
// which would drop what it has not handed on yet.
func (c *heardConn) Read(p []byte) (int, error) {
	if c.goes {
		select {
		case <-time.After(linger):
		case <-c.closed:
		}
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.link.heard.Store(time.Now().UnixNano())
	}
	switch at := bytes.Index(p[:n], goodbye); {
	case at < 0:
	case bytes.Contains(p[:n], warning):
		copy(p[at:], later)
	default:
		c.goes = true
		return at, nil
	}
	return n, err
}

// Close implements net.Conn.
func (c *heardConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
