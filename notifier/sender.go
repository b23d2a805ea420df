package notifier

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/clock"
)

const (
	methodPost    = "chat.postMessage"
	methodUpdate  = "chat.update"
	methodHistory = "conversations.history"
	methodReplies = "conversations.replies"
	methodWho     = "auth.test"
)

// callTimeout is how long one call may take. A post that takes longer may or
// may not have been posted.
const callTimeout = 10 * time.Second

// SenderOptions tune a Sender. Their zero values are the production's.
type SenderOptions struct {
	Clock clock.Clock  // clock.Real by default; of the pace, not of timeouts
	Log   *slog.Logger // silent by default
}

// Sender delivers messages at Slack's pace. It keeps no order by itself: who
// wants two messages in order sends the second after the first is delivered.
// All errors are *DeliveryError. It is safe for concurrent use.
type Sender struct {
	api  *slack.Client
	pace *pace
	log  *slog.Logger
	// spare is how many turns of a method it leaves to others.
	spare float64
}

// NewSender makes a Sender on a bot's client, which should not retry by itself.
func NewSender(api *slack.Client, o SenderOptions) *Sender {
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Sender{api: api, pace: newPace(o.Clock), log: o.Log}
}

// spared is how many turns of a method are left to what somebody waits for.
const spared = 3

// Yielding is a Sender for what nobody waits for. It takes turns from the same
// allowance, but never the last ones, so that a crowd of such messages in one
// channel does not delay news in another.
func (s *Sender) Yielding() *Sender {
	y := *s
	y.spare = spared
	return &y
}

// Post posts a message into a channel, into a thread of it where threadTS is
// given, and returns its ts.
//
// look is for a message that may have been posted before: where it is not zero,
// the channel or thread is searched from that moment on for a message with the
// same metadata, and if there is one, its ts is returned and nothing is posted.
func (s *Sender) Post(ctx context.Context, channel, threadTS string, msg Message, look time.Time) (string, error) {
	if !look.IsZero() && msg.Metadata != nil {
		ts, err := s.Find(ctx, channel, threadTS, msg.Metadata, look)
		if ts != "" || err != nil {
			return ts, err
		}
	}
	options := append(msg.options(), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	if threadTS != "" {
		options = append(options, slack.MsgOptionTS(threadTS))
		if msg.Broadcast {
			options = append(options, slack.MsgOptionBroadcast())
		}
	}
	var ts string
	err := s.call(ctx, methodPost, channel, func(ctx context.Context) (err error) {
		_, ts, err = s.api.PostMessageContext(ctx, channel, options...)
		return err
	})
	return ts, err
}

// Update replaces a posted message whole, its metadata included.
func (s *Sender) Update(ctx context.Context, channel, ts string, msg Message) error {
	return s.call(ctx, methodUpdate, "", func(ctx context.Context) error {
		_, _, _, err := s.api.UpdateMessageContext(ctx, channel, ts, msg.options()...)
		return err
	})
}

func (msg Message) options() []slack.MsgOption {
	options := []slack.MsgOption{slack.MsgOptionText(msg.Text, false), slack.MsgOptionBlocks(msg.Blocks...)}
	if msg.Metadata != nil {
		options = append(options, slack.MsgOptionMetadata(*msg.Metadata))
	}
	return options
}

// call makes one call when its turn has come. channel is given for what counts
// against a channel's second.
func (s *Sender) call(ctx context.Context, method, channel string, do func(context.Context) error) error {
	return s.within(ctx, patience, method, channel, do)
}

// within is call for what waits for so long for its turn.
func (s *Sender) within(ctx context.Context, patience time.Duration, method, channel string, do func(context.Context) error) error {
	spare := s.spare
	if method == methodHistory || method == methodReplies || method == methodWho {
		spare = 0 // what was begun before must come to its end
	}
	if err := s.pace.wait(ctx, method, channel, spare, patience); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := do(limited)
	if err == nil {
		return nil
	}
	e := failure(method, err, method == methodPost)
	if _, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		s.pace.obey(method, e.After)
		s.log.Warn("slack asks to slow down", "method", method, "retry_after", e.After)
	}
	return e
}
