package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack/socketmode"
)

// line is a connection that takes acknowledgements until it is stuck.
type line struct {
	stuck, small bool
	got          []string
}

func (l *line) SendCtx(ctx context.Context, r socketmode.Response) error {
	switch {
	case l.stuck:
		<-ctx.Done()
		return ctx.Err()
	case l.small && r.Payload != nil:
		return errors.New("too large")
	}
	l.got = append(l.got, r.EnvelopeID)
	return nil
}

func TestAcknowledgementsFindAConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		do         func(o *outbox, send func(from *line, id string), one, other *line)
		one, other string // what each got
	}{
		"by the one that brought it": {func(o *outbox, send func(*line, string), one, other *line) {
			o.opened(context.Background(), one)
			o.opened(context.Background(), other)
			send(one, "a")
			send(other, "b")
		}, "a", "b"},
		"by another where that is away": {func(o *outbox, send func(*line, string), one, other *line) {
			o.opened(context.Background(), other)
			send(one, "a")
		}, "", "a"},
		"by the next where none stands": {func(o *outbox, send func(*line, string), one, other *line) {
			send(one, "a")
			o.opened(context.Background(), other)
			o.opened(context.Background(), one) // no second time
		}, "", "a"},
		"by another where that ends right afterwards": {func(o *outbox, send func(*line, string), one, other *line) {
			o.opened(context.Background(), one)
			o.opened(context.Background(), other)
			send(one, "a")
			o.closed(context.Background(), one)
		}, "a", "a"},
		"by the same once it is open again": {func(o *outbox, send func(*line, string), one, _ *line) {
			o.opened(context.Background(), one)
			send(one, "a")
			o.closed(context.Background(), one)
			o.opened(context.Background(), one)
		}, "a a", ""},
		"not after Slack has given up": {func(o *outbox, send func(*line, string), one, other *line) {
			o.opened(context.Background(), one)
			o.opened(context.Background(), other)
			send(one, "a")
			time.Sleep(ackWithin)
			send(one, "b")
			o.closed(context.Background(), one)
		}, "a b", "b"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var o outbox
				one, other := &line{}, &line{}
				tt.do(&o, func(from *line, id string) {
					if err := o.send(t.Context(), from, id, nil); err != nil {
						t.Error(err)
					}
				}, one, other)
				synctest.Wait()
				if got := [2]string{strings.Join(one.got, " "), strings.Join(other.got, " ")}; got != [2]string{tt.one, tt.other} {
					t.Errorf("sent %q, want %q and %q", got, tt.one, tt.other)
				}
			})
		})
	}
}

func TestAConnectionThatTakesNothingHoldsUpNobodyForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o outbox
		stuck := &line{stuck: true}
		o.opened(t.Context(), stuck)
		began := time.Now()
		if err := o.send(t.Context(), stuck, "a", nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != ackWithin {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestAnAnswerThatIsTooLargeIsLeftOut(t *testing.T) {
	var o outbox
	small := &line{small: true}
	o.opened(t.Context(), small)
	if err := o.send(t.Context(), small, "a", "an answer"); err == nil || !slices.Equal(small.got, []string{"a"}) {
		t.Errorf("%v, sent %q", err, small.got)
	}
}
