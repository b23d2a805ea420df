package slack

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server is one workspace with one app in it. Its methods may be called from several goroutines.
type Server struct {
	opts Options
	mux  *http.ServeMux
	base atomic.Pointer[string] // http://host:port, once known

	done chan struct{} // closed by Close
	once sync.Once
	wg   sync.WaitGroup // redeliveries and delayed closes
	http *http.Server

	mu       sync.Mutex
	closed   bool
	lastTS   int64 // microseconds of the newest message time given
	users    map[string]*User
	channels map[string]*Channel
	groups   map[string]*UserGroup
	messages map[string]*timeline // by channel
	secrets  map[string]*responseURL
	triggers map[string]*trigger
	uploads  map[string]*upload // begun and not completed
	views    viewState
	socket   socketState
	limiter  limiter
	faults   []*Fault
	faultSeq int
	rec      recorder
}

// New makes a server. It panics when the options cannot be: they are written by programmers, not read from outside.
func New(opts Options) *Server {
	o, err := opts.withDefaults()
	if err != nil {
		panic("stub slack: " + err.Error())
	}
	s := &Server{
		opts:     o,
		done:     make(chan struct{}),
		users:    map[string]*User{},
		channels: map[string]*Channel{},
		groups:   map[string]*UserGroup{},
		messages: map[string]*timeline{},
		secrets:  map[string]*responseURL{},
		triggers: map[string]*trigger{},
		uploads:  map[string]*upload{},
		views:    newViewState(),
		socket:   newSocketState(),
		limiter:  newLimiter(o.Limits),
		rec:      newRecorder(o.RecordLimit),
	}
	s.AddUser(User{ID: BotUserID, Name: botName, RealName: botName, IsBot: true})
	for _, u := range o.Users {
		s.AddUser(u)
	}
	for _, c := range o.Channels {
		s.AddChannel(c)
	}
	for _, g := range o.Groups {
		s.AddGroup(g)
	}
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("/api/{method}", s.serveAPI)
	s.mux.HandleFunc("POST /response/{id}", s.serveResponseURL)
	s.mux.HandleFunc("POST /upload/{id}", s.serveUpload)
	s.mux.HandleFunc("GET /link/", s.serveSocket)
	s.routeControl(s.mux)
	return s
}

// Handler serves everything. Addresses that the server tells (sockets, response URLs) follow the Host header of
// the request that asked for them, so it may stand behind any listener.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		base := "http://" + r.Host
		s.base.CompareAndSwap(nil, &base)
		s.mux.ServeHTTP(w, r)
	})
}

// Start listens on addr (such as 127.0.0.1:0) and serves until Close.
func (s *Server) Start(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("stub slack: %w", err)
	}
	base := "http://" + ln.Addr().String()
	s.base.Store(&base)
	s.http = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	s.wg.Go(func() { _ = s.http.Serve(ln) })
	return nil
}

// URL is the server's root, such as http://127.0.0.1:4321, and APIURL the address to give a Slack client. Empty
// before Start (or, with Handler, before the first request).
func (s *Server) URL() string {
	if p := s.base.Load(); p != nil {
		return *p
	}
	return ""
}

// APIURL is the address that stands for https://slack.com/api/.
func (s *Server) APIURL() string { return s.URL() + "/api/" }

// BotToken and AppToken are the tokens that the server accepts.
func (s *Server) BotToken() string { return s.opts.BotToken }

// AppToken is the token for apps.connections.open.
func (s *Server) AppToken() string { return s.opts.AppToken }

// Close cuts every socket, ends every waiting call and stops listening. It may be called twice.
func (s *Server) Close() error {
	var err error
	s.once.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		close(s.done)
		s.CutSockets()
		if s.http != nil {
			err = s.http.Close()
		}
		s.wg.Wait()
	})
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stub slack: close: %w", err)
	}
	return nil
}

// background runs f and lets Close wait for it; nothing is started any more once the server is closing.
func (s *Server) background(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.wg.Go(f)
	}
}

// pause waits, and reports whether the whole time passed before the server closed or gone did.
func (s *Server) pause(d time.Duration, gone <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-gone:
		return false
	case <-s.done:
		return false
	}
}

// newTS gives the time of a new message in Slack's form, seconds with six decimals, unique in the workspace.
// Callers hold mu.
func (s *Server) newTS() string {
	now := s.opts.Now().UnixMicro()
	s.lastTS = max(now, s.lastTS+1)
	return formatTS(s.lastTS)
}

func formatTS(micro int64) string {
	return fmt.Sprintf("%d.%06d", micro/1_000_000, micro%1_000_000)
}

// newID makes an identifier that nothing can guess, so that nothing can be made to work by guessing.
func newID(prefix string) string { return prefix + rand.Text()[:13] }
