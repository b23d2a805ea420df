package bot

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// peer is a server for one Socket Mode connection.
func peer(serve func(*websocket.Conn)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{}
		if ws, err := up.Upgrade(w, r, nil); err == nil {
			serve(ws)
			_ = ws.Close()
		}
	})
}

func unproxied(*http.Request) (*url.URL, error) { return nil, nil }

// A company's proxy gets a CONNECT in the clear, and Slack the encryption through it.
func TestItConnectsThroughAProxy(t *testing.T) {
	slack := httptest.NewTLSServer(peer(func(ws *websocket.Conn) { _ = ws.WriteMessage(websocket.TextMessage, []byte("hello")) }))
	defer slack.Close()
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
			return
		}
		asked.Add(1)
		to, err := net.Dial("tcp", r.Host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		from, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(to, bufio.NewReader(buffered)); _ = to.Close() }()
		_, _ = io.Copy(from, to)
		_ = from.Close()
	}))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	l := &link{ages: &ages{}}
	d := l.dialer(func(*http.Request) (*url.URL, error) { return at, nil })
	roots := x509.NewCertPool()
	roots.AddCert(slack.Certificate())
	d.TLSClientConfig = &tls.Config{RootCAs: roots}
	ws, _, err := d.DialContext(t.Context(), strings.Replace(slack.URL, "https", "wss", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if _, raw, err := ws.ReadMessage(); err != nil || string(raw) != "hello" || asked.Load() != 1 {
		t.Errorf("%q %v, and the proxy was asked %d times", raw, err, asked.Load())
	}
	if l.lastHeard().IsZero() {
		t.Error("nothing was heard")
	}
}

// What Slack sends before it answers that a connection ends is taken.
func TestAConnectionEndsOnceItsPeerHasAnswered(t *testing.T) {
	slack := httptest.NewServer(peer(func(ws *websocket.Conn) {
		ws.SetCloseHandler(func(code int, _ string) error {
			_ = ws.WriteMessage(websocket.TextMessage, []byte("a click"))
			return ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Minute))
		})
		_, _, _ = ws.ReadMessage()
	}))
	defer slack.Close()
	young := &ages{apart: 10 * time.Millisecond}
	young.links = map[*link]age{{}: {opened: time.Now().Add(time.Hour)}} // another one of its age
	l := &link{ages: young}
	ws, _, err := l.dialer(unproxied).DialContext(t.Context(), strings.Replace(slack.URL, "http", "ws", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if _, raw, err := ws.ReadMessage(); err != nil || string(raw) != "a click" {
		t.Errorf("what was on its way is lost: %q %v", raw, err)
	}
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("it ended by %v", err)
	}
}
