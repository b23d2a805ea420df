package ecs

import (
	"net/http"
	"slices"
	"strings"
)

// modifySystemEventAttribute gives a scheduled event another planned time.
// Source: API reference, ModifySystemEventAttribute: the four required
// parameters, the time's form, only Scheduled, not before now, not after the
// initial planned time. It documents no error codes: all but MissingParameter
// and InvalidInstanceId.NotFound are invented here, in the manner of the other
// calls.
func modifySystemEventAttribute(c *call) ([]byte, *apiError) {
	p := c.req.params
	for _, name := range []string{"EventId", "InstanceId", "NotBefore"} {
		if p[name] == "" {
			return nil, missing(name)
		}
	}
	to, ok := parseTime(p["NotBefore"])
	if !ok {
		return nil, refuse(http.StatusBadRequest, "InvalidNotBefore.Malformed", "The specified parameter \"NotBefore\" is not in the yyyy-MM-ddTHH:mm:ssZ format.")
	}
	e := c.event(p["EventId"])
	switch {
	case e == nil:
		return nil, refuse(http.StatusNotFound, "InvalidEventId.NotFound", "The specified EventId does not exist.")
	case c.region.byID[p["InstanceId"]] == nil && e.InstanceID != p["InstanceId"]:
		return nil, errInstance
	case e.InstanceID != p["InstanceId"]:
		return nil, refuse(http.StatusBadRequest, "InvalidInstanceId.EventMismatch", "The specified event does not belong to the specified instance.")
	case e.Status != Scheduled:
		return nil, refuse(http.StatusForbidden, "IncorrectEventStatus", "The current status of the event does not support this operation.")
	case !strings.HasPrefix(e.Type, "SystemMaintenance.") && !strings.HasPrefix(e.Type, "SystemUpgrade."):
		return nil, refuse(http.StatusForbidden, "OperationDenied.ModifyNotSupported", "Modify is not supported on current event type.")
	case slices.Contains(e.Options, "MigrationPlan"):
		// Source: API reference, MigrationOptions: such an event can be
		// migrated only by a migration plan. The refusal is inferred.
		return nil, refuse(http.StatusForbidden, "OperationDenied.MigrationPlanOnly", "The event can be scheduled only by a migration plan.")
	case to.Before(second(c.server.now())):
		return nil, refuse(http.StatusBadRequest, "InvalidNotBefore.Past", "The specified NotBefore must not be earlier than the current time.")
	case to.After(e.InitialNotBefore):
		return nil, refuse(http.StatusBadRequest, "InvalidNotBefore.ExceedInitial", "The specified NotBefore must not be later than the initial planned time %s.", stamp(e.InitialNotBefore))
	}
	e.NotBefore = to
	c.server.changed(c.region, e)
	return c.reply(), nil
}

// event is the caller's event in the call's region, or nil.
func (c *call) event(id string) *event {
	e := c.server.events[id]
	if e == nil || e.Account != c.account.ID || e.Region != c.region.name {
		return nil
	}
	return e
}

// acceptInquiredSystemEvent authorises an event that waits for it.
// Source: API reference, AcceptInquiredSystemEvent, error codes included. That
// CanAccept=false means OperationDenied.AcceptNotSupported is inferred, and so
// is that a locked instance's event cannot be accepted.
func acceptInquiredSystemEvent(c *call) ([]byte, *apiError) {
	id := c.req.params["EventId"]
	if id == "" {
		return nil, missing("EventId")
	}
	e := c.event(id)
	if e == nil || e.Status != Inquiring {
		return nil, refuse(http.StatusNotFound, "InvalidEventId.NoInquiringEventFound", "The specified EventId does not match any inquiring event.")
	}
	if !e.canAccept() {
		return nil, refuse(http.StatusForbidden, "OperationDenied.AcceptNotSupported", "Accept is not supported on current event type.")
	}
	in := c.region.byID[e.InstanceID]
	if in != nil && in.Status != Running && in.Status != Stopped {
		return nil, errInstanceStatus
	}
	if in != nil && slices.Contains(in.Locks, "security") {
		return nil, refuse(http.StatusForbidden, "OperationConflict", "The operation conflicts with another operation in progress.")
	}
	c.server.accept(e)
	c.server.changed(c.region, e)
	return c.reply(), nil
}
