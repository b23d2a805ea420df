package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// pageCommand is what the demo does where nothing else is asked for.
type pageCommand struct {
	Port    int      `default:"8080" placeholder:"PORT" help:"Where the page is served on this machine (default: ${default}); 0 takes a free port."`
	State   string   `type:"path" placeholder:"DIR" help:"Keep all state in this directory between starts; without it, it is forgotten at the end."`
	Lang    language `placeholder:"LANG" help:"What channels are spoken to in, and the story with --script: en or zh-CN (default: en)."`
	Script  bool     `help:"Tell a short story in the terminal instead, for a machine without a browser."`
	Verbose bool     `short:"v" help:"Show the bot's own log on stderr."`
}

// language is one that the demo speaks, "" where none was chosen.
type language string

// UnmarshalText takes only those.
func (l *language) UnmarshalText(text []byte) error {
	if s := string(text); s != englishLang && s != chineseLang {
		return fmt.Errorf("%q is neither %s nor %s", s, englishLang, chineseLang)
	}
	*l = language(text)
	return nil
}

// Run serves the page until ctx ends, or tells the story.
func (c pageCommand) Run(ctx context.Context, p program) error {
	if c.Script {
		if c.State != "" {
			return errors.New("--script keeps no state: leave out --state, or --script")
		}
		return storyCommand{Lang: cmp.Or(string(c.Lang), englishLang), Verbose: c.Verbose}.Run(ctx, p)
	}
	o := playgroundOptions{state: c.State, language: string(c.Lang)}
	if c.Verbose {
		o.log = p.stderr
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	if err != nil {
		return cannotListen("--port", strconv.Itoa(c.Port), err)
	}
	g, err := openPlayground(o)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return g.serve(ctx, listener, p.stdout)
}

// serve runs the bot and the page until ctx ends.
func (g *playground) serve(ctx context.Context, listener net.Listener, out io.Writer) (err error) {
	defer func() { err = errors.Join(err, g.close()) }()
	server := &http.Server{Handler: g.handler(), ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() {
		g.end() // streams have no other end
		err = errors.Join(err, server.Close())
	}()
	if _, err := fmt.Fprintf(out, welcome, listener.Addr(), g.fate()); err != nil {
		return fmt.Errorf("print the address: %w", err)
	}
	if err := g.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // told to stop before it had begun
		}
		return g.log.explain(err)
	}
	select {
	case <-ctx.Done():
		_, err := fmt.Fprintln(out, "stopping")
		return err
	case err := <-served:
		return fmt.Errorf("serve the page: %w", err)
	}
}

const welcome = `http://%s

Open it in a browser: a small Slack workspace with the real bot in it, and the cloud it watches.
Nothing outside this machine is called. %s Stop with Ctrl-C.
`

// fate says what becomes of the state.
func (g *playground) fate() string {
	if g.keep {
		return "Its state is kept in " + g.dir + "."
	}
	return "Its state is forgotten at the end."
}
