package bot

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"ecs-migrate/handlers"
)

const (
	// sockets is how many connections are held: while Slack refreshes one, the
	// other still takes what people do. Slack allows ten
	// (https://docs.slack.dev/apis/events-api/using-socket-mode).
	sockets = 2
	// unheard is after how long without Slack's pings, which come every few
	// seconds, a connection is taken for dead.
	unheard = 30 * time.Second
	// apart is how far apart in age the connections are brought.
	apart = 10 * time.Minute
	// maxEnvelopes bounds how many envelopes are worked on at a time: as many as
	// may share a commit, so that a slow disk is waited for by all at once.
	maxEnvelopes = 256
	// flush is what the last acknowledgements get to leave the socket.
	flush = 200 * time.Millisecond
	// maxReconnect bounds the wait before a connection that Slack refused is
	// tried again.
	maxReconnect = time.Minute
)

// intake takes in what people do and acknowledges it: first what it decides is
// committed, then the envelope is acknowledged, then the rest is done.
type intake struct {
	api     *slack.Client
	acts    *handlers.Handlers
	metrics *metrics
	log     *slog.Logger

	slots   chan struct{}
	unheard time.Duration
	links   [sockets]link
	ages    ages
	outbox  outbox
}

func newIntake(api *slack.Client, acts *handlers.Handlers, m *metrics, log *slog.Logger) *intake {
	in := &intake{api: api, acts: acts, metrics: m, log: log, slots: make(chan struct{}, maxEnvelopes), unheard: unheard}
	in.ages.apart = apart
	for i := range in.links {
		in.links[i].ages = &in.ages
	}
	return in
}

// connected counts the connections that stand.
func (in *intake) connected() int {
	n := 0
	for i := range in.links {
		if in.links[i].up.Load() {
			n++
		}
	}
	return n
}

// run listens until stop ends, then drains. The connections outlive stop until
// every envelope that was begun is acknowledged.
func (in *intake) run(stop, work context.Context) {
	open, hangUp := context.WithCancel(work)
	defer hangUp()
	var begun envelopes
	var connections sync.WaitGroup
	for i := range in.links {
		connections.Go(func() { in.hold(open, &in.links[i], &begun, i) })
	}
	<-stop.Done()
	begun.drain()
	select {
	case <-time.After(flush):
	case <-work.Done():
	}
	hangUp()
	connections.Wait()
}

// hold keeps one connection alive for as long as ctx lives.
func (in *intake) hold(ctx context.Context, at *link, begun *envelopes, number int) {
	log := in.log.With("connection", number)
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, maxReconnect) {
		client := socketmode.New(in.api, socketmode.OptionDialer(at.dialer(http.ProxyFromEnvironment)), socketmode.OptionPingInterval(in.unheard))
		ended := make(chan error, 1)
		go func() { ended <- client.RunContext(ctx) }()
		err := in.listen(ctx, client, ended, at, begun, log)
		at.up.Store(false)
		in.outbox.closed(ctx, client)
		if ctx.Err() != nil {
			return
		}
		log.Error("Slack refuses the Socket Mode connection: check SLACK_APP_TOKEN and its scope connections:write", "again_in", wait.String(), "err", withoutURL(err))
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// listen serves a client's events until the client ends.
func (in *intake) listen(ctx context.Context, client *socketmode.Client, ended <-chan error, at *link, begun *envelopes, log *slog.Logger) error {
	for {
		select {
		case err := <-ended:
			return err
		case evt := <-client.Events:
			switch evt.Type {
			case socketmode.EventTypeConnecting:
				at.up.Store(false)
				in.outbox.closed(ctx, client)
			case socketmode.EventTypeConnected:
				at.up.Store(true)
				in.outbox.opened(ctx, client)
				log.Info("connected to Slack")
			case socketmode.EventTypeHello:
				if evt.Request != nil {
					at.count.Store(int32(evt.Request.NumConnections))
				}
			case socketmode.EventTypeConnectionError:
				if e, ok := evt.Data.(*slack.ConnectionErrorEvent); ok && ctx.Err() == nil {
					log.Warn("cannot connect to Slack, trying on", "attempt", e.Attempt, "again_in", e.Backoff.String(), "err", withoutURL(e.ErrorObj))
				}
			case socketmode.EventTypeErrorBadMessage:
				if bad, ok := evt.Data.(*socketmode.ErrorBadMessage); ok && bytes.Contains(bad.Message, later) {
					log.Debug("Slack warns that it will refresh the connection")
					continue
				}
				log.Warn("trouble on the Slack connection", "event", string(evt.Type))
			case socketmode.EventTypeErrorWriteFailed:
				log.Warn("trouble on the Slack connection", "event", string(evt.Type))
			}
			if evt.Request == nil || evt.Request.EnvelopeID == "" {
				continue
			}
			received := time.Now()
			if err := in.take(ctx, at); err != nil {
				return err
			}
			if !begun.begin(func() { in.serve(ctx, client, evt, received) }) {
				<-in.slots // stopping
			}
		}
	}
}

// take waits for a free slot, and notes since when there was none.
func (in *intake) take(ctx context.Context, at *link) error {
	select {
	case in.slots <- struct{}{}:
		return nil
	default:
	}
	at.stuck.Store(time.Now().UnixNano())
	select {
	case in.slots <- struct{}{}:
		at.stuck.Store(0)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stuckFor is how long an envelope has been waiting for a slot, zero where none
// does.
func (in *intake) stuckFor() (longest time.Duration) {
	for i := range in.links {
		if since := in.links[i].stuck.Load(); since != 0 {
			longest = max(longest, time.Since(time.Unix(0, since)))
		}
	}
	return longest
}

// envelopes are those that are being worked on. None begins once they drain.
type envelopes struct {
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

func (e *envelopes) begin(work func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.running.Go(work)
	}
	return !e.closed
}

// drain waits for those that were begun.
func (e *envelopes) drain() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.running.Wait()
}

// serve works on one envelope. Its slot is free again once it is acknowledged:
// a Slack that is slow to take answers must not hold up other people's clicks.
func (in *intake) serve(ctx context.Context, client *socketmode.Client, evt socketmode.Event, received time.Time) {
	free := sync.OnceFunc(func() { <-in.slots })
	defer free()
	once, kind := evt.Request.EnvelopeID, string(evt.Type)
	defer func() {
		// One envelope that trips the bot must not take the others with it.
		if r := recover(); r != nil {
			in.log.Error("an envelope tripped the bot", "kind", kind, "panic", r)
		}
	}()
	result := in.handle(ctx, evt, once)
	if err := in.outbox.send(ctx, client, once, result.Ack); err != nil {
		in.log.Error("cannot acknowledge", "kind", kind, "err", err)
	}
	in.metrics.acknowledged(kind, time.Since(received))
	free()
	if result.After != nil {
		result.After(ctx)
	}
}

// handle decides; what it returns is acknowledged.
func (in *intake) handle(ctx context.Context, evt socketmode.Event, once string) handlers.Result {
	switch data := evt.Data.(type) {
	case slack.SlashCommand:
		return in.acts.Command(ctx, data, once)
	case slack.InteractionCallback:
		return in.acts.Interact(ctx, data, once)
	case slackevents.EventsAPIEvent:
		if opened, ok := data.InnerEvent.Data.(*slackevents.AppHomeOpenedEvent); ok && opened.Tab == "home" {
			return in.acts.HomeOpened(ctx, opened.User)
		}
	}
	return handlers.Result{}
}

// withoutURL drops the address from a transport error: addresses may carry
// tickets.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
