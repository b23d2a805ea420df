package ecs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A call is a believed request on its way through an action.
type call struct {
	server  *Server
	req     *request
	account *account
	region  *region // of calls that have one
	key     *keyState
	id      string // RequestId
}

// An action is one API call.
type action struct {
	// ram is the permission it needs.
	ram string
	// regional calls need a known RegionId.
	regional bool
	// empty answers a caller without permission, if the real one answers an
	// empty list then; nil is a refusal.
	empty func(*call) []byte
	do    func(*call) ([]byte, *apiError)
}

// answer is what goes back over the wire.
type answer struct {
	status int
	code   string // of a refusal
	body   []byte
	ctype  string
}

// serveRPC is the endpoint. It records every request, also the unreadable.
func (s *Server) serveRPC(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	entry := &Call{Time: s.now().UTC(), Method: r.Method, RequestID: requestID()}
	s.record.begin(entry)
	defer func() {
		entry.Duration = time.Since(begun)
		s.record.end(entry)
	}()
	req, refusal := readRequest(r)
	if refusal != nil {
		entry.Status, entry.Code = refusal.status, refusal.code
		write(w, s.refusal(nil, r.Host, entry.RequestID, refusal))
		return
	}
	entry.describe(req)
	s.record.started(entry)
	ans, fate := s.answer(r.Context(), req, entry)
	entry.Status, entry.Code = ans.status, ans.code
	if s.answers && req.version == versionECS && fate == fateSend {
		entry.Answer = string(ans.body)
	}
	switch fate {
	case fateCut:
		entry.Status = 0
		panic(http.ErrAbortHandler) // the server's way to drop a connection
	case fateTruncate:
		w.Header().Set("Content-Length", strconv.Itoa(len(ans.body)+1))
		ans.body = ans.body[:len(ans.body)/2]
		write(w, ans)
		panic(http.ErrAbortHandler)
	default:
		write(w, ans)
	}
}

func readRequest(r *http.Request) (*request, *apiError) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		// Source: signature V1 names GET and POST; the code is invented.
		return nil, refuse(http.StatusMethodNotAllowed, "UnsupportedHTTPMethod", "This http method is not supported.")
	}
	req, err := parseRequest(r)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "InvalidParameter", "The request cannot be read.")
	}
	return req, nil
}

// answer decides what to say, and whether it gets through.
func (s *Server) answer(ctx context.Context, req *request, entry *Call) (answer, fate) {
	who, act, luck, refusal := s.admit(req, entry)
	if refusal != nil {
		return s.refusal(req, req.host, entry.RequestID, refusal), fateSend
	}
	s.mu.Lock()
	latency := s.latency
	s.mu.Unlock()
	if s.pause(ctx, latency+luck.delay) != nil {
		return answer{}, fateCut
	}
	if end, ans := s.before(ctx, luck, req, entry); end {
		return ans, luck.fate()
	}
	c := &call{server: s, req: req, account: who.account, key: who.key, id: entry.RequestID}
	body, refusal := s.run(c, act, luck, entry)
	ans := answer{status: http.StatusOK, body: body, ctype: "application/json;charset=utf-8"}
	if refusal != nil {
		ans = s.refusal(req, req.host, entry.RequestID, refusal)
	} else {
		ans = inFormat(ans, req)
	}
	entry.Worked = ans.status == http.StatusOK
	return s.after(ctx, luck, req, entry, ans)
}

// admit lets a call in: it is well formed, known and believed.
func (s *Server) admit(req *request, entry *Call) (identity, *action, luck, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	act, refusal := s.product(req)
	if refusal != nil {
		return identity{}, nil, luck{}, refusal
	}
	who, refusal := s.authenticate(req)
	if refusal != nil {
		return identity{}, nil, luck{}, refusal
	}
	entry.Account = who.account.ID
	return who, act, s.luck(entry), nil
}

// run does the action under the lock.
func (s *Server) run(c *call, act *action, luck luck, entry *Call) ([]byte, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if act.regional {
		id := c.req.params["RegionId"]
		if id == "" {
			return nil, mandatory("RegionId")
		}
		if !s.knowsRegion(id) {
			return nil, errRegion
		}
		c.region = c.account.regions[id]
		if c.region == nil { // another account's
			c.region = &region{name: id}
		}
		s.settle(c.region)
	}
	entry.RAMAction = act.ram
	allowed := c.key.permits(act.ram)
	entry.Denied = !allowed
	if (!allowed || luck.hides()) && act.empty != nil {
		return act.empty(c), nil
	}
	if !allowed || luck.hides() {
		if strings.HasPrefix(act.ram, "sts:") {
			return nil, errNoPermission
		}
		return nil, errForbidden
	}
	return act.do(c)
}

func (s *Server) knowsRegion(id string) bool {
	for _, acc := range s.accounts {
		if acc.regions[id] != nil {
			return true
		}
	}
	return false
}

// reply is a JSON answer with the request's id.
func (c *call) reply(parts ...map[string]any) []byte {
	all := map[string]any{"RequestId": c.id}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return toJSON(all)
}

// requestID is an id in the cloud's manner: a UUID in capitals.
func requestID() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%X-%X-%X-%X-%X", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// refusal is an error's answer.
// Source: API reference, error responses; Recommend is seen in
// dromara/SMS4J issue 34.
func (s *Server) refusal(req *request, host, id string, e *apiError) answer {
	product := productECS
	if req != nil && req.version == versionSTS {
		product = productSTS
	}
	body := toJSON(map[string]string{
		"RequestId": id, "HostId": host, "Code": e.code, "Message": e.message,
		"Recommend": "https://api.aliyun.com/troubleshoot?q=" + e.code + "&product=" + product + "&requestId=" + id,
	})
	ans := answer{status: e.status, code: e.code, body: body, ctype: "application/json;charset=utf-8"}
	if req == nil {
		return ans
	}
	return inFormat(ans, req)
}

func write(w http.ResponseWriter, ans answer) {
	if ans.status == 0 {
		panic(errors.New("answer without status"))
	}
	w.Header().Set("Content-Type", ans.ctype)
	w.WriteHeader(ans.status)
	w.Write(ans.body) // a client that left is none of our business
}
