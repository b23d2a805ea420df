package ecs

import (
	"fmt"
	"net/http"
)

// An apiError is a refusal, as it stands in an answer's body.
type apiError struct {
	status  int // HTTP
	code    string
	message string
}

// refuse makes a refusal.
func refuse(status int, code, format string, args ...any) *apiError {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// mandatory is the gateway's word for a common parameter that is missing.
// Source: seen, MissingTimestamp (rfancn/aliyun-ddns-client), MissingSignature
// (starsunyzl/ddns-scripts-alibabacloud), MissingAccessKeyId
// (aliyun/alibabacloud-csharp-sdk); the other names follow their pattern
// (inferred).
func mandatory(name string) *apiError {
	return refuse(http.StatusBadRequest, "Missing"+name, "%s is mandatory for this action.", name)
}

// missing is a call's word for a required parameter that is missing.
// Source: API reference, AcceptInquiredSystemEvent (400 MissingParameter).
func missing(name string) *apiError {
	return refuse(http.StatusBadRequest, "MissingParameter",
		"The input parameter \"%s\" that is mandatory for processing this request is not supplied.", name)
}

// invalid is a call's word for a value it does not take.
// Source: API reference, AcceptInquiredSystemEvent (400 InvalidParameter); the
// wording is seen (kubevela/terraform-controller).
func invalid(name string) *apiError {
	return refuse(http.StatusBadRequest, "InvalidParameter", "The specified parameter \"%s\" is not valid.", name)
}

// Refusals whose text never varies.
var (
	// Source: seen, kubernetes/cloud-provider-alibaba-cloud (404).
	errRegion = refuse(http.StatusNotFound, "InvalidRegionId.NotFound", "The specified RegionId does not exist.")
	// Source: API reference, RebootInstance and RedeployInstance (404).
	errInstance = refuse(http.StatusNotFound, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist.")
	// Source: API reference, AcceptInquiredSystemEvent (400 in its table of 2026).
	errInstanceStatus = refuse(http.StatusBadRequest, "IncorrectInstanceStatus", "Current instance status does not support this operation.")
	// Source: seen, alibaba/packer-provider and alibaba/terraform-provider (403).
	errForbidden = refuse(http.StatusForbidden, "Forbidden.RAM", "User not authorized to operate on the specified resource, or this API doesn't support RAM.")
	// Source: seen, AssumeRole's reference page tells this message for a caller
	// without AliyunSTSAssumeRoleAccess; status inferred.
	errNoPermission = refuse(http.StatusForbidden, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.")
)
