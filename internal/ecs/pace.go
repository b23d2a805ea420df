package ecs

import (
	"context"
	"sync"
	"time"
)

// pace holds calls back: those of a region while it is overloaded, and all of the
// account's while the cloud throttles one of them, since it counts an account's
// calls together (Throttling.User: "user flow control"). It is on the machine's
// clock, as the cloud's count is.
type pace struct {
	mu   sync.Mutex
	open time.Time
}

// hold lets no call begin for d.
func (p *pace) hold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := time.Now().Add(d); t.After(p.open) {
		p.open = t
	}
}

// held is for how long calls are held back from now.
func (p *pace) held() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.open)
}

func (c *Client) pace(region string) *pace {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paces[region] == nil {
		c.paces[region] = &pace{}
	}
	return c.paces[region]
}

// slowDown holds back what would only make the trouble of a call worse.
func (c *Client) slowDown(region string, f *failure, wait time.Duration) {
	switch {
	case f.throttled:
		c.brake.hold(wait)
	case f.overloaded:
		c.pace(region).hold(wait)
	}
}

// held is for how long calls of a region are held back from now.
func (c *Client) held(region string) time.Duration {
	return max(c.brake.held(), c.pace(region).held())
}

// enter waits until a call may begin. A call that is held back takes no slot
// from the others.
func (c *Client) enter(ctx context.Context, region string) (leave func(), err error) {
	for {
		if err := sleep(ctx, c.held(region)); err != nil {
			return nil, err
		}
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		leave := func() { <-c.slots }
		if c.held(region) <= 0 {
			return leave, nil
		}
		leave() // held back while it waited for the slot
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
