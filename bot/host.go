package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"ecs-migrate/internal/upkeep"
	"ecs-migrate/store"
)

// host is what outlives the exchange of a bot's store: the probes, and the
// socket at which store commands are answered.
type host struct {
	log      *slog.Logger
	probes   *http.Server // nil: off
	listener net.Listener
	front    front
	upkeep   *upkeep.Server // nil: not begun, or it could not be

	pauses chan pause
	ended  chan struct{} // closed once no pause is granted any more

	mu    sync.Mutex
	state *store.Store  // nil while it is exchanged
	known chan struct{} // closed once state is there
}

// pause asks the bot to let go of its store.
type pause struct {
	install func() error // while nobody has it open
	done    chan error   // told once the bot lives on, or will not
}

func newHost(log *slog.Logger) *host {
	return &host{log: log, pauses: make(chan pause), ended: make(chan struct{}), known: make(chan struct{})}
}

// take begins to answer for a bot that has its store open: the first time at the
// socket and, where probes are wanted, at the address.
func (h *host) take(b *bot, o Options) error {
	h.front.handler.Store(&b.probes)
	h.mu.Lock()
	h.state = b.store
	close(h.known)
	h.mu.Unlock()
	if h.upkeep == nil {
		var err error
		if h.upkeep, err = upkeep.Serve(o.Config.Store, h, upkeep.Options{Log: o.Log, Now: o.Clock.Now}); err != nil {
			// The bot can do its work; only these commands need it stopped then.
			h.log.Warn("store commands work only while the bot is stopped: its socket cannot be opened", "socket", upkeep.SocketPath(o.Config.Store), "err", err)
		}
	}
	if o.Config.Listen == "" || h.probes != nil {
		return nil
	}
	l, err := net.Listen("tcp", o.Config.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: change `listen` in the configuration or stop what holds it: %w", o.Config.Listen, err)
	}
	h.listener, h.probes = l, &http.Server{Handler: &h.front, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := h.probes.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			h.log.Error("probes stopped", "err", err)
		}
	}()
	h.log.Info("answering probes", "address", l.Addr().String())
	return nil
}

// letGo keeps store commands waiting until take.
func (h *host) letGo() {
	h.front.handler.Store(nil)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state, h.known = nil, make(chan struct{})
}

// lastWords is what an answer to a store command gets to leave the socket.
const lastWords = time.Second

// end answers nobody any more. The store must still be open: the socket's name
// is this bot's only as long as it holds that.
func (h *host) end() error {
	close(h.ended)
	var err error
	if h.upkeep != nil {
		patient, cancel := context.WithTimeout(context.Background(), lastWords)
		defer cancel()
		err = h.upkeep.Shutdown(patient)
	}
	if h.probes != nil {
		err = errors.Join(err, h.probes.Close())
	}
	return err
}

// Store implements upkeep.Host: it waits while the store is exchanged.
func (h *host) Store(ctx context.Context) (*store.Store, error) {
	for {
		h.mu.Lock()
		state, known := h.state, h.known
		h.mu.Unlock()
		if state != nil {
			return state, nil
		}
		select {
		case <-known:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-h.ended:
			return nil, errEnding
		}
	}
}

var errEnding = errors.New("the bot is stopping: ask again once it has stopped")

// Replace implements upkeep.Host.
func (h *host) Replace(ctx context.Context, install func() error) error {
	p := pause{install, make(chan error, 1)}
	select {
	case h.pauses <- p:
		return <-p.done
	case <-h.ended:
		return errEnding
	case <-ctx.Done():
		return ctx.Err()
	}
}

// front answers probes, by the bot that lives now.
type front struct{ handler atomic.Pointer[http.Handler] }

// ServeHTTP implements http.Handler. While the store is exchanged the process is
// well and not ready.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := f.handler.Load()
	switch {
	case h != nil:
		(*h).ServeHTTP(w, r)
	case r.URL.Path == "/healthz":
		_, _ = w.Write([]byte("ok\n"))
	default:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"ready":false,"reasons":["the store is being restored from a backup"]}` + "\n"))
	}
}
