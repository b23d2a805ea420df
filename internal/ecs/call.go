package ecs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// call is one API call in one region.
type call struct {
	product, version, action string

	region string
	params map[string]string
	// change says that the call has an effect: an answer that did not come
	// leaves its outcome unknown.
	change bool
}

// Version of the ECS API. Source: API reference, ECS 2014-05-26.
const versionECS = "2014-05-26"

func read(region, action string, params map[string]string) call {
	return call{product: "Ecs", version: versionECS, action: action, region: region, params: params}
}

func change(region, action string, params map[string]string) call {
	c := read(region, action, params)
	c.change = true
	return c
}

// ram is the RAM action that the call needs.
func (c call) ram() string { return strings.ToLower(c.product) + ":" + c.action }

// with is the call with further parameters.
func (c call) with(params map[string]string) call {
	c.params = maps.Clone(c.params)
	maps.Copy(c.params, params)
	return c
}

// list spells a repeated parameter: name.1, name.2, …
func list(params map[string]string, name string, values []string) map[string]string {
	for i, v := range values {
		params[name+"."+strconv.Itoa(i+1)] = v
	}
	return params
}

// answer is what the cloud answered, and when it was asked.
type answer struct {
	body []byte
	sent time.Time
}

// retry says how a call is tried again.
type retry struct {
	tries       uint
	wait, total time.Duration
}

// waits grow twofold with a jitter of half, so that calls that failed together
// do not return together.
func (r retry) waits() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: r.wait, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: 10 * r.wait}
}

// do makes a call, again where nothing was done and it may help.
func (c *Client) do(ctx context.Context, call call) (answer, error) {
	got, err := backoff.Retry(ctx, func() (answer, error) {
		got, err := c.try(ctx, call)
		if f, ok := errors.AsType[*failure](err); err != nil && !(ok && f.again) {
			err = backoff.Permanent(err)
		}
		return got, err
	}, backoff.WithBackOff(c.retry.waits()), backoff.WithMaxTries(c.retry.tries), backoff.WithMaxElapsedTime(c.retry.total),
		backoff.WithNotify(func(err error, wait time.Duration) {
			if f, ok := errors.AsType[*failure](err); ok {
				c.slowDown(call.region, f, wait)
			}
			c.log.Debug("asking the cloud again", "account", c.account, "err", err, "wait", wait)
		}))
	if err == nil {
		return got, nil
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return answer{}, f.CloudError
	}
	return answer{}, fmt.Errorf("%s in %s: %w", call.ram(), call.region, err)
}

// try is one try of a call.
func (c *Client) try(ctx context.Context, call call) (answer, error) {
	k, err := c.keys.keys(ctx, call.region)
	if err != nil {
		return answer{}, err
	}
	got, err := c.ask(ctx, call, k)
	if f, ok := errors.AsType[*failure](err); ok && f.stale && c.keys.renew(ctx, k) {
		f.again = true
	}
	return got, err
}

// ask sends a call once, when its region's pace and the client's bound let it.
// Its error is a *failure, or the context's.
func (c *Client) ask(ctx context.Context, call call, k keys) (answer, error) {
	leave, err := c.enter(ctx, call.region)
	if err != nil {
		return answer{}, err
	}
	defer leave()
	sent, began := c.clock.Now(), time.Now()
	got := c.exchange(ctx, call, k)
	took := time.Since(began)
	if ctx.Err() != nil && got.err != nil && !(call.change && got.sent) {
		return answer{}, ctx.Err()
	}
	f := judge(call, got)
	c.seen(Exchange{Account: c.account, Region: call.region, Action: call.ram(), Outcome: f.outcome(), Took: took})
	if f != nil {
		f.Code, f.Message = scrub(f.Code, k, got.signature), scrub(f.Message, k, got.signature)
		return answer{}, f
	}
	return answer{body: got.body, sent: sent}, nil
}
