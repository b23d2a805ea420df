package ecs

import (
	"context"
	"sync"
	"time"
)

// pace holds all calls of a region back while the cloud throttles one of them:
// Alibaba Cloud counts an account's calls together. It is on the machine's
// clock, as the cloud's count is.
type pace struct {
	mu   sync.Mutex
	open time.Time
}

// hold lets no call of the region begin for d.
func (p *pace) hold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := time.Now().Add(d); t.After(p.open) {
		p.open = t
	}
}

// held is how long the region is held back from now.
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

// enter waits until a call may begin. A call of a region that is held back
// takes no slot from the others.
func (c *Client) enter(ctx context.Context, region string) (leave func(), err error) {
	p := c.pace(region)
	for {
		if err := sleep(ctx, p.held()); err != nil {
			return nil, err
		}
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		leave := func() { <-c.slots }
		if p.held() <= 0 {
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
