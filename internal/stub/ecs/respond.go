package ecs

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// instance finds the caller's instance in any region.
func (c *call) instance() (*region, *Instance, *apiError) {
	id := c.req.params["InstanceId"]
	if id == "" {
		return nil, nil, missing("InstanceId")
	}
	for _, name := range c.account.Regions {
		reg := c.account.regions[name]
		if in := reg.byID[id]; in != nil {
			c.server.settle(reg)
			return reg, in, nil
		}
	}
	return nil, nil, errInstance
}

// rebootInstance restarts the instance, which answers a planned restart: the
// event becomes Avoided.
// Source: API reference, RebootInstance (Running only, not when locked for
// security) and CreateSimulatedSystemEvents (a reboot avoids a simulated
// SystemMaintenance.Reboot too). The codes' statuses are inferred.
func rebootInstance(c *call) ([]byte, *apiError) {
	reg, in, refusal := c.instance()
	if refusal != nil {
		return nil, refusal
	}
	if refusal := in.movable(Running); refusal != nil {
		return nil, refusal
	}
	if c.req.params["DryRun"] == "true" {
		return nil, refuse(http.StatusBadRequest, "DryRunOperation", "Request validation has been passed with DryRun flag set.")
	}
	for _, e := range reg.events {
		if e.InstanceID == in.ID && e.Type == "SystemMaintenance.Reboot" && e.Status == Scheduled {
			c.server.resolve(reg, e, Avoided)
			c.server.changed(reg, e)
		}
	}
	return c.reply(), nil
}

// movable refuses an instance that is locked or in none of the statuses.
func (in *Instance) movable(statuses ...string) *apiError {
	if slices.Contains(in.Locks, "security") {
		return refuse(http.StatusForbidden, "InstanceLockedForSecurity", "The instance is locked due to security.")
	}
	if !slices.Contains(statuses, in.Status) {
		return refuse(http.StatusForbidden, "IncorrectInstanceStatus", "The current status of the resource does not support this operation.")
	}
	return nil
}

// redeployAnswers is the statuses in which RedeployInstance answers a type.
// Source: API reference, RedeployInstance. SystemFailure.Reboot is left out:
// it is for instances with local disks only.
func redeployAnswers(kind string) []string {
	switch kind {
	case "SystemMaintenance.Reboot", "SystemMaintenance.Redeploy":
		return []string{Inquiring, Scheduled}
	case "SystemMaintenance.RebootAndIsolateErrorDisk", "SystemMaintenance.RebootAndReInitErrorDisk", "SystemFailure.Redeploy",
		"SystemMaintenance.IsolateErrorDisk", "SystemMaintenance.ReInitErrorDisk":
		return []string{Inquiring}
	}
	return nil
}

// redeployInstance moves the instance to another host, which answers some
// events; SystemUpgrade.Migrate is not among them, nor are simulated ones.
// Source: API reference, RedeployInstance. The refusal when there is nothing
// to answer is invented.
func redeployInstance(c *call) ([]byte, *apiError) {
	reg, in, refusal := c.instance()
	if refusal != nil {
		return nil, refusal
	}
	if refusal := in.movable(Running, Stopped); refusal != nil {
		return nil, refusal
	}
	answered := false
	for _, e := range reg.events {
		if e.InstanceID == in.ID && !e.Simulated && slices.Contains(redeployAnswers(e.Type), e.Status) {
			c.server.resolve(reg, e, Avoided)
			c.server.changed(reg, e)
			answered = true
		}
	}
	if !answered {
		return nil, refuse(http.StatusForbidden, "OperationDenied.NoSystemEvent", "The instance has no system event that a redeployment responds to.")
	}
	return c.reply(map[string]any{"TaskId": newID("t")}), nil
}

// simulated are the types a drill may have, and whether they come unplanned.
// Source: API reference, CreateSimulatedSystemEvents.
func simulated(kind string) (known, sudden bool) {
	switch kind {
	case "SystemMaintenance.Reboot", "SystemMaintenance.Stop", "SystemMaintenance.Redeploy":
		return true, false
	case "SystemFailure.Reboot", "SystemFailure.Redeploy", "SystemFailure.Stop", "InstanceFailure.Reboot":
		return true, true
	}
	return false, false
}

// createSimulatedSystemEvents plans drills. TriggerRealOps is refused here: a
// stub of drills has no real ones (invented).
// Source: API reference, CreateSimulatedSystemEvents; that a past NotBefore is
// refused is inferred.
func createSimulatedSystemEvents(c *call) ([]byte, *apiError) {
	p, ids := c.req.params, c.req.list("InstanceId")
	switch {
	case len(ids) == 0:
		return nil, missing("InstanceId")
	case len(ids) > 100:
		return nil, invalid("InstanceId")
	case p["EventType"] == "":
		return nil, missing("EventType")
	case p["NotBefore"] == "":
		return nil, missing("NotBefore")
	case strings.EqualFold(p["TriggerRealOps"], "true"):
		return nil, invalid("TriggerRealOps")
	}
	known, sudden := simulated(p["EventType"])
	if !known {
		return nil, invalid("EventType")
	}
	at, ok := parseTime(p["NotBefore"])
	if !ok || at.Before(second(c.server.now())) {
		return nil, invalid("NotBefore")
	}
	for _, id := range ids {
		if c.region.byID[id] == nil {
			return nil, errInstance
		}
	}
	status := Scheduled
	if sudden {
		status = Executing
	}
	var made []string
	for _, id := range ids {
		e, err := c.server.announce(c.account, c.region, EventSpec{
			InstanceID: id, Type: p["EventType"], Status: status, NotBefore: at, Simulated: true,
			Reason: "Simulated event.", // invented
		})
		if err != nil {
			return nil, refuse(http.StatusInternalServerError, "InternalError", "The event was not created.")
		}
		made = append(made, e.ID)
	}
	return c.reply(map[string]any{"EventIdSet": map[string]any{"EventId": made}}), nil
}

// cancelSimulatedSystemEvents withdraws drills, all or none (inferred).
// Source: API reference, CancelSimulatedSystemEvents; the code is inferred.
func cancelSimulatedSystemEvents(c *call) ([]byte, *apiError) {
	ids := c.req.list("EventId")
	if len(ids) == 0 {
		return nil, missing("EventId")
	}
	if len(ids) > 100 {
		return nil, invalid("EventId")
	}
	for _, id := range ids {
		if e := c.event(id); e == nil || !e.Simulated || e.Status != Scheduled && e.Status != Executing {
			return nil, refuse(http.StatusNotFound, "InvalidEventId.NotFound", "The specified EventId does not exist.")
		}
	}
	for _, id := range ids {
		e := c.event(id)
		c.server.resolve(c.region, e, Canceled)
		c.server.changed(c.region, e)
	}
	return c.reply(), nil
}
