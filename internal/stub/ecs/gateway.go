package ecs

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Products by the Version parameter.
const (
	productECS = "Ecs"
	productSTS = "Sts"

	versionECS = "2014-05-26"
	versionSTS = "2015-04-01"
)

// skewAllowed is how far a request's time may be from the server's, and how
// long a nonce is remembered. Source: seen, overtrue/laravel-mail-aliyun quotes
// the error centre's 15 minutes; acmesh-official/acme.sh quotes support on the
// nonce's 15 minutes.
const skewAllowed = 15 * time.Minute

// identity is who signed a call and what that opens.
type identity struct {
	account *account
	key     *keyState
}

// keyState is a key, a user's or a session's, with what it may do.
type keyState struct {
	Key
	account *account
	token   string    // of a session
	expires time.Time // of a session
	hidden  map[string]bool
	used    map[string]int // RAM actions asked for
}

// nonces remembers what was used, per key, as long as a replay could pass.
type nonces struct {
	seen  map[string]time.Time
	queue []string // in order of arrival
}

// use reports whether the nonce is new, and remembers it.
func (n *nonces) use(nonce string, now time.Time) bool {
	for len(n.queue) > 0 && now.Sub(n.seen[n.queue[0]]) > 2*skewAllowed {
		delete(n.seen, n.queue[0])
		n.queue = n.queue[1:]
	}
	if _, used := n.seen[nonce]; used {
		return false
	}
	n.seen[nonce] = now
	n.queue = append(n.queue, nonce)
	return true
}

// claim is what a request says of itself, in either signature version.
type claim struct {
	keyID, signature, timestamp, nonce, token string
	signed                                    []string // V3
}

