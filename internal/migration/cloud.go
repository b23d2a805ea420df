package migration

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// CloudErrorKind tells apart what a person or a worker must do next.
type CloudErrorKind string

// The kinds of cloud error.
const (
	CloudRefused    CloudErrorKind = "refused"     // the cloud said no; asking again changes nothing
	CloudNotAllowed CloudErrorKind = "not_allowed" // a RAM permission is missing
	CloudUntrusted  CloudErrorKind = "untrusted"   // the credentials, or the clock they sign with, are not accepted: Message says what to do
	CloudFailing    CloudErrorKind = "failing"     // throttled, unavailable or unreachable after every retry; nothing was done
	CloudUnknown    CloudErrorKind = "unknown"     // no answer to a change: it may or may not have been done
	CloudMalformed  CloudErrorKind = "malformed"   // an answer that cannot be read
)

// CloudError is a failed call to Alibaba Cloud. It never holds a signed URL, a
// key or a token.
type CloudError struct {
	Kind    CloudErrorKind
	Action  string // the RAM action, such as ecs:DescribeInstances
	Region  string
	Code    string // the cloud's own code, empty where it gave no answer
	Message string // the cloud's own message, without secrets
	// Garbled are events that cannot be read, where that is all that is amiss: the
	// others were shown.
	Garbled []Garbled
}

// Garbled is an entry of a list of events that cannot be read.
type Garbled struct {
	EventID, Type string // empty where they cannot be read either
	Fault         string // what cannot be read
}

// mostNamed is how many events an error names.
const mostNamed = 10

// GarbledEvents is the error that a list holds events which cannot be read.
func GarbledEvents(action, region string, all []Garbled) *CloudError {
	var names []string
	for _, u := range all[:min(len(all), mostNamed)] {
		names = append(names, fmt.Sprintf("%s (%s)", cmp.Or(u.EventID, "an event"), u.Fault))
	}
	if more := len(all) - mostNamed; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return &CloudError{Kind: CloudMalformed, Action: action, Region: region, Message: strings.Join(names, ", "), Garbled: all}
}

// Error is for logs.
func (e *CloudError) Error() string {
	s := fmt.Sprintf("%s in %s: %s", e.Action, e.Region, e.Kind)
	if e.Code != "" {
		s += ": " + e.Code
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// CloudKind is the kind of the CloudError in err's chain, empty where there is none.
func CloudKind(err error) CloudErrorKind {
	if e, ok := errors.AsType[*CloudError](err); ok {
		return e.Kind
	}
	return ""
}

// TroubleOf names what an error of a poll is to whoever runs the bot.
func TroubleOf(err error) Trouble {
	e, ok := errors.AsType[*CloudError](err)
	if !ok {
		return TroubleOwn
	}
	switch {
	case e.Kind == CloudNotAllowed:
		return TroublePermitted
	case e.Kind == CloudUntrusted:
		return TroubleUntrusted
	case len(e.Garbled) > 0:
		return TroubleUnread
	case e.Kind == CloudMalformed:
		return TroubleMalformed
	case strings.HasPrefix(e.Code, "Throttling"):
		return TroubleThrottled
	}
	return TroubleDown
}
