package bot

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack/socketmode"
)

// ackWithin is how long Slack waits for an acknowledgement: what is older is of no
// use to anybody (https://docs.slack.dev/apis/events-api/using-socket-mode).
const ackWithin = 3 * time.Second

// sender is a connection, as far as acknowledgements go.
type sender interface {
	SendCtx(context.Context, socketmode.Response) error
}

// outbox hands acknowledgements to the connections that stand. Slack takes one on
// any connection of the app, so another serves where the one that brought the
// envelope is away. One that ends may have swallowed what it was given last, and
// tells nobody: that is sent once more on another.
type outbox struct {
	mu   sync.Mutex
	open []sender
	sent []*ack // in the last ackWithin
}

type ack struct {
	socketmode.Response
	at  time.Time
	via sender // nil: no connection stood
}

// send acknowledges an envelope, on the connection that brought it where that
// stands. Where none does, the next one that opens takes it.
func (o *outbox) send(ctx context.Context, from sender, id string, answer any) error {
	a := &ack{Response: socketmode.Response{EnvelopeID: id, Payload: answer}, at: time.Now()}
	o.mu.Lock()
	o.sent = append(slices.DeleteFunc(o.sent, func(s *ack) bool { return time.Since(s.at) > ackWithin }), a)
	if a.via = from; !slices.Contains(o.open, from) {
		a.via = o.any()
	}
	via := a.via
	o.mu.Unlock()
	if via == nil {
		return nil
	}
	return hand(ctx, via, a)
}

// any is a connection that stands, nil where none does.
func (o *outbox) any() sender {
	if len(o.open) == 0 {
		return nil
	}
	return o.open[0]
}

// opened takes a connection into use, and sends what waited for one.
func (o *outbox) opened(ctx context.Context, c sender) {
	o.mu.Lock()
	o.open = append(slices.DeleteFunc(o.open, func(s sender) bool { return s == c }), c)
	o.mu.Unlock()
	o.move(ctx, nil)
}

// closed takes a connection out of use, and sends what it may have swallowed on
// another one.
func (o *outbox) closed(ctx context.Context, c sender) {
	o.mu.Lock()
	o.open = slices.DeleteFunc(o.open, func(s sender) bool { return s == c })
	o.mu.Unlock()
	o.move(ctx, c)
}

// move sends what was given to a connection on another one, in the background:
// whoever tells of a connection must not wait for one.
func (o *outbox) move(ctx context.Context, from sender) {
	o.mu.Lock()
	defer o.mu.Unlock()
	to := o.any()
	for _, a := range o.sent {
		if a.via != from {
			continue
		}
		if a.via = to; to != nil && time.Since(a.at) < ackWithin {
			go func() { _ = hand(ctx, to, a) }() // whoever made it has logged what is wrong with it
		}
	}
}

// hand gives an acknowledgement to a connection for as long as Slack waits for it.
// An answer that is too large is left out rather than the whole acknowledgement.
func hand(ctx context.Context, to sender, a *ack) error {
	ctx, cancel := context.WithDeadline(ctx, a.at.Add(ackWithin))
	defer cancel()
	err := to.SendCtx(ctx, a.Response)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, to.SendCtx(ctx, socketmode.Response{EnvelopeID: a.EnvelopeID}))
}
