package bot

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// link is what is known of one Socket Mode connection.
type link struct {
	up    atomic.Bool  // Slack said hello and the connection has not ended since
	heard atomic.Int64 // when anything came last, Unix nanoseconds; 0: never
	count atomic.Int32 // connections of the app, as Slack told in its last hello
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
// nobody of Slack's pings.
func (l *link) dialer() *websocket.Dialer {
	var plain net.Dialer
	return &websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		HandshakeTimeout: 45 * time.Second,
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := plain.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &heardConn{c, l}, nil
		},
	}
}

// heardConn notices when something was read.
type heardConn struct {
	net.Conn
	link *link
}

// Read implements net.Conn.
func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.link.heard.Store(time.Now().UnixNano())
	}
	return n, err
}
