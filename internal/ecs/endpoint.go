package ecs

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// endpoint is where every call goes; its zero value is the SDK's choice.
type endpoint struct {
	scheme string // http or https
	host   string // with its port, if any
}

// parseEndpoint takes https://host[:port], and http for this machine alone:
// keys must not cross a network in the clear.
func parseEndpoint(raw string) (endpoint, error) {
	if raw == "" {
		return endpoint{scheme: "https"}, nil
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		// Not quoted: it may hold a password.
		return endpoint{}, errors.New("the endpoint is no address such as https://ecs.example.internal")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return endpoint{scheme: u.Scheme, host: u.Host}, nil
	}
	return endpoint{}, errors.New("the endpoint must begin with https://; http:// is for loopback addresses only")
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
