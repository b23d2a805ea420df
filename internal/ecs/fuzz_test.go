package ecs

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"ecs-migrate/internal/migration"
)

// FuzzReadEvents: whatever the page holds, what is read of it can be stored and
// asked for again.
func FuzzReadEvents(f *testing.F) {
	for _, s := range []string{
		`{"RequestId":"R","NextToken":"t","InstanceSystemEventSet":{"InstanceSystemEventType":[{"EventId":"e-1","InstanceId":"i-1","EventType":{"Name":"SystemUpgrade.Migrate","Code":"1"},"EventCycleStatus":{"Name":"Scheduled","Code":24},"NotBefore":"2017-12-06T00:00Z","ExtendedAttribute":{"InitialNotBefore":"2026-06-22T00:00:00Z","CanAccept":"true","MigrationOptions":{"MigrationOption":["MigrationPlan"]}}}]}}`,
		`{"RequestId":1,"InstanceSystemEventSet":{"InstanceSystemEventType":[null,7,"x",{}]}}`,
		`{"InstanceSystemEventSet":{"InstanceSystemEventType":[{"EventId":"e","InstanceId":"i","EventType":{"Name":"x"},"EventCycleStatus":{"Name":"y"},"NotBefore":"9999-12-31T23:59:59-10:00"}]}}`,
		`{}`, `[]`, ``, "{\"RequestId\":\"\xff\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := readEvents(body)
		if err != nil {
			return
		}
		for _, ev := range page.events {
			if !nameable(ev.EventID) || !nameable(ev.InstanceID) || ev.Type == "" || ev.Status == "" {
				t.Errorf("incomplete: %+v", ev)
			}
			b, err := json.Marshal(ev)
			if err != nil {
				t.Fatalf("cannot be stored: %v", err)
			}
			var back migration.Event
			if err := json.Unmarshal(b, &back); err != nil || back.EventID != ev.EventID || !back.NotBefore.Equal(ev.NotBefore) {
				t.Errorf("%s came back as %+v: %v", b, back, err)
			}
		}
		for _, bad := range page.faults {
			if bad.Fault == "" || len(bad.EventID) > 128 {
				t.Errorf("fault %+v", bad)
			}
		}
	})
}

func FuzzReadInstances(f *testing.F) {
	for _, s := range []string{
		`{"RequestId":"R","Instances":{"Instance":[{"InstanceId":"i-1","InstanceName":"a","InternetMaxBandwidthOut":"5","Tags":{"Tag":[{"TagKey":"owner","TagValue":"x"},{}]},"VpcAttributes":{"PrivateIpAddress":{"IpAddress":["10.0.0.1"]}},"NetworkInterfaces":{"NetworkInterface":[{"MacAddress":"00:16:3e"}]}}]}}`,
		`{"Instances":{"Instance":[{"InstanceId":7,"InternetMaxBandwidthOut":1e99,"Tags":{"Tag":{}},"EipAddress":{"IpAddress":""}}]}}`,
		`{"RequestId":"R"}`, `null`, `{"RequestId":"R","Instances":[]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := readInstances(body)
		if err != nil {
			return
		}
		for _, inst := range page.instances {
			if inst.ID == "" {
				t.Errorf("without id: %+v", inst)
			}
			if _, err := json.Marshal(inst); err != nil {
				t.Errorf("cannot be stored: %v", err)
			}
		}
	})
}

func FuzzReadDisks(f *testing.F) {
	for _, s := range []string{
		`{"RequestId":"R","NextToken":"t","Disks":{"Disk":[{"DiskId":"d-1","Size":"40","InstanceId":"i-1","Attachments":{"Attachment":[{"InstanceId":"i-2","Device":"/dev/vdb"}]}}]}}`,
		`{"Disks":{"Disk":[{"DiskId":7,"Size":1e99,"Attachments":[]},null]}}`, `{"RequestId":"R"}`, `null`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := readDisks(body)
		if err != nil {
			return
		}
		for _, w := range page.disks {
			d := w.disk()
			if d.ID == "" || d.SizeGiB < 0 {
				t.Errorf("read as %+v", d)
			}
			for id := range w.attached() {
				if id == "" {
					t.Errorf("attached to nothing: %+v", w)
				}
			}
			if _, err := json.Marshal(d); err != nil {
				t.Errorf("cannot be stored: %v", err)
			}
		}
	})
}

func FuzzReadSnapshots(f *testing.F) {
	for _, s := range []string{
		`{"RequestId":"R","NextToken":"t","Snapshots":{"Snapshot":[{"SnapshotId":"s-1","SourceDiskId":"d-1","CreationTime":"2024-05-01T01:00Z","Status":"accomplished"}]}}`,
		`{"Snapshots":{"Snapshot":[{"SnapshotId":7,"SourceDiskId":true,"CreationTime":"9999-12-31T23:59:59-10:00"},null]}}`, `{"RequestId":"R"}`, `null`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, err := readSnapshots(body)
		if err != nil {
			return
		}
		for disk, s := range page.all {
			if disk == "" || s.ID == "" || s.At.IsZero() {
				t.Errorf("incomplete: %q %+v", disk, s)
			}
			if _, err := json.Marshal(s); err != nil {
				t.Errorf("cannot be stored: %v", err)
			}
		}
	})
}

// FuzzJudge: whatever an error's body holds, it has a kind, its text has an end,
// and none of the keys stands in it.
func FuzzJudge(f *testing.F) {
	k := keys{id: "LTAIfuzzKeyOfTheTest", secret: "fuzz/secret+of=test", token: "CAIS+fuzz/token=="}
	f.Add(400, []byte(`{"RequestId":"R","HostId":"h","Code":"InvalidParameter","Message":"The AccessKeyId=LTAIfuzzKeyOfTheTest"}`))
	f.Add(403, []byte(`{"Code":403,"Message":{"a":1}}`))
	f.Add(400, []byte(`{"Code":"SignatureDoesNotMatch","Message":"server string to sign is:GET&%2F&AccessKeyId%3DLTAIfuzzKeyOfTheTest%26SecurityToken%3DCAIS%252Bfuzz%252Ftoken%253D%253D"}`))
	f.Add(503, []byte(`<html>`))
	f.Add(302, []byte(``))
	f.Add(200, []byte(`{}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, c := range []call{read("r", "Describe", nil), change("r", "Modify", nil)} {
			got := judge(c, reply{status: status, body: body, begun: true, sent: true})
			if got == nil {
				if status < 200 || status > 299 {
					t.Errorf("HTTP %d is a success", status)
				}
				continue
			}
			if got.Kind == "" || c.change && got.again && !got.throttled && got.Kind == migration.CloudUnknown {
				t.Errorf("judged as %+v", got)
			}
			message := scrub(got.Message, k, "sig")
			if utf8.RuneCountInString(message) > maxText {
				t.Errorf("a message of %d characters", utf8.RuneCountInString(message))
			}
			for _, secret := range []string{k.id, k.secret, k.token} {
				if strings.Contains(message, secret) {
					t.Errorf("%q holds %q", message, secret)
				}
			}
		}
	})
}
