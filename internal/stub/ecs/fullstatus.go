package ecs

import (
	"encoding/json"
	"slices"
)

// describeInstancesFullStatus is instances' states with their Scheduled
// events, which here lack ReasonCode and what bounds a change.
// Source: API reference, DescribeInstancesFullStatus.
func describeInstancesFullStatus(c *call) ([]byte, *apiError) {
	ids, eventIDs := c.req.list("InstanceId"), c.req.list("EventId")
	types := c.req.list("InstanceEventType")
	if len(ids) > 100 || len(eventIDs) > 100 || len(types) > 30 {
		return nil, invalid("InstanceId")
	}
	if one := c.req.params["EventType"]; len(types) == 0 && one != "" {
		types = []string{one}
	}
	planned, refusal := c.span("NotBefore")
	if refusal != nil {
		return nil, refusal
	}
	published, refusal := c.span("EventPublishTime")
	if refusal != nil {
		return nil, refusal
	}
	page, refusal := c.pager(pageLimits{max: 100, numberOnly: true})
	if refusal != nil {
		return nil, refusal
	}
	scheduled := map[string][]json.RawMessage{}
	for _, e := range c.region.events {
		if e.Status == Scheduled && (len(eventIDs) == 0 || slices.Contains(eventIDs, e.ID)) &&
			(len(types) == 0 || slices.Contains(types, e.Type)) && planned.holds(e.NotBefore) && published.holds(e.Publish) {
			scheduled[e.InstanceID] = append(scheduled[e.InstanceID], e.brief())
		}
	}
	filtered := len(eventIDs) > 0 || len(types) > 0 || planned != span{} || published != span{}
	found := cut(c.server, page, c.region.instances, instanceSeq, func(in *Instance) bool {
		return (len(ids) == 0 || slices.Contains(ids, in.ID)) && (!filtered || scheduled[in.ID] != nil) &&
			in.is(c.req.params["Status"], in.Status) && in.is(c.req.params["HealthStatus"], in.HealthStatus)
	})
	list := make([]map[string]any, len(found.items))
	for i, in := range found.items {
		events := scheduled[in.ID]
		if events == nil {
			events = []json.RawMessage{}
		}
		list[i] = map[string]any{
			"InstanceId":              in.ID,
			"Status":                  codeName{in.Status, runCodes[in.Status]},
			"HealthStatus":            codeName{in.HealthStatus, healthCodes[in.HealthStatus]},
			"ScheduledSystemEventSet": map[string]any{"ScheduledSystemEventType": events},
		}
	}
	return c.reply(page.members("", found.total), map[string]any{
		"InstanceFullStatusSet": map[string]any{"InstanceFullStatusType": list},
	}), nil
}

// runCodes and healthCodes: Running 1 and Ok 0 are inferred, the rest invented.
var (
	runCodes    = map[string]int{Running: 1, Stopped: 2}
	healthCodes = map[string]int{"Ok": 0, "Maintaining": 16, "Warning": 32, "Impaired": 48}
)

// brief is the event as DescribeInstancesFullStatus tells it.
func (e *event) brief() json.RawMessage {
	return toJSON(map[string]any{
		"EventId": e.ID, "EventPublishTime": stamp(e.Publish), "NotBefore": stamp(e.NotBefore),
		"EventType":        codeName{e.Type, typeCodes[e.Type]},
		"EventCycleStatus": codeName{e.Status, statusCodes[e.Status]},
		"ImpactLevel":      "100", "Reason": e.spec.Reason,
		"ExtendedAttribute": map[string]string{"DiskId": e.spec.DiskID, "Device": e.spec.Device},
	})
}

// is reports whether a filter takes a value; "" takes any.
func (in *Instance) is(filter, value string) bool { return filter == "" || filter == value }
