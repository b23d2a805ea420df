package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The demo as people start it, in both languages, told in order.
func TestTheStoryIsTold(t *testing.T) {
	for lang, told := range map[string][]string{
		"en": {
			"1. Alibaba Cloud announces", "DescribeInstanceHistoryEvents", "DescribeInstances", "cn-hangzhou",
			"#web-ops, as Mary Adams reads it in America/New_York", "web-01", "[Choose a time…]", "Latest reservable time",
			"▶ Mary Adams clicks [Choose a time…]", "▶ Mary Adams picks May 3, 2024 3:00 AM and presses [",
			"Requested", "NotBefore=2024-05-03T07:00:00Z", "Confirmed", "[Reschedule…]", "↳", "Confirmed by Alibaba Cloud",
			"as Lin Yue reads it in Asia/Shanghai", "2024年5月3日 15:00",
			"types  /ecs-migrate list", "only visible to Mary Adams", "web-01",
			"types  /ecs-migrate reschedule i-bp1web01classic0001 2024-05-02 02:00", "only visible to Mary Adams", "UTC",
			"NotBefore=2024-05-02T06:00:00Z", "Confirmed", "6. ", "Running", "Started", "7. ", "Finished",
			"What you saw", "ecs-migrate-demo stubs", "README.md",
		},
		"zh-CN": {
			"1. 阿里云发出迁移通知", "DescribeInstanceHistoryEvents",
			"#web-ops，Lin Yue 在 Asia/Shanghai 看到的内容", "web-01", "[选择时间…]", "最晚可预约时间",
			"▶ Lin Yue 点击 [选择时间…]", "▶ Lin Yue 选择 2024年5月3日 03:00",
			"等待确认", "NotBefore=2024-05-02T19:00:00Z", "预约已确认", "[修改时间…]", "↳", "阿里云已确认",
			"Mary Adams 在 America/New_York 看到的内容", "3:00 PM",
			"输入  /ecs-migrate list", "仅自己可见", "web-01", "输入  /ecs-migrate reschedule i-bp1web01classic0001 2024-05-02 02:00",
			"仅自己可见", "UTC", "NotBefore=2024-05-01T18:00:00Z", "预约已确认", "6. ", "执行中", "开始执行", "7. ", "已执行",
			"您看到了什么", "ecs-migrate-demo stubs", "README.md",
		},
	} {
		t.Run(lang, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIsomebodyelses")
			t.Setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "left over")
			var out, errs strings.Builder
			if code := main1(context.Background(), []string{"--script", "--lang", lang}, program{stdout: &out, stderr: &errs}); code != exitOK {
				t.Fatalf("exit code %d: %s\n%s", code, &errs, &out)
			}
			if errs.Len() > 0 {
				t.Errorf("stderr: %s", &errs)
			}
			rest := out.String()
			for _, words := range told {
				_, after, found := strings.Cut(rest, words)
				if !found {
					t.Fatalf("%q is not told, or too early; what is left of the story:\n%s\n\nthe whole:\n%s", words, rest, &out)
				}
				rest = after
			}
			for _, secret := range []string{"xoxb-", "xapp-", "LTAI", "Signature", "\x1b", "<!date", "(rich_text)"} {
				if strings.Contains(out.String(), secret) {
					t.Errorf("the story shows %q", secret)
				}
			}
			if got := os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID"); got != "LTAIsomebodyelses" {
				t.Errorf("the environment was not put back: %q", got)
			}
			if left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

// Whoever stops the story waits for nothing and finds nothing left behind.
func TestTheStoryCanBeStopped(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	out := &stopAt{words: "1. ", stop: cancel}
	var errs strings.Builder
	if code := main1(ctx, []string{"--script"}, program{stdout: out, stderr: &errs}); code != exitFault {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(errs.String(), "stopped before its end") {
		t.Errorf("stderr: %s", &errs)
	}
	if left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// stopAt stops the story at some words.
type stopAt struct {
	words string
	stop  func()
}

func (s *stopAt) Write(p []byte) (int, error) {
	if strings.Contains(string(p), s.words) {
		s.stop()
	}
	return len(p), nil
}
