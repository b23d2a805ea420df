package ecs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Pages by token and, where the reference still has them, by number.

// A pager is what a request asks of a list.
type pager struct {
	byToken bool
	size    int    // of a page by token, or PageSize
	number  int    // PageNumber
	after   int64  // by token: the position of the last element served
	scope   string // what the token is good for
}

// pageLimits are a call's bounds.
type pageLimits struct {
	max        int  // MaxResults and PageSize at most
	tokenOnly  bool // the call has no PageNumber
	numberOnly bool // the call has no NextToken
}

// pageParams never make a token's scope: they may change from page to page, or
// belong to the envelope.
var pageParams = []string{
	"MaxResults", "NextToken", "PageNumber", "PageSize", "Signature", "SignatureNonce", "SignatureMethod",
	"SignatureVersion", "SignatureType", "Timestamp", "AccessKeyId", "SecurityToken", "Format",
}

// pager reads MaxResults, NextToken, PageNumber and PageSize.
// Source: API reference. MaxResults below 10 counts as 10, above the maximum
// as the maximum. That anything else is refused is inferred.
func (c *call) pager(limits pageLimits) (pager, *apiError) {
	p := c.req.params
	token := p["NextToken"]
	page := pager{
		byToken: !limits.numberOnly && (limits.tokenOnly || token != "" || p["MaxResults"] != ""),
		size:    10, number: 1, scope: c.scope(),
	}
	sizeName := "PageSize"
	if page.byToken {
		sizeName = "MaxResults"
	}
	if text := p[sizeName]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return pager{}, invalid(sizeName)
		}
		page.size = min(n, limits.max)
		if page.byToken {
			page.size = max(page.size, 10)
		}
	}
	if text := p["PageNumber"]; text != "" && !page.byToken {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return pager{}, invalid("PageNumber")
		}
		page.number = n
	}
	if page.byToken && token != "" {
		after, ok := c.server.readToken(token, page.scope)
		if !ok {
			// Inferred: the reference says only to send back what was returned.
			return pager{}, refuse(http.StatusBadRequest, "InvalidNextToken", "The specified parameter \"NextToken\" is not valid.")
		}
		page.after = after
	}
	return page, nil
}

// scope is what a token is bound to: account, action and filters.
func (c *call) scope() string {
	names := make([]string, 0, len(c.req.params))
	for name, value := range c.req.params {
		if !slices.Contains(pageParams, name) {
			names = append(names, name+"="+value)
		}
	}
	slices.Sort(names)
	return c.account.ID + "\n" + c.req.action + "\n" + strings.Join(names, "\n")
}

// token is an opaque pointer past one element of a list.
func (s *Server) token(after int64, scope string) string {
	buf := binary.BigEndian.AppendUint64(nil, uint64(after))
	mac := hmac.New(sha256.New, s.tokenKey)
	mac.Write(buf)
	mac.Write([]byte(scope))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(buf)[:8+16])
}

// readToken refuses what this server did not give for the same question.
func (s *Server) readToken(token, scope string) (after int64, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 8+16 {
		return 0, false
	}
	after = int64(binary.BigEndian.Uint64(raw))
	return after, same(s.token(after, scope), token)
}

// A slice of a list, with what its answer says of the paging.
type slice[T any] struct {
	items []T
	next  string
	total int
}

// cut takes the page out of a list. position tells an element's place, rising
// along the list and lasting while the list grows; keep is the filter.
func cut[T any](s *Server, page pager, list []T, position func(T) int64, keep func(T) bool) slice[T] {
	var out slice[T]
	if page.byToken {
		start, _ := slices.BinarySearchFunc(list, page.after+1, func(e T, at int64) int {
			return int(position(e) - at)
		})
		for _, e := range list[start:] {
			if !keep(e) {
				continue
			}
			if len(out.items) == page.size {
				out.next = s.token(position(out.items[page.size-1]), page.scope)
				break
			}
			out.items = append(out.items, e)
		}
		return out
	}
	first := (page.number - 1) * page.size
	for _, e := range list {
		if !keep(e) {
			continue
		}
		if out.total >= first && len(out.items) < page.size {
			out.items = append(out.items, e)
		}
		out.total++
	}
	return out
}

// members are the paging members of an answer. By token the reference calls
// TotalCount, PageNumber and PageSize meaningless; they are 0 then (inferred).
func (page pager) members(next string, total int) map[string]any {
	if page.byToken {
		m := map[string]any{"TotalCount": 0, "PageNumber": 0, "PageSize": 0}
		if next != "" {
			m["NextToken"] = next
		}
		return m
	}
	return map[string]any{"TotalCount": total, "PageNumber": page.number, "PageSize": page.size}
}
