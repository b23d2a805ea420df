package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"time"

	slackstub "ecs-migrate/internal/stub/slack"
)

// What the page is made of. It needs no build.
//
//go:embed page
var pageFiles embed.FS

// policy lets the page load its own files and speak to its own server, nothing
// else. Source: https://www.w3.org/TR/CSP3/
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// handler serves the page and all that it talks to: JSON on one origin, where
// POST must be sent as application/json and a refusal is {"error": a sentence}.
//
//   - / and /page/…: the page's files.
//   - /world tells how things are (worldWhole); /world/clock moves the clock,
//     /world/bot kills, stops and starts the bot, /world/announce, /world/event
//     and /world/fault act as the cloud, as somebody in its console, and as bad
//     luck. Each answers once the bot has seen it and done all that follows.
//   - /world/traffic gives what passed between the bot and the servers, the newest
//     or those past a number; an envelope that is acknowledged comes again with
//     its id. /world/log is the end of the bot's own log.
//   - /world/stream tells what changes, on one connection, since a browser gives a
//     host six: "hello" with the numbers to go on from, then "world" (worldState),
//     "slack" (a list of changes), "cloud" and "traffic" (that there are news).
//   - /slack/control/ and /cloud/control/ are the stub servers' own control APIs
//     (docs/stub-slack.md, docs/stub-ecs.md); what people do goes there.
func (g *playground) handler() http.Handler {
	mux := pages()
	mux.HandleFunc("GET /world", answer(func(*http.Request) (any, error) { return g.whole(), nil }))
	mux.HandleFunc("GET /world/log", answer(func(*http.Request) (any, error) {
		return map[string]any{"lines": g.log.tail(keptLines)}, nil
	}))
	mux.HandleFunc("GET /world/traffic", answer(g.tellTraffic))
	mux.HandleFunc("GET /world/stream", g.stream)
	mux.HandleFunc("POST /world/clock", answer(g.takeClock))
	mux.HandleFunc("POST /world/bot", answer(g.takeBot))
	mux.HandleFunc("POST /world/announce", answer(func(r *http.Request) (any, error) {
		return carried(r, func(n notice) (any, error) { return g.announce(r.Context(), n) })
	}))
	mux.HandleFunc("POST /world/event", answer(func(r *http.Request) (any, error) {
		return carried(r, func(s steering) (any, error) {
			e, err := g.steer(r.Context(), s)
			return map[string]any{"event": e}, err
		})
	}))
	mux.HandleFunc("POST /world/fault", answer(func(r *http.Request) (any, error) {
		return carried(r, func(f fault) (any, error) {
			on, err := g.turn(r.Context(), f)
			return map[string]any{"faults": on}, err
		})
	}))
	mux.Handle("/slack/control/", http.StripPrefix("/slack", g.acts(g.slack.Handler())))
	mux.Handle("/cloud/control/", http.StripPrefix("/cloud", g.cloud.Handler()))
	return guard(mux)
}

// pages serves the page's own files.
func pages() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", pageFile("index.html"))
	mux.HandleFunc("GET /page/{name...}", func(w http.ResponseWriter, r *http.Request) { pageFile(r.PathValue("name"))(w, r) })
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return mux
}

// acts keeps what people do apart from moves of the clock.
func (g *playground) acts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			g.hands.act(func() { next.ServeHTTP(w, r) })
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guard lets in the page itself and programs on this machine, not other sites'
// pages in a browser on it: whoever gets in can act as anyone.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if problem, status := trespass(r); problem != "" {
			tellError(w, status, errors.New(problem))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// trespass says why a request is refused, "" where it is not.
func trespass(r *http.Request) (problem string, status int) {
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	changes := r.Method != http.MethodGet && r.Method != http.MethodHead
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case !sameMachine(r.Host):
		// A name of somebody else's that was pointed at this machine.
		return "open the page by the address that ecs-migrate-demo printed", http.StatusForbidden
	case origin != "" && origin != "http://"+r.Host:
		return "other sites' pages may not use this one", http.StatusForbidden
	case site != "" && site != "same-origin" && site != "none" && (changes || r.URL.Path != "/"):
		// A link from elsewhere may open the page, and nothing else of it.
		return "other sites' pages may not use this one", http.StatusForbidden
	case changes && kind != "application/json":
		return "the body must be sent as application/json", http.StatusUnsupportedMediaType
	}
	return "", 0
}

// sameMachine tells whether a Host header names this machine as itself.
func sameMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// pageTypes are the types of the page's files: the machine's own table may not
// know them.
var pageTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json",
}

// pageFile serves one of the page's files. A browser asks again each time
// whether it changed, so that nobody sees an older build's.
func pageFile(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := fs.ReadFile(pageFiles, path.Join("page", path.Clean("/"+name)))
		kind, known := pageTypes[path.Ext(name)]
		if err != nil || !known {
			http.NotFound(w, r)
			return
		}
		sum := sha256.Sum256(body)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body) // a reader that is gone wants nothing
	}
}

