package ecs

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A page of 100 out of 500 events in one of 20 regions, 10,000 in all, signed
// and checked.
func BenchmarkHistoryPage(b *testing.B) {
	account := Account{ID: "1", Name: "big", Keys: []Key{{ID: DefaultKeyID, Secret: DefaultKeySecret}}}
	for r := range 20 {
		region := fmt.Sprintf("cn-region-%02d", r)
		account.Regions = append(account.Regions, region)
		for i := range 500 {
			account.Instances = append(account.Instances, Instance{ID: fmt.Sprintf("i-%02d-%03d", r, i), Region: region, Classic: true})
		}
	}
	s := New(Options{Accounts: []Account{account}, Keep: 1000})
	for _, in := range account.Instances {
		if _, err := s.Announce(EventSpec{InstanceID: in.ID, Region: in.Region, Account: "big"}); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	for b.Loop() {
		n++
		v := sign(common(params{
			"Action": "DescribeInstanceHistoryEvents", "RegionId": "cn-region-07", "MaxResults": "100",
			"InstanceEventCycleStatus.1": Scheduled, "InstanceEventCycleStatus.2": Inquiring, "InstanceEventCycleStatus.3": Executing,
			"Timestamp": time.Now().UTC().Format(timeForm),
		}), http.MethodGet)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?"+v.Encode(), nil))
		if w.Code != http.StatusOK {
			b.Fatalf("call %d: %d %s", n, w.Code, w.Body)
		}
	}
}
