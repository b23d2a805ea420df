package ecs

import (
	"bytes"
	"slices"
	"time"
)

// describeInstanceHistoryEvents is the events of a region, by filters.
// Source: API reference, DescribeInstanceHistoryEvents: the filters and their
// limits, only finished events unless statuses are asked for, finished ones
// for 30 days. That a list over its limit is refused is inferred, and so is
// the order, which is that of the announcements.
func describeInstanceHistoryEvents(c *call) ([]byte, *apiError) {
	keep, refusal := c.eventFilter()
	if refusal != nil {
		return nil, refusal
	}
	page, refusal := c.pager(pageLimits{max: 100})
	if refusal != nil {
		return nil, refusal
	}
	found := cut(c.server, page, c.candidates(), func(e *event) int64 { return e.seq }, keep)

	// Not by json.Marshal: events keep their bytes, and an event may be told
	// to be no JSON at all.
	head := c.reply(page.members(found.next, found.total))
	var b bytes.Buffer
	b.Write(head[:len(head)-1])
	b.WriteString(`,"InstanceSystemEventSet":{"InstanceSystemEventType":[`)
	for i, e := range found.items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(e.encode())
	}
	b.WriteString("]}}")
	return b.Bytes(), nil
}

// candidates are the events worth looking at: those named, or all.
func (c *call) candidates() []*event {
	ids := c.req.list("EventId")
	if len(ids) == 0 {
		return c.region.events
	}
	var out []*event
	for _, id := range ids {
		if e := c.event(id); e != nil {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b *event) int { return int(a.seq - b.seq) })
	return slices.Compact(out)
}

// eventFilter reads what events are asked for.
func (c *call) eventFilter() (func(*event) bool, *apiError) {
	req, p := c.req, c.req.params
	statuses, types, ids, resources := req.list("InstanceEventCycleStatus"), req.list("InstanceEventType"), req.list("EventId"), req.list("ResourceId")
	for _, over := range []struct {
		name      string
		is, limit int
	}{
		{"InstanceEventCycleStatus", len(statuses), 7}, {"InstanceEventType", len(types), 30},
		{"EventId", len(ids), 100}, {"ResourceId", len(resources), 100},
	} {
		if over.is > over.limit {
			return nil, invalid(over.name)
		}
	}
	// The single forms count only without their lists.
	if one := p["EventCycleStatus"]; len(statuses) == 0 && one != "" {
		statuses = []string{one}
	}
	if one := p["EventType"]; len(types) == 0 && one != "" {
		types = []string{one}
	}
	if one := p["InstanceId"]; len(resources) == 0 && one != "" {
		resources = []string{one}
	}
	for _, status := range statuses {
		if _, known := statusCodes[status]; !known {
			return nil, invalid("InstanceEventCycleStatus")
		}
	}
	switch p["ResourceType"] {
	case "", "instance":
	case "ddh", "managedhost": // no such resources here
		return func(*event) bool { return false }, nil
	default:
		return nil, invalid("ResourceType")
	}
	planned, refusal := c.span("NotBefore")
	if refusal != nil {
		return nil, refusal
	}
	published, refusal := c.span("EventPublishTime")
	if refusal != nil {
		return nil, refusal
	}
	tags, group := req.tags(), p["ResourceGroupId"]
	oldest := c.server.now().Add(-keepFinished)
	resourceSet := set(resources)
	return func(e *event) bool {
		if finished(e.Status) && e.Finished.Before(oldest) {
			return false
		}
		if len(statuses) == 0 && !finished(e.Status) || len(statuses) > 0 && !slices.Contains(statuses, e.Status) {
			return false
		}
		return (len(resources) == 0 || resourceSet[e.InstanceID]) &&
			(len(types) == 0 || slices.Contains(types, e.Type)) &&
			planned.holds(e.NotBefore) && published.holds(e.Publish) &&
			c.region.byID[e.InstanceID].matches(tags, group)
	}, nil
}

func set(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, s := range list {
		out[s] = true
	}
	return out
}

// span is a range of times, open where it is zero.
type span struct{ start, end time.Time }

func (s span) holds(t time.Time) bool {
	return (s.start.IsZero() || !t.Before(s.start)) && (s.end.IsZero() || !t.After(s.end))
}

// span reads name.Start and name.End. Both ends count in (inferred).
func (c *call) span(name string) (span, *apiError) {
	var out span
	for part, at := range map[string]*time.Time{".Start": &out.start, ".End": &out.end} {
		text := c.req.params[name+part]
		if text == "" {
			continue
		}
		t, ok := parseTime(text)
		if !ok {
			return span{}, invalid(name + part)
		}
		*at = t
	}
	return out, nil
}

// parseTime takes exactly yyyy-MM-ddTHH:mm:ssZ. Source: API reference.
func parseTime(text string) (time.Time, bool) {
	t, err := time.Parse(timeForm, text)
	return t, err == nil && t.Format(timeForm) == text
}

// matches holds an instance against tags and a resource group; no instance
// matches only no filter.
func (in *Instance) matches(tags []tag, group string) bool {
	if len(tags) == 0 && group == "" {
		return true
	}
	if in == nil || group != "" && in.ResourceGroup != group {
		return false
	}
	for _, t := range tags {
		if value, has := in.Tags[t.key]; !has || t.value != "" && t.value != value {
			return false
		}
	}
	return true
}
