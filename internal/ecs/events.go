package ecs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"ecs-migrate/internal/migration"
)

// Bounds of the list calls. Source: API reference, DescribeInstanceHistoryEvents
// and DescribeInstances: MaxResults ≤ 100, at most 100 ids.
const (
	perCall = 100
	// mostPages ends a list that gives ever new tokens: 100,000 entries.
	mostPages = 1000
)

const describeEvents = "DescribeInstanceHistoryEvents"

// Pending lists the region's events that wait or run (Inquiring, Scheduled,
// Executing) and shows them to page, up to 100 at a time. An error of page ends
// the list and is returned as it is. Where the error is not nil, events that
// were not shown may still exist; one with Garbled names them all. And where the permission is missing, the cloud
// may show an empty list (said of DescribeInstances, inferred here).
func (c *Client) Pending(ctx context.Context, region string, page func([]migration.Event) error) error {
	params := list(map[string]string{}, "InstanceEventCycleStatus", []string{
		string(migration.Inquiring), string(migration.Scheduled), string(migration.Executing),
	})
	call := read(region, describeEvents, params)
	unread, err := c.events(ctx, call, page)
	if err != nil || len(unread) == 0 {
		return err
	}
	return migration.GarbledEvents(call.ram(), region, unread)
}

// Events reads events by their ids, in whatever status they are. One that the
// cloud does not tell of is missing from the result: Alibaba Cloud keeps
// finished events for 30 days. With an error that has Garbled, all others are in it.
func (c *Client) Events(ctx context.Context, region string, eventIDs []string) ([]migration.Event, error) {
	var all []migration.Event
	var unread []migration.Garbled
	for ids := range slices.Chunk(distinct(eventIDs), perCall) {
		// Without statuses the cloud tells of finished events alone.
		params := list(map[string]string{}, "InstanceEventCycleStatus", []string{
			string(migration.Inquiring), string(migration.Scheduled), string(migration.Executing),
			string(migration.Executed), string(migration.Failed), string(migration.Avoided), string(migration.Canceled),
		})
		params = list(params, "EventId", ids)
		faults, err := c.events(ctx, read(region, describeEvents, params), func(page []migration.Event) error {
			for _, ev := range page {
				if slices.Contains(ids, ev.EventID) {
					all = append(all, ev)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, f := range faults {
			if f.EventID == "" || slices.Contains(ids, f.EventID) {
				unread = append(unread, f)
			}
		}
	}
	if len(unread) > 0 {
		return all, migration.GarbledEvents("ecs:"+describeEvents, region, unread)
	}
	return all, nil
}

// distinct are the ids without repetition, sorted.
func distinct(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// events shows a list of events page by page, and gives those that cannot be read.
func (c *Client) events(ctx context.Context, call call, show func([]migration.Event) error) (unread []migration.Garbled, err error) {
	err = c.pages(ctx, call, func(got answer) (string, error) {
		page, err := readEvents(got.body)
		if err != nil {
			return "", malformed(call, err)
		}
		for _, f := range page.faults {
			if c.told.first(call.region, f) {
				c.log.Warn("the cloud tells an event that cannot be read; it is left out",
					"account", c.account, "region", call.region, "event_id", f.EventID, "fault", f.Fault)
			}
		}
		unread = append(unread, page.faults...)
		for i := range page.events {
			ev := &page.events[i]
			ev.Account, ev.Region, ev.ReadAt = c.account, call.region, got.sent
		}
		return page.next, show(page.events)
	})
	return unread, err
}

// pages makes a list call until there is no next page. Pages are perCall long,
// unless the call says otherwise.
func (c *Client) pages(ctx context.Context, call call, show func(answer) (next string, err error)) error {
	next := map[string]string{"MaxResults": cmp.Or(call.params["MaxResults"], strconv.Itoa(perCall))}
	seen := map[string]bool{}
	for range mostPages {
		got, err := c.do(ctx, call.with(next))
		if err != nil {
			return err
		}
		token, err := show(got)
		if err != nil || token == "" {
			return err
		}
		if seen[token] {
			return malformed(call, errors.New("the list comes back to a page that it has shown"))
		}
		seen[token], next["NextToken"] = true, token
	}
	return malformed(call, errors.New("the list does not end"))
}

func malformed(c call, why error) error {
	return &migration.CloudError{Kind: migration.CloudMalformed, Action: c.ram(), Region: c.region, Message: why.Error()}
}

type eventPage struct {
	events []migration.Event // without account, region and ReadAt
	faults []migration.Garbled
	next   string
}

// nameCode is {"Name": …, "Code": …}; the codes are mostly undocumented.
type nameCode struct{ Name text }

// wireEvent is InstanceSystemEventType of the API reference.
type wireEvent struct {
	EventID           text `json:"EventId"`
	InstanceID        text `json:"InstanceId"`
	EventType         object[nameCode]
	EventCycleStatus  object[nameCode]
	EventPublishTime  text
	NotBefore         text
	EventFinishTime   text
	Reason            text
	ReasonCode        text
	ExtendedAttribute object[struct {
		InitialNotBefore text
		CanAccept        text
		MigrationOptions object[struct{ MigrationOption texts }]
	}]
}

// readEvents reads an answer of DescribeInstanceHistoryEvents. An error says
// that the page as a whole cannot be read.
func readEvents(body []byte) (eventPage, error) {
	var wire struct {
		RequestID text `json:"RequestId"`
		NextToken text
		Set       object[struct {
			Items []json.RawMessage `json:"InstanceSystemEventType"`
		}] `json:"InstanceSystemEventSet"`
	}
	if err := json.Unmarshal(body, &wire); err != nil || wire.RequestID == "" && !wire.Set.told {
		return eventPage{}, errors.New("the answer is no list of events")
	}
	page := eventPage{next: string(wire.NextToken)}
	for _, raw := range wire.Set.is.Items {
		ev, f := readEvent(raw)
		if f != nil {
			page.faults = append(page.faults, *f)
			continue
		}
		page.events = append(page.events, ev)
	}
	return page, nil
}

func readEvent(raw []byte) (migration.Event, *migration.Garbled) {
	var w wireEvent
	if json.Unmarshal(raw, &w) != nil {
		return migration.Event{}, &migration.Garbled{Fault: "no event"}
	}
	more := w.ExtendedAttribute.is
	ev := migration.Event{
		Key:        migration.Key{EventID: string(w.EventID)},
		InstanceID: string(w.InstanceID), Type: string(w.EventType.is.Name), Status: migration.Status(w.EventCycleStatus.is.Name),
		Reason: string(w.Reason), ReasonCode: string(w.ReasonCode),
		CanAccept: more.CanAccept.flag(), MigrationOptions: more.MigrationOptions.is.MigrationOption,
	}
	unread := func(fault string) (migration.Event, *migration.Garbled) {
		return migration.Event{}, &migration.Garbled{EventID: ev.EventID, Type: ev.Type, Fault: fault}
	}
	switch {
	case !nameable(ev.EventID):
		ev.EventID = ""
		return unread("no usable EventId")
	case !nameable(ev.InstanceID):
		return unread("no usable InstanceId")
	case ev.Type == "":
		return unread("no EventType")
	case ev.Status == "":
		return unread("no EventCycleStatus")
	}
	for _, t := range []struct {
		name string
		told text
		into *time.Time
	}{
		{"EventPublishTime", w.EventPublishTime, &ev.PublishedAt},
		{"NotBefore", w.NotBefore, &ev.NotBefore},
		{"EventFinishTime", w.EventFinishTime, &ev.FinishedAt},
		{"InitialNotBefore", more.InitialNotBefore, &ev.InitialNotBefore},
	} {
		at, readable := moment(t.told)
		if !readable {
			return unread("unreadable " + t.name)
		}
		*t.into = at
	}
	return ev, nil
}
