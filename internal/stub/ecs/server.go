package ecs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options say how a Server starts. The zero value is one account with a few
// instances, at the machine's time.
type Options struct {
	// Now tells the time that events live on; nil is time.Now.
	Now func() time.Time
	// Gateway tells the time that signatures and temporary keys are held
	// against; nil is time.Now. It is apart from Now because a client signs
	// with the machine's clock even while a test moves the events' one.
	Gateway func() time.Time
	// Accounts are who there is; nil is DefaultAccounts.
	Accounts []Account
	// Latency is added to every call.
	Latency time.Duration
	// ExecuteFor is how long an event executes; zero is 15 minutes, which the
	// migration notice names.
	ExecuteFor time.Duration
	// Keep bounds the record, in entries; zero is 100,000.
	Keep int
	// Answers keeps what was answered in the record too.
	Answers bool
}

// A Server is the stub. Its methods may be called at any time, from anywhere.
type Server struct {
	now        func() time.Time
	gateway    func() time.Time
	executeFor time.Duration
	actions    map[string]*action
	tokenKey   []byte
	answers    bool
	record     *record
	mux        *http.ServeMux

	mu       sync.Mutex // guards all below
	accounts []*account
	keys     map[string]*keyState
	roles    map[string]*roleState // by ARN
	events   map[string]*event
	nonces   nonces
	faults   []*Fault
	skew     time.Duration
	latency  time.Duration
	seq      int64

	http   *http.Server
	addr   net.Addr
	closed chan struct{} // hanging calls end when it is
	once   sync.Once
}

// New makes a server; Start or Handler lets it be reached. It panics if the
// options contradict themselves, such as two accounts with the same key.
func New(o Options) *Server {
	s := &Server{
		now: o.Now, gateway: o.Gateway, executeFor: o.ExecuteFor, latency: o.Latency, answers: o.Answers,
		tokenKey: make([]byte, 16), keys: map[string]*keyState{}, roles: map[string]*roleState{},
		events: map[string]*event{}, nonces: nonces{seen: map[string]time.Time{}},
		closed: make(chan struct{}), actions: actionTable(),
	}
	rand.Read(s.tokenKey)
	if s.now == nil {
		s.now = time.Now
	}
	if s.gateway == nil {
		s.gateway = time.Now
	}
	if s.executeFor == 0 {
		s.executeFor = 15 * time.Minute
	}
	s.record = newRecord(o.Keep)
	accounts := o.Accounts
	if accounts == nil {
		accounts = DefaultAccounts()
	}
	for _, a := range accounts {
		if err := s.addAccount(a); err != nil {
			panic("ecs stub: " + err.Error())
		}
	}
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("/{$}", s.serveRPC)
	s.control(s.mux)
	return s
}

func (s *Server) addAccount(a Account) error {
	acc, err := newAccount(a)
	if err != nil {
		return err
	}
	for _, k := range a.Keys {
		if k.ID == "" || k.Secret == "" || s.keys[k.ID] != nil {
			return fmt.Errorf("account %q: key %q is empty or taken", a.Name, maskKey(k.ID))
		}
		s.keys[k.ID] = newKeyState(acc, k)
	}
	for _, r := range a.Roles {
		s.roles[a.ARN(r.Name)] = &roleState{Role: r, account: acc}
	}
	s.accounts = append(s.accounts, acc)
	return nil
}

// Handler serves the RPC endpoint at / and the control API under /control/.
func (s *Server) Handler() http.Handler { return s.mux }

// Start listens on addr; ":0" is any free port of the loopback address.
func (s *Server) Start(addr string) error {
	if host, port, err := net.SplitHostPort(addr); err == nil && host == "" {
		addr = net.JoinHostPort("127.0.0.1", port)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("start ecs stub: %w", err)
	}
	s.addr = l.Addr()
	s.http = &http.Server{Handler: s.mux, ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(l) // ends with Close; its error says only that
	return nil
}

// Addr is host:port after Start.
func (s *Server) Addr() string {
	if s.addr == nil {
		return ""
	}
	return s.addr.String()
}

// URL is the endpoint's address after Start, without a path.
func (s *Server) URL() string { return "http://" + s.Addr() }

// Close ends the server and every call that hangs.
func (s *Server) Close() error {
	s.once.Do(func() { close(s.closed) })
	if s.http == nil {
		return nil
	}
	return s.http.Close()
}

// SetLatency adds d to every call from now on.
func (s *Server) SetLatency(d time.Duration) { s.locked(func() { s.latency = d }) }

// SetSkew makes the gateway's clock wrong by d.
func (s *Server) SetSkew(d time.Duration) { s.locked(func() { s.skew = d }) }

func (s *Server) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// accountOf is the account of that id or name; "" is the first. The lock is
// held.
func (s *Server) accountOf(name string) *account {
	for _, acc := range s.accounts {
		if name == "" || name == acc.ID || name == acc.Name {
			return acc
		}
	}
	return nil
}

func errNoAccount(name string) error { return fmt.Errorf("no account %q", name) }

// pause waits d, or for the call or the server to end first.
func (s *Server) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closed:
		return errors.New("server closed")
	}
}
