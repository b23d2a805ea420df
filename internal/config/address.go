package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// An addressFault says what is wrong with an address, without the address
// itself where it may hold a password.
type addressFault struct{ problem, remedy string }

// parseAddress reads an absolute https address, or an http one of this
// machine: tokens and signatures must not cross a network in the clear.
func parseAddress(raw string) (*url.URL, *addressFault) {
	if !strings.Contains(raw, "://") {
		return nil, &addressFault{quote(raw) + " has no scheme", "Begin it with https://"}
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "" || !validPort(u) {
		return nil, &addressFault{"is no valid address", "Write scheme, host and, where needed, a port, as in https://ecs.example.internal:8443"}
	}
	switch {
	case u.User != nil:
		return nil, &addressFault{"holds a user name or password", "Delete what stands before the @; secrets belong in the environment"}
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return nil, &addressFault{quote(raw) + " has a query or a fragment", "Delete what follows the ? or #"}
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	case u.Scheme == "http":
		return nil, &addressFault{quote(raw) + " is plain http, which is for loopback addresses only", "Write https://, or use 127.0.0.1, [::1] or localhost"}
	}
	return nil, &addressFault{quote(raw) + " is neither https nor http", "Begin it with https://"}
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	return isPort(u.Port(), 1)
}

func isPort(text string, least uint64) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port >= least
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// listen reads host:port; an empty host is every interface, port 0 a free one.
func (t *tree) listen(n *yaml.Node) string {
	const field, example = "listen", "listen: 127.0.0.1:9090"
	value, ok := t.optional(n, field, example)
	if !ok || value == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(value)
	switch {
	case err != nil:
		t.fault(n, field, quote(value)+" is no host:port", "Write it as in "+example+", or \"\" for none")
	case !isPort(port, 0):
		t.fault(n, field, quote(port)+" is no port", "Write a number from 0 to 65535, as in "+example)
	case host != "" && !isHost(host):
		t.fault(n, field, quote(host)+" is no host to listen on", "Write an IP address of this machine, as in "+example)
	default:
		return value
	}
	return ""
}

func isHost(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || hostName.MatchString(host)
}
