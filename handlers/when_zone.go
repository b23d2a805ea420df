package handlers

import (
	"strings"
	"time"
)

// takeOffset is +08:00, -0800, +08 or UTC+8, after an hour.
func (p *parts) takeOffset(g []string) (bool, error) {
	hours, minutes := count(g[2]), count("0"+g[3])
	if p.zone != nil || p.clock == nil {
		return false, nil
	}
	if hours > 14 || minutes > 59 {
		return false, p.unclear(WhyZone)
	}
	seconds := (hours*60 + minutes) * 60
	if g[1] == "-" {
		seconds = -seconds
	}
	p.zone = time.FixedZone("", seconds)
	return true, nil
}

func (p *parts) takeZone(g []string) (bool, error) {
	if p.zone != nil {
		return false, nil
	}
	switch asciiLower(g[1]) {
	case "z", "utc", "gmt":
		p.zone = time.UTC
		return true, nil
	case "北京时间":
		g[1] = "Asia/Shanghai"
	}
	zone, ok := loadZone(g[1])
	if !ok {
		return false, p.unclear(WhyZone)
	}
	p.zone = zone
	return true, nil
}

// loadZone finds an IANA zone however its letters are written.
func loadZone(name string) (*time.Location, bool) {
	if strings.HasPrefix(name, "right/") {
		return nil, false // these count leap seconds
	}
	for _, s := range []string{name, titled(name)} {
		if zone, err := time.LoadLocation(s); err == nil {
			return zone, true
		}
	}
	return nil, false
}

// titled writes america/new_york as America/New_York.
func titled(s string) string {
	b := []byte(asciiLower(s))
	for i := range b {
		if (i == 0 || b[i-1] == '/' || b[i-1] == '_' || b[i-1] == '-') && b[i] >= 'a' && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}
