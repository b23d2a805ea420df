package ecs

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxBody bounds what is read of a request.
const maxBody = 1 << 20

// A request is a call as it came over the wire, not yet believed.
type request struct {
	http    *http.Request
	host    string
	body    []byte
	params  map[string]string // query and form together
	query   url.Values        // what stood in the URL, for signature V3
	v3      bool              // signed in the Authorization header
	action  string
	version string
}

// parseRequest reads the parameters of an RPC call: in the query, in a form
// body, or in both. A name given twice counts once, its first value (inferred).
func parseRequest(r *http.Request) (*request, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if len(body) > maxBody {
		return nil, errors.New("body too large")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("parse query: %w", err)
	}
	req := &request{http: r, host: r.Host, body: body, query: query, params: map[string]string{}}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, fmt.Errorf("parse form: %w", err)
		}
		req.put(form)
	}
	req.put(query)
	req.action, req.version = req.params["Action"], req.params["Version"]
	// Source: signature V3. The action and its version stand in headers.
	if strings.HasPrefix(r.Header.Get("Authorization"), v3Algorithm) {
		req.v3 = true
		req.action, req.version = r.Header.Get("x-acs-action"), r.Header.Get("x-acs-version")
	}
	return req, nil
}

func (r *request) put(values url.Values) {
	for name, all := range values {
		r.params[name] = all[0]
	}
}

// list is the repeated list name.1, name.2, … in the order of its numbers.
// Source: API reference, "repeated list format".
func (r *request) list(name string) []string {
	type entry struct {
		n     int
		value string
	}
	var found []entry
	for param, value := range r.params {
		digits, ok := strings.CutPrefix(param, name+".")
		if !ok {
			continue
		}
		if n, err := strconv.Atoi(digits); err == nil && n >= 1 && digits[0] != '+' {
			found = append(found, entry{n, value})
		}
	}
	slices.SortFunc(found, func(a, b entry) int { return a.n - b.n })
	out := make([]string, len(found))
	for i, e := range found {
		out[i] = e.value
	}
	return out
}

// A tag is a filter by tag; an empty value matches any (inferred).
type tag struct{ key, value string }

// tags is the list Tag.N.Key, Tag.N.Value.
func (r *request) tags() []tag {
	var out []tag
	for n := 1; n <= 20; n++ { // API reference: N is 1 to 20
		prefix := "Tag." + strconv.Itoa(n) + "."
		if key := r.params[prefix+"Key"]; key != "" {
			out = append(out, tag{key, r.params[prefix+"Value"]})
		}
	}
	return out
}
