package ecs

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// timeForm is how the event calls tell and take times: UTC, to the second.
// Source: API reference.
const timeForm = "2006-01-02T15:04:05Z"

// minuteForm is how the instance and disk calls tell times.
// Source: API reference, samples of DescribeInstances.
const minuteForm = "2006-01-02T15:04Z"

// stamp is t in timeForm; the zero time is nothing.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeForm)
}

// statusCodes are EventCycleStatus.Code by name. Source: API reference samples
// for Scheduled 24, Executed 0 and Avoided 8; the rest is invented.
var statusCodes = map[string]int{
	Scheduled: 24, Executed: 0, Avoided: 8,
	Inquiring: 32, Executing: 16, Failed: 4, Canceled: 2,
}

// typeCodes are EventType.Code by name. Source: API reference samples for
// these two; any other type is served as 0 (invented).
var typeCodes = map[string]int{"SystemMaintenance.Reboot": 1, "InstanceExpiration.Stop": 34}

type codeName struct {
	Name string
	Code int
}

// wireEvent is an event as DescribeInstanceHistoryEvents tells it.
// Source: API reference, InstanceSystemEventType.
type wireEvent struct {
	EventID          string `json:"EventId"`
	InstanceID       string `json:"InstanceId"`
	ResourceType     string
	ImpactLevel      int
	EventPublishTime string
	NotBefore        string `json:",omitempty"`
	EventFinishTime  string `json:",omitempty"`
	EventType        codeName
	EventCycleStatus codeName
	Reason           string
	ReasonCode       string `json:",omitempty"`

	ExtendedAttribute extended
}

type extended struct {
	InitialNotBefore string           `json:",omitempty"`
	CanAccept        string           `json:",omitempty"`
	MigrationOptions *migrationOption `json:",omitempty"`
	DiskID           string           `json:"DiskId,omitempty"`
	Device           string           `json:",omitempty"`
}

type migrationOption struct{ MigrationOption []string }

// encode is the event's JSON, kept until it changes.
func (e *event) encode() []byte {
	if e.encoded == nil {
		e.encoded = e.marshal()
	}
	return e.encoded
}

func (e *event) marshal() []byte {
	if e.spec.Raw != "" {
		return []byte(e.spec.Raw)
	}
	w := wireEvent{
		EventID: e.ID, InstanceID: e.InstanceID, ResourceType: "instance", ImpactLevel: 100,
		EventPublishTime: stamp(e.Publish), NotBefore: stamp(e.NotBefore), EventFinishTime: stamp(e.Finished),
		EventType:        codeName{e.Type, typeCodes[e.Type]},
		EventCycleStatus: codeName{e.Status, statusCodes[e.Status]},
		Reason:           e.spec.Reason, ReasonCode: e.ReasonCode,
		ExtendedAttribute: extended{DiskID: e.spec.DiskID, Device: e.spec.Device},
	}
	if !e.spec.HideInitial {
		w.ExtendedAttribute.InitialNotBefore = stamp(e.InitialNotBefore)
	}
	if e.Status == Inquiring {
		// A string, as the reference types it; Fields can serve a bool.
		w.ExtendedAttribute.CanAccept = "true"
		if !e.canAccept() {
			w.ExtendedAttribute.CanAccept = "false"
		}
	}
	if len(e.Options) > 0 {
		w.ExtendedAttribute.MigrationOptions = &migrationOption{e.Options}
	}
	return override(toJSON(w), e.spec.Fields)
}

func (e *event) canAccept() bool { return e.spec.CanAccept == nil || *e.spec.CanAccept }

// override replaces members of a JSON object, by dotted path; null removes.
func override(object []byte, fields map[string]json.RawMessage) []byte {
	for path, value := range fields {
		name, rest, nested := strings.Cut(path, ".")
		var members map[string]json.RawMessage
		if json.Unmarshal(object, &members) != nil || members == nil {
			members = map[string]json.RawMessage{}
		}
		switch {
		case nested:
			members[name] = override(members[name], map[string]json.RawMessage{rest: value})
		case bytes.Equal(bytes.TrimSpace(value), []byte("null")):
			delete(members, name)
		default:
			members[name] = value
		}
		out, err := json.Marshal(members)
		if err != nil {
			return object // a value that is no JSON changes nothing
		}
		object = out
	}
	return object
}

// toJSON is one of our own types as JSON, with &, < and > as they are.
func toJSON(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // our own types always encode
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