// answer serves what a function tells.
func answer(do func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := do(r)
		switch {
		case err == nil:
			tell(w, http.StatusOK, out)
		case errors.Is(err, errMoving), errors.Is(err, errNothing):
			tellError(w, http.StatusConflict, err)
		default:
			tellError(w, http.StatusBadRequest, err)
		}
	}
}

func tellError(w http.ResponseWriter, status int, err error) {
	tell(w, status, map[string]string{"error": err.Error()})
}

func tell(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a reader that is gone wants nothing
}

// carried reads a body strictly, a misspelt member being an error, and does
// what it asks for. What was begun is carried through, whether or not its reader
// waits.
func carried[T any](r *http.Request, do func(T) (any, error)) (any, error) {
	var in T
	d := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	return do(in)
}

func (g *playground) takeClock(r *http.Request) (any, error) {
	type order struct {
		Advance string `json:"advance"`
		Next    bool   `json:"next"`
	}
	return carried(r, func(o order) (any, error) {
		if o.Next == (o.Advance != "") {
			return nil, errors.New(`give either "advance", such as "1h", or "next"`)
		}
		if o.Next {
			return g.moveToNext(r.Context())
		}
		by, err := time.ParseDuration(o.Advance)
		if err != nil {
			return nil, fmt.Errorf("advance: %q is no while: write it as in 1h", o.Advance)
		}
		return g.moveBy(r.Context(), by)
	})
}

func (g *playground) takeBot(r *http.Request) (any, error) {
	type order struct {
		Do       string `json:"do"`
		Language string `json:"language"`
	}
	return carried(r, func(o order) (any, error) {
		err := g.command(context.WithoutCancel(r.Context()), o.Do, o.Language)
		return map[string]any{"bot": g.state().Bot}, err
	})
}

func (g *playground) tellTraffic(r *http.Request) (any, error) {
	since, limit := int64(-1), 200
	var err, err2 error
	if v := r.FormValue("since"); v != "" {
		since, err = strconv.ParseInt(v, 10, 64)
	}
	if v := r.FormValue("limit"); v != "" {
		limit, err2 = strconv.Atoi(v)
	}
	if err := errors.Join(err, err2); err != nil || limit < 1 {
		return nil, errors.New("since and limit must be numbers")
	}
	entries, last := g.traffic.after(since, min(limit, keptTraffic))
	return map[string]any{"seq": last, "entries": entries}, nil
}

// gather is how long the stream gathers what happens before it tells it.
const gather = 100 * time.Millisecond

// followed are the kinds of Slack's changes that the page draws.
var followed = map[string]bool{
	"message": true, "ephemeral": true, "view": true, "home": true, "channel": true, "user": true, "usergroup": true,
	"connection": true, "violation": true,
}

// stream tells what happens, for as long as its reader stays.
func (g *playground) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	send := func(event string, data any) error {
		raw, err := json.Marshal(data)
		if err == nil {
			_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, raw)
		}
		return err
	}
	changes, _ := g.slack.ChangesAfter(0)
	slack, cloud, version := int64(0), int64(0), int64(-1)
	if n := len(changes); n > 0 {
		slack = changes[n-1].Seq
	}
	if entries, _ := g.cloud.RecordAfter(0); len(entries) > 0 {
		cloud = entries[len(entries)-1].Seq
	}
	traffic, _ := g.traffic.last()
	if send("hello", map[string]any{"boot": g.boot, "slack": slack, "cloud": cloud, "traffic": traffic}) != nil {
		return
	}
	for {
		changes, slackNews := g.slack.ChangesAfter(slack)
		var seen []slackstub.Change
		for _, c := range changes {
			slack = c.Seq
			if followed[c.Kind] {
				seen = append(seen, c)
			}
		}
		entries, cloudNews := g.cloud.RecordAfter(cloud)
		altered := false
		for _, e := range entries {
			cloud, altered = e.Seq, altered || e.Event != nil
		}
		passed, trafficNews := g.traffic.last()
		now, worldNews := g.news()
		var err error
		if len(seen) > 0 {
			err = send("slack", seen)
		}
		if altered {
			err = errors.Join(err, send("cloud", map[string]any{"seq": cloud}))
		}
		if passed != traffic {
			traffic = passed
			err = errors.Join(err, send("traffic", map[string]any{"seq": traffic}))
		}
		if now != version {
			version = now
			err = errors.Join(err, send("world", g.state()))
		}
		if errors.Join(err, out.Flush()) != nil {
			return
		}
		select {
		case <-slackNews:
		case <-cloudNews:
		case <-trafficNews:
		case <-worldNews:
		case <-r.Context().Done():
			return
		case <-g.alive.Done():
			return
		}
		select {
		case <-time.After(gather):
		case <-r.Context().Done():
			return
		case <-g.alive.Done():
			return
		}
	}
}
