package upkeep

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ecs-migrate/store"
)

// Host is a bot whose store is looked after.
type Host interface {
	// Store is the store that the bot has open now.
	Store(ctx context.Context) (*store.Store, error)
	// Replace pauses the bot, which drains what it began and closes its store,
	// runs install, and lets the bot live on with what stands there then. An
	// error says that the bot lives on with the store as it was, or not at all.
	Replace(ctx context.Context, install func() error) error
}

// Server answers at the socket beside a bot's store, over HTTP, for the user who
// runs the bot and for root.
type Server struct {
	path   string
	socket string
	host   Host
	o      Options
	http   *http.Server
	// turn is held for reading by what leaves the store as it is, and for writing
	// by what does not.
	turn sync.RWMutex
}

// Serve answers for the bot that has the store at path open, until Shutdown.
func Serve(path string, host Host, o Options) (*Server, error) {
	s := &Server{path: path, socket: SocketPath(path), host: host, o: o}
	l, err := listen(s.socket)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /check", s.check)
	mux.HandleFunc("POST /backup", s.backup)
	mux.HandleFunc("POST /compact", s.compact)
	mux.HandleFunc("POST /restore", s.restore)
	mux.HandleFunc("GET /audit", s.audit)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn)}
	go func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Error("store commands are answered no longer", "err", err)
		}
	}()
	return s, nil
}

// Shutdown lets what is answered come to its end for as long as ctx lives, then
// ends it. It is for who still holds the store's lock: the name may be another
// bot's after that.
func (s *Server) Shutdown(ctx context.Context) error {
	err := os.Remove(s.socket)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	_ = s.http.Shutdown(ctx) // what it leaves is cut off
	return errors.Join(err, s.http.Close())
}

const summaryHeader = "Ecs-Migrate-Summary"

// problem is the body of an answer that is none.
type problem struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, out any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusConflict)
		out = problem{err.Error()}
	}
	_ = json.NewEncoder(w).Encode(out) // who asked is gone where this fails
}

var errBusy = errors.New("the bot is at another store command that changes the store: try again when that has ended")

func (s *Server) check(w http.ResponseWriter, r *http.Request) {
	if !s.turn.TryRLock() {
		answer(w, nil, errBusy)
		return
	}
	defer s.turn.RUnlock()
	open, err := s.host.Store(r.Context())
	if err != nil {
		answer(w, nil, err)
		return
	}
	if err := open.Damaged(); err != nil {
		answer(w, Checked{Faults: []string{"met at work: " + err.Error()}, Live: true}, nil)
		return
	}
	out, err := check(r.Context(), open)
	out.Live = true
	answer(w, out, err)
}

// backup makes the copy on the store's own disk first: who reads it may be slow,
// and the bot must not wait for that.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) {
	if !s.turn.TryRLock() {
		answer(w, nil, errBusy)
		return
	}
	defer s.turn.RUnlock()
	open, err := s.host.Store(r.Context())
	if err != nil {
		answer(w, nil, err)
		return
	}
	dir, err := os.MkdirTemp(filepath.Dir(s.path), ".backup-")
	if err != nil {
		answer(w, nil, err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "copy")
	sum, err := open.Backup(r.Context(), path)
	if err != nil {
		answer(w, nil, err)
		return
	}
	copied, err := os.Open(path)
	if err != nil {
		answer(w, nil, err)
		return
	}
	defer copied.Close()
	told, err := json.Marshal(sum)
	if err != nil {
		answer(w, nil, err)
		return
	}
	w.Header().Set(summaryHeader, string(told))
	w.Header().Set("Content-Type", "application/octet-stream")
	if _, err := io.Copy(w, copied); err != nil {
		panic(http.ErrAbortHandler) // so that half a file does not pass for a whole one
	}
}

func (s *Server) compact(w http.ResponseWriter, r *http.Request) {
	if !s.turn.TryLock() {
		answer(w, nil, errBusy)
		return
	}
	defer s.turn.Unlock()
	open, err := s.host.Store(r.Context())
	if err != nil {
		answer(w, nil, err)
		return
	}
	var out Compacted
	if out.Before, out.After, err = open.Compact(r.Context()); err == nil {
		s.o.Log.Info("the store was compacted", "before", out.Before, "after", out.After)
	}
	answer(w, out, err)
}

func (s *Server) restore(w http.ResponseWriter, r *http.Request) {
	if !s.turn.TryLock() {
		answer(w, nil, errBusy)
		return
	}
	defer s.turn.Unlock()
	p, err := store.Prepare(r.Context(), s.path, r.URL.Query().Get("name"), r.Body, store.Options{Log: s.o.Log, Now: s.o.Now})
	if err != nil {
		answer(w, nil, err)
		return
	}
	out := Restored{Summary: p.Summary, At: s.o.Now(), Live: true}
	// What was begun is carried through, whether or not somebody waits for it.
	err = s.host.Replace(context.WithoutCancel(r.Context()), func() (err error) {
		out.Former, err = p.Install()
		return err
	})
	answer(w, out, errors.Join(err, p.Discard()))
}

func (s *Server) audit(w http.ResponseWriter, r *http.Request) {
	since, err := readTime(r.URL.Query().Get("since"))
	until, err2 := readTime(r.URL.Query().Get("until"))
	if err := errors.Join(err, err2); err != nil {
		answer(w, nil, err)
		return
	}
	open, err := s.host.Store(r.Context())
	if err != nil {
		answer(w, nil, err)
		return
	}
	begun := false
	enc := json.NewEncoder(w)
	err = open.Audit(r.Context(), since, until, func(e store.Audited) error {
		begun = true
		return enc.Encode(e)
	})
	switch {
	case err != nil && begun:
		panic(http.ErrAbortHandler) // so that half a trail does not pass for a whole one
	case err != nil:
		answer(w, nil, err)
	}
}

func readTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, s)
}
