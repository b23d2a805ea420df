package ecs

import (
	"crypto/rand"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// roleState is a Role with what was taken from it since.
type roleState struct {
	Role
	account *account
	state   *keyState // permissions that all its sessions share
}

// session is what a session may do: the role's permissions.
func (r *roleState) session() *keyState {
	if r.state == nil {
		r.state = newKeyState(r.account, Key{Allowed: r.Allowed})
	}
	return r.state
}

// Source: API reference, AssumeRole: 2 to 64 of these.
var sessionName = regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,64}$`)

// assumeRole hands out temporary keys.
// Source: API reference, AssumeRole (parameters, bounds); help page 42775
// (NoPermission, InvalidParameter.RoleSessionName, .DurationSeconds). That an
// unknown role is EntityNotExist.Role 404 and its wording are inferred.
func assumeRole(c *call) ([]byte, *apiError) {
	p := c.req.params
	for _, name := range []string{"RoleArn", "RoleSessionName"} {
		if p[name] == "" {
			return nil, mandatory(name)
		}
	}
	if !strings.HasPrefix(p["RoleArn"], "acs:ram::") || !strings.Contains(p["RoleArn"], ":role/") {
		return nil, refuse(http.StatusBadRequest, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.")
	}
	if !sessionName.MatchString(p["RoleSessionName"]) {
		return nil, refuse(http.StatusBadRequest, "InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed.")
	}
	role := c.server.roles[p["RoleArn"]]
	if role == nil {
		return nil, refuse(http.StatusNotFound, "EntityNotExist.Role", "The specified Role not exists.")
	}
	if !role.trusts(c.account.ID) || role.ExternalID != "" && role.ExternalID != p["ExternalId"] {
		return nil, errNoPermission
	}
	seconds, refusal := role.duration(p["DurationSeconds"])
	if refusal != nil {
		return nil, refusal
	}
	key := c.server.openSession(role, time.Duration(seconds)*time.Second)
	return c.reply(map[string]any{
		"Credentials": map[string]string{
			"AccessKeyId": key.ID, "AccessKeySecret": key.Secret, "SecurityToken": key.token, "Expiration": stamp(key.expires),
		},
		"AssumedRoleUser": map[string]string{
			"Arn":           p["RoleArn"] + "/" + p["RoleSessionName"],
			"AssumedRoleId": strconv.FormatUint(digest(p["RoleArn"]), 10) + ":" + p["RoleSessionName"],
		},
	}), nil
}

func (r *roleState) trusts(account string) bool {
	return r.Trusted == nil && account == r.account.ID || slices.Contains(r.Trusted, account)
}

// duration is 900 s to the role's maximum, 3600 s if not said.
func (r *roleState) duration(text string) (int, *apiError) {
	limit := r.MaxSession
	if limit == 0 {
		limit = 3600
	}
	if text == "" {
		return min(3600, limit), nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 900 || n > limit {
		return 0, refuse(http.StatusBadRequest, "InvalidParameter.DurationSeconds", "The Min/Max value of DurationSeconds is 15min/%dhr.", max(1, limit/3600))
	}
	return n, nil
}

// openSession makes temporary keys; they share the role's permissions.
func (s *Server) openSession(role *roleState, lasts time.Duration) *keyState {
	shared := role.session()
	key := &keyState{
		Key:     Key{ID: "STS.N" + rand.Text()[:23], Secret: rand.Text() + rand.Text()[:18], Allowed: shared.Allowed},
		account: role.account, token: "CAIS" + rand.Text() + rand.Text(), expires: second(s.gatewayTime().Add(lasts)),
		hidden: shared.hidden, used: shared.used,
	}
	s.keys[key.ID] = key
	return key
}
