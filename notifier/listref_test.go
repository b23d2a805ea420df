package notifier

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"ecs-migrate/internal/migration"
)

func TestListRefRoundTrip(t *testing.T) {
	key := migration.Key{Account: "生产 <&>\"", Region: "cn-hangzhou", EventID: "e-bp1"}
	for _, r := range []ListRef{
		{Key: key, Phase: migration.Preparation},
		{Key: key, Revision: 12, Phase: migration.FollowUp, Settled: []string{"reachable", "voucher"}},
		{Key: key, Phase: migration.Preparation, Item: "snapshot", Tick: []string{"disk_space"}, Untick: []string{"snapshot"}, Settled: []string{"snapshot"}},
	} {
		got, err := ParseListRef(r.Encode())
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("ParseListRef(%s) = %+v, %v; want %+v", r.Encode(), got, err, r)
		}
	}
}

// The longest ids that there can be, all of them ticked, fit with a real event's
// name; beside a longer one only what was not saved is lost.
func TestAListRefFits(t *testing.T) {
	var ids []string
	for n := range migration.MaxItems {
		ids = append(ids, fmt.Sprintf("%s%02d", strings.Repeat("x", migration.MaxItemID-2), n))
	}
	key := migration.Key{Account: strings.Repeat("p", 64), Region: "ap-southeast-1", EventID: "e-bp1hygp5b04o56l2****"}
	r := ListRef{Key: key, Revision: 1 << 30, Phase: migration.Preparation, Settled: ids, Item: ids[0], Tick: ids[:10], Untick: ids[10:]}
	got, err := ParseListRef(r.Encode())
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%d bytes: %v", len(r.Encode()), err)
	}
	r.Key.Account = strings.Repeat("p", 900)
	got, err = ParseListRef(r.Encode())
	if err != nil || len(got.Settled) != len(ids) || got.Tick != nil || got.Untick != nil {
		t.Errorf("%d bytes: %+v, %v", len(r.Encode()), got, err)
	}
}

func TestParseListRefRefuses(t *testing.T) {
	for name, s := range map[string]string{
		"nothing":            "",
		"a button's":         `{"a":"p","r":"r","e":"e","v":1}`,
		"an unknown field":   `{"a":"p","r":"r","e":"e","v":1,"p":"preparation","x":1}`,
		"no event":           `{"a":"p","r":"r","v":1,"p":"preparation"}`,
		"a revision below":   `{"a":"p","r":"r","e":"e","v":-1,"p":"preparation"}`,
		"another phase":      `{"a":"p","r":"r","e":"e","v":1,"p":"later"}`,
		"an item that is no": `{"a":"p","r":"r","e":"e","v":1,"p":"preparation","i":"<!here>"}`,
		"a tick that is no":  `{"a":"p","r":"r","e":"e","v":1,"p":"preparation","t":["a b"]}`,
		"an empty tick":      `{"a":"p","r":"r","e":"e","v":1,"p":"preparation","s":[""]}`,
		"two of them":        `{"a":"p","r":"r","e":"e","v":1,"p":"preparation"}{}`,
		"too much":           `{"a":"` + strings.Repeat("p", 3000) + `","r":"r","e":"e","v":1,"p":"preparation"}`,
	} {
		if r, err := ParseListRef(s); err == nil {
			t.Errorf("%s: ParseListRef(%q) = %+v, want an error", name, s, r)
		}
	}
}

func FuzzParseListRef(f *testing.F) {
	f.Add(`{"a":"p","r":"r","e":"e","v":1,"p":"preparation","s":["snapshot"]}`)
	f.Add(`{"a":"p","r":"r","e":"e","v":0,"p":"follow_up","i":"voucher","t":["reachable"],"u":[]}`)
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseListRef(s)
		if err != nil {
			return
		}
		if len(r.Encode()) > maxMetadata {
			return // escaping made it longer than what any form held
		}
		again, err := ParseListRef(r.Encode())
		again.Tick, r.Tick, again.Untick, r.Untick = nil, nil, nil, nil // left out where they do not fit
		if err != nil || fmt.Sprint(again) != fmt.Sprint(r) {
			t.Fatalf("ParseListRef(%q) = %+v, written and read again %+v, %v", s, r, again, err)
		}
	})
}
