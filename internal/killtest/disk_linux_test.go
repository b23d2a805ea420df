package killtest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	slackstub "ecs-migrate/internal/stub/slack"
)

// fill bounds how far into any file the running bot may write, which is what a
// full disk does to its store.
func (w *world) fill(room uint64) {
	w.t.Helper()
	limit := syscall.Rlimit{Cur: room, Max: 1<<64 - 1}
	const ofFiles = syscall.RLIMIT_FSIZE
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(w.life().cmd.Process.Pid), ofFiles, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		w.t.Fatal(errno)
	}
}

// probe asks a probe of the running bot.
func (w *world) probe(path string) (int, string) {
	w.t.Helper()
	<-w.life().ready
	r, err := http.Get("http://" + w.life().probes + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// The disk of the real binary is full: people are told that nothing was saved,
// and nothing is half there. Once there is room, the bot goes on by itself.
func TestAFullDiskRefusesDecisionsUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, slackstub.Limits{}, place{web01, "web", web})
	w.announce(web01, "")
	w.start()
	w.settle()
	event := w.event[web01]
	at := time.Now().Add(30 * time.Hour).Truncate(time.Minute)
	line := fmt.Sprintf("/ecs-migrate reserve %s %s UTC", event, at.UTC().Format("2006-01-02 15:04"))

	w.fill(uint64(2 * os.Getpagesize()))
	for range 3 {
		r, err := w.slack.Command(mary, web, line)
		if err != nil || r.Message == nil || !strings.Contains(r.Message.Text, "disk of the bot's store is full") {
			t.Fatalf("answered %+v, %v", r, err)
		}
	}
	if code, body := w.probe("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "the store cannot be written") {
		t.Errorf("/readyz answers %d: %s", code, body)
	}
	if code, body := w.probe("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz answers %d, %s: a restart would not help", code, body)
	}

	w.fill(1 << 40)
	if code, body := w.probe("/readyz"); strings.Contains(body, "the store cannot be written") {
		t.Errorf("with room, /readyz answers %d: %s", code, body)
	}
	if a, err := w.choose(w.soon(), mary, "reserve", event, at); a != yes || err != nil {
		t.Fatalf("with room: %s, %v", a, err)
	}
	w.settle()
	w.quit()
	w.audit()
}
