package ecs

import (
	"context"
	"time"
)

// Reschedule asks for another planned time, to the second; only an event in
// Scheduled can be moved, and no later than its initial planned time (API
// reference, ModifySystemEventAttribute). That the cloud took it is told by nil;
// that the event has the time now, only by reading the event back.
//
// A CloudUnknown says that it may or may not have been done; with any other
// error it was not.
func (c *Client) Reschedule(ctx context.Context, region, eventID, instanceID string, at time.Time) error {
	_, err := c.do(ctx, change(region, "ModifySystemEventAttribute", map[string]string{
		"EventId": eventID, "InstanceId": instanceID, "NotBefore": at.UTC().Format("2006-01-02T15:04:05Z"),
	}))
	return err
}

// Accept authorises an event in Inquiring. Its errors are as Reschedule's.
func (c *Client) Accept(ctx context.Context, region, eventID string) error {
	_, err := c.do(ctx, change(region, "AcceptInquiredSystemEvent", map[string]string{"EventId": eventID}))
	return err
}