// authenticate checks what the gateway checks before any service sees a call.
// The order of the checks is inferred.
func (s *Server) authenticate(req *request) (identity, *apiError) {
	c, refusal := readClaim(req)
	if refusal != nil {
		return identity{}, refusal
	}
	if refusal := s.checkTime(c.timestamp); refusal != nil {
		return identity{}, refusal
	}
	key := s.keys[c.keyID]
	if key == nil {
		// Source: seen, "Specified access key is not found" (help page 42775);
		// 404 as other products document it.
		return identity{}, refuse(http.StatusNotFound, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
	}
	if key.Disabled {
		// Source: help page 42775; status inferred.
		return identity{}, refuse(http.StatusForbidden, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
	}
	if refusal := s.checkToken(key, c.token); refusal != nil {
		return identity{}, refusal
	}
	if refusal := checkSignature(req, c, key.Secret); refusal != nil {
		return identity{}, refusal
	}
	if !s.nonces.use(c.keyID+"\x00"+c.nonce, s.gatewayTime()) {
		// Source: seen, aliyun/alibaba-cloud-sdk-go issue 39 (400).
		return identity{}, refuse(http.StatusBadRequest, "SignatureNonceUsed", "Specified signature nonce was used already.")
	}
	return identity{key.account, key}, nil
}

// readClaim finds the common parameters, in the query or the body for
// signature V1, in headers for V3.
func readClaim(req *request) (claim, *apiError) {
	if req.v3 {
		return readClaimV3(req)
	}
	p := req.params
	for _, name := range []string{"AccessKeyId", "Signature", "Timestamp", "SignatureNonce"} {
		if p[name] == "" {
			return claim{}, mandatory(name)
		}
	}
	// Source: developer.aliyun.com/ask/209782 has these two sentences, with
	// the code spelled "InvalidParamater".
	if v := p["SignatureVersion"]; v != "1.0" {
		return claim{}, invalid("SignatureVersion")
	}
	if _, known := signV1(p["SignatureMethod"], "", ""); !known {
		return claim{}, invalid("SignatureMethod")
	}
	return claim{
		keyID: p["AccessKeyId"], signature: p["Signature"], timestamp: p["Timestamp"],
		nonce: p["SignatureNonce"], token: p["SecurityToken"],
	}, nil
}

func readClaimV3(req *request) (claim, *apiError) {
	h := req.http.Header
	auth, ok := parseV3(h.Get("Authorization"))
	if !ok {
		// Source: developer.aliyun.com/ask/209782.
		return claim{}, refuse(http.StatusBadRequest, "IncompleteSignature", "The request signature does not conform to Aliyun standards.")
	}
	c := claim{
		keyID: auth.credential, signature: auth.signature, signed: auth.signed,
		timestamp: h.Get("x-acs-date"), nonce: h.Get("x-acs-signature-nonce"), token: h.Get("x-acs-security-token"),
	}
	switch {
	case c.timestamp == "":
		return claim{}, mandatory("Timestamp")
	case c.nonce == "":
		return claim{}, mandatory("SignatureNonce")
	}
	return c, nil
}

var timestampForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)

// checkTime holds the request's time against the server's, which may be told
// to go wrong.
func (s *Server) checkTime(text string) *apiError {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || !timestampForm.MatchString(text) {
		// Source: the code's name is public; message and status inferred.
		return refuse(http.StatusBadRequest, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
	}
	if off := at.Sub(s.gatewayTime()); off > skewAllowed || off < -skewAllowed {
		// Source: seen, jeessy2/ddns-go issue 864 (400).
		return refuse(http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	return nil
}

func (s *Server) gatewayTime() time.Time { return s.gateway().Add(s.skew) }

// checkToken holds the SecurityToken of temporary keys.
// Source: MissingSecurityToken, help page 42775; the code InvalidSecurityToken.Expired
// is public, its status and the mismatch's are inferred.
func (s *Server) checkToken(key *keyState, token string) *apiError {
	switch {
	case key.token != "" && token == "":
		return mandatory("SecurityToken")
	case token != key.token:
		return refuse(http.StatusBadRequest, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey.")
	case key.token != "" && !s.gatewayTime().Before(key.expires):
		return refuse(http.StatusBadRequest, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
	}
	return nil
}

func checkSignature(req *request, c claim, secret string) *apiError {
	if req.v3 {
		return checkSignatureV3(req, c, secret)
	}
	text := stringToSignV1(req.http.Method, req.params)
	if want, _ := signV1(req.params["SignatureMethod"], text, secret); !same(want, c.signature) {
		// Source: seen, dromara/SMS4J issue 34. It tells the key id.
		return refuse(http.StatusBadRequest, "SignatureDoesNotMatch",
			"Specified signature is not matched with our calculation. server string to sign is:%s", text)
	}
	return nil
}

// checkSignatureV3 also holds that every header the scheme is about was
// signed, and that the body is the one that was.
func checkSignatureV3(req *request, c claim, secret string) *apiError {
	h := req.http.Header
	for name := range h {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-acs-") && !slices.Contains(c.signed, lower) {
			return refuse(http.StatusBadRequest, "IncompleteSignature", "The header %s must be signed.", lower)
		}
	}
	if !slices.Contains(c.signed, "host") || !slices.IsSorted(c.signed) {
		return refuse(http.StatusBadRequest, "IncompleteSignature", "The signed headers must be sorted and name the host.")
	}
	sum := sha256.Sum256(req.body)
	canonical := canonicalV3(req, c.signed)
	text := stringToSignV3(canonical)
	if h.Get("x-acs-content-sha256") != hex.EncodeToString(sum[:]) || !same(signV3(text, secret), c.signature) {
		// Source: seen, aliyun/alibabacloud-csharp-sdk issue 40.
		return refuse(http.StatusBadRequest, "SignatureDoesNotMatch",
			"Specified signature does not match our calculation. server StringToSign is [%s] server CanonicalRequest is [%s]", text, canonical)
	}
	return nil
}

// product is the action of the service that a call is for. Source: seen, InvalidVersion
// (aliyun/aliyun-openapi-java-sdk issue 23), InvalidAction.NotFound 404
// (aliyun/openapi-sdk-php-client issue 230). Both are told before anything is
// signed: aliyun/aliyun-openapi-php-sdk issue 20 saw it in a browser.
func (s *Server) product(req *request) (*action, *apiError) {
	var name string
	switch req.version {
	case "":
		return nil, mandatory("Version")
	case versionECS:
		name = productECS
	case versionSTS:
		name = productSTS
	default:
		return nil, refuse(http.StatusBadRequest, "InvalidVersion", "Specified parameter Version is not valid.")
	}
	if req.action == "" {
		return nil, mandatory("Action")
	}
	act := s.actions[name+"."+req.action]
	if act == nil {
		return nil, refuse(http.StatusNotFound, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.")
	}
	return act, nil
}
