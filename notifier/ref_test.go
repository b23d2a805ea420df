package notifier

import (
	"strings"
	"testing"

	"ecs-migrate/internal/migration"
)

func TestRefRoundTrip(t *testing.T) {
	for _, r := range []Ref{
		{migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-bp1"}, 0},
		{migration.Key{Account: "生产 <&>\"", Region: "cn-hangzhou", EventID: "e-bp1"}, 12},
		{migration.Key{Account: "prod", Region: "cn-hangzhou", EventID: "e-bp1"}, migration.SeenAny},
	} {
		got, err := ParseRef(r.Encode())
		if err != nil || got != r {
			t.Errorf("ParseRef(%s) = %v, %v; want %v", r.Encode(), got, err, r)
		}
	}
}

func TestParseRefRefuses(t *testing.T) {
	for name, s := range map[string]string{
		"nothing":           "",
		"no JSON":           "keep",
		"another kind":      `["a"]`,
		"an unknown field":  `{"a":"p","r":"r","e":"e","v":1,"x":1}`,
		"no event":          `{"a":"p","r":"r","v":1}`,
		"a revision below":  `{"a":"p","r":"r","e":"e","v":-2}`,
		"a broken revision": `{"a":"p","r":"r","e":"e","v":1.5}`,
		"two of them":       `{"a":"p","r":"r","e":"e","v":1}{}`,
		"too much":          `{"a":"` + strings.Repeat("p", 2000) + `","r":"r","e":"e","v":1}`,
	} {
		if r, err := ParseRef(s); err == nil {
			t.Errorf("%s: ParseRef(%q) = %v, want an error", name, s, r)
		}
	}
}

func FuzzParseRef(f *testing.F) {
	f.Add(`{"a":"p","r":"r","e":"e","v":1}`)
	f.Add(`{"a":"p","A":"q","r":"r","e":"e","v":-1}`)
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRef(s)
		if err != nil {
			return
		}
		again, err := ParseRef(r.Encode())
		if len(r.Encode()) > maxRef {
			return // escaping made it longer than what any button held
		}
		if err != nil || again != r {
			t.Fatalf("ParseRef(%q) = %+v, written and read again %+v, %v", s, r, again, err)
		}
	})
}
