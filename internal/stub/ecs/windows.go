package ecs

import (
	"strconv"
	"time"
)

// A MaintenanceWindow is a recurring time the account prefers for maintenance.
type MaintenanceWindow struct {
	ID, Name string
	Disabled bool
	Scope    string // Tag, ResourceGroup; "" is All
	Tags     map[string]string
	Group    string // ResourceGroupId
	Weekly   bool   // Daily otherwise
	// Ranges are UTC, whole hours: {"22:00","23:00"} or
	// {"Monday,22:00","Monday,23:00"}.
	Ranges  [][2]string
	Created time.Time
}

// describePlanMaintenanceWindows lists the account's windows, of all regions.
// Source: API reference, DescribePlanMaintenanceWindows. The names of the
// scopes are inferred from its one sample, Tag.
func describePlanMaintenanceWindows(c *call) ([]byte, *apiError) {
	p := c.req.params
	page, refusal := c.pager(pageLimits{max: 100, tokenOnly: true})
	if refusal != nil {
		return nil, refusal
	}
	type placed struct {
		MaintenanceWindow
		seq int64
	}
	var windows []placed
	for i, w := range c.account.Windows {
		windows = append(windows, placed{w, int64(i + 1)})
	}
	found := cut(c.server, page, windows, func(w placed) int64 { return w.seq }, func(w placed) bool {
		return (p["PlanWindowId"] == "" || p["PlanWindowId"] == w.ID) && like(p["PlanWindowName"], w.Name) &&
			(p["Enable"] == "" || p["Enable"] == strconv.FormatBool(!w.Disabled))
	})
	list := make([]map[string]any, len(found.items))
	for i, w := range found.items {
		list[i] = w.wire()
	}
	out := map[string]any{"PlanMaintenanceWindowList": list, "MaxResults": page.size}
	if found.next != "" {
		out["NextToken"] = found.next
	}
	return c.reply(out), nil
}

func (w MaintenanceWindow) wire() map[string]any {
	unit, scope := "Daily", w.Scope
	if w.Weekly {
		unit = "Weekly"
	}
	if scope == "" {
		scope = "All"
	}
	ranges, tags := []map[string]string{}, []map[string]string{}
	for _, r := range w.Ranges {
		ranges = append(ranges, map[string]string{"StartTime": r[0], "EndTime": r[1]})
	}
	for _, key := range sortedKeys(w.Tags) {
		tags = append(tags, map[string]string{"Key": key, "Value": w.Tags[key]})
	}
	return map[string]any{
		"PlanWindowId": w.ID, "PlanWindowName": w.Name, "Enable": !w.Disabled,
		"CreateTime": stamp(w.Created), "ModifiedTime": stamp(w.Created),
		"TargetResource": map[string]any{"Scope": scope, "Tags": tags, "ResourceGroupId": w.Group},
		"TimePeriod":     map[string]any{"PeriodUnit": unit, "RangeList": ranges},
	}
}
