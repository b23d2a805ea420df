//go:build browser

// These tests click through the page in a real browser. They need Chromium, so
// they stand behind the tag browser: `go test ./...` runs on a machine without
// one, and .ci/run, which installs it, runs
// `go test -tags browser ./cmd/ecs-migrate-demo`.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var screenshots = flag.String("screenshots", "", "write pictures of the page's main states into this directory")

// seen is how long the page may take to show what follows an act.
const seen = 20 * time.Second

// browser is one tab, with all that must not happen in it.
type browser struct {
	t    *testing.T
	ctx  context.Context
	home string // the page's address
	lang string

	mu    sync.Mutex
	wrong []string // errors on the console, failed requests, requests elsewhere, dialogs
	asked map[network.RequestID]string
}

// chromium finds the browser: Debian's package, or another build of it.
func chromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("the browser test needs Chromium, and there is none in PATH: install it, on Debian by `apt-get install chromium`, or run the tests without -tags browser")
}

// browse opens the page in a tab of a new profile.
func browse(t *testing.T, s *served, lang string) *browser {
	t.Helper()
	program, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	flags := append([]chromedp.ExecAllocatorOption{chromedp.ExecPath(program), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900)},
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU)
	for _, name := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-extensions", "disable-default-apps", "mute-audio", "hide-scrollbars"} {
		flags = append(flags, chromedp.Flag(name, true))
	}
	flags = append(flags, chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter"), chromedp.Flag("lang", "en-GB"),
		chromedp.Env("TZ=America/Sao_Paulo")) // nobody's zone: the page must show each person's own
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), flags...)
	b := &browser{t: t, home: s.url, lang: lang, asked: map[network.RequestID]string{}}
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithListener(b.listen))
	b.ctx = ctx
	t.Cleanup(func() {
		if t.Failed() {
			b.shot("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		for _, wrong := range b.wrongs() {
			t.Errorf("in the browser: %s", wrong)
		}
		cancel()
		cancelAlloc()
	})
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // starts the browser, which lives as long as this call's context
		t.Fatal(err)
	}
	b.run("open the page", chromedp.Func(follow), chromedp.Navigate(s.url))
	b.is("document.body.dataset.ready === 'true'")
	b.speak(lang)
	return b
}

// speak makes the page's own words those of a language.
func (b *browser) speak(lang string) {
	b.t.Helper()
	b.turn("language", "language", lang[:2])
	b.lang = lang
}

// theme makes the page light, dark or as the machine is.
func (b *browser) theme(name string) {
	b.t.Helper()
	b.turn("theme", "themeNow", name)
}

// turn presses a button that goes round until it shows a value.
func (b *browser) turn(name, shows, value string) {
	b.t.Helper()
	at := test(name)
	for range 4 {
		if eval[string](b, one(at)+".dataset."+shows) == value {
			return
		}
		b.click(at)
	}
	b.t.Fatalf("the page's %s never becomes %s", name, value)
}

// act makes the page's reader somebody of the cast.
func (b *browser) act(user string) {
	b.t.Helper()
	if eval[string](b, one(test("act-as"))+".dataset.me") == user {
		return
	}
	b.click(test("act-as"))
	b.click(`[data-person="` + user + `"]`)
	b.sees(test("act-as") + `[data-me="` + user + `"]`)
}

// pane brings the workspace, the cloud or the traffic into sight.
func (b *browser) pane(name string) {
	b.t.Helper()
	for _, tab := range []string{test("pane-" + name), test("side-" + name)} {
		if eval[bool](b, "Boolean("+one(tab)+")") {
			b.click(tab)
		}
	}
}

// test selects what the page names for tests.
func test(name string) string { return `[data-test="` + name + `"]` }

// follow asks the tab to tell all that listen listens for.
func follow(ctx context.Context, tab *chromedp.Target) error {
	_, err := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
	_, err2 := cdp.Call(ctx, tab, runtime.Enable, cdp.Empty{})
	_, err3 := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
	_, err4 := cdp.Call(ctx, tab, cdppage.Enable, cdppage.EnableParams{})
	return errors.Join(err, err2, err3, err4)
}

// listen notes what must not happen.
func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	note := func(format string, a ...any) { b.wrong = append(b.wrong, fmt.Sprintf(format, a...)) }
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		words := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			words += " " + x.Description
		}
		note("an exception: %s", words)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value)+a.Description)
			}
			note("console.%s: %s", e.Type, strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			note("the console says: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		b.asked[e.RequestID] = e.Request.Method + " " + e.Request.URL
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme != "data" && "http://"+u.Host != b.home { // the browser's own icons are data
			note("a request elsewhere: %s", e.Request.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled { // the page itself ends what it no longer wants
			note("a request failed: %s %s", b.asked[e.RequestID], e.ErrorText)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			note("a request was refused: %s %d", b.asked[e.RequestID], e.Response.Status)
		}
	case *cdppage.EventJavascriptDialogOpening:
		note("a dialog of the browser: %s", e.Message)
	}
}

func (b *browser) wrongs() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.wrong...)
}

// run does something in the tab.
func (b *browser) run(what string, do ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, seen)
	defer cancel()
	if err := chromedp.Do(ctx, do...); err != nil {
		b.t.Fatalf("%s: %v\nwrong so far: %q\nthe page shows:\n%s", what, err, b.wrongs(), b.whole())
	}
}

// whole is all the text that the page shows.
func (b *browser) whole() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText")) // for a failure only
	return text
}

// eval gives the value of an expression, or what it promises.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, seen)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v\nwrong so far: %q\nthe page shows:\n%s", expression, err, b.wrongs(), b.whole())
	}
	return v
}

// do evaluates an expression for what it does.
func (b *browser) do(expression string) {
	b.t.Helper()
	eval[bool](b, "(() => { "+expression+"; return true })()")
}

// is waits until an expression holds.
func (b *browser) is(expression string) {
	b.t.Helper()
	late := time.Now().Add(seen)
	for !eval[bool](b, "Boolean("+expression+")") {
		if time.Now().After(late) {
			b.t.Fatalf("never so: %s\nwrong so far: %q\nthe page shows:\n%s", expression, b.wrongs(), b.whole())
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// js is a Go string as JavaScript.
func js(s string) string {
	raw, _ := json.Marshal(s) // of a string: cannot fail
	return string(raw)
}

// one finds the last visible element that a selector names and that holds all
// the words, scrolled into the window or not.
func one(selector string, words ...string) string {
	raw, _ := json.Marshal(append([]string{}, words...)) // of strings: cannot fail
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].filter(e => e.checkVisibility() && %s.every(w => e.textContent.includes(w))).at(-1)`, js(selector), raw)
}

// sees waits until such an element is there, not until it is gone.
func (b *browser) sees(selector string, words ...string) {
	b.t.Helper()
	b.is(one(selector, words...))
}

func (b *browser) not(selector string, words ...string) {
	b.t.Helper()
	b.is("!" + one(selector, words...))
}

// click presses the mouse on the last such element, as a person does: where it
// is covered or outside of the window, something else is hit.
func (b *browser) click(selector string, words ...string) {
	b.t.Helper()
	b.is(one(selector, words...) + " && !" + one(selector, words...) + ".disabled")
	at := b.place(one(selector, words...))
	b.run("click "+selector, chromedp.MouseClickXY(at.X, at.Y))
}

// A point is in the window; Over is what lies there in place of what was meant.
type point struct {
	X, Y float64
	Over string
}

// place is the middle of an element that was brought into view, once it stands
// still and nothing covers it.
func (b *browser) place(element string) point {
	b.t.Helper()
	var last point
	for late := time.Now().Add(seen); time.Now().Before(late); time.Sleep(20 * time.Millisecond) {
		b.do(element + `.scrollIntoView({block: "nearest", inline: "nearest", behavior: "instant"})`)
		now := eval[point](b, `(e => {
			const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2, top = document.elementFromPoint(x, y);
			return {X: x, Y: y, Over: top && (e.contains(top) || top.contains(e)) ? "" : (top?.outerHTML ?? "nothing").slice(0, 150)};
		})(`+element+`)`)
		if now == last && now.Over == "" {
			return now
		}
		last = now
	}
	b.t.Fatalf("%s cannot be clicked: it is at %+v", element, last)
	return last
}

// pick chooses a value by the keyboard, as a person does: of a select by its
// arrows, of a field for a date and time by typing it.
func (b *browser) pick(selector, value string) {
	b.t.Helper()
	at := one(selector)
	b.is(at + " && !" + at + ".disabled")
	b.do(at + ".focus()")
	if eval[bool](b, at+`.type === "datetime-local"`) {
		when, err := time.Parse("2006-01-02T15:04", value)
		if err != nil {
			b.t.Fatal(err)
		}
		// A full part hands the focus on, but for the year, which may have more
		// digits. In which order they stand is the browser's own language's.
		for _, parts := range [][2]string{{"01022006", "0304PM"}, {"02012006", "1504"}} {
			b.do("(e => { e.blur(); e.focus() })(" + at + ")") // at its first part
			b.run("type a time", chromedp.KeyEvent(when.Format(parts[0])), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(when.Format(parts[1])))
			if eval[string](b, at+".value") == value {
				return
			}
		}
		b.t.Fatalf("%s takes no %s: it shows %s", selector, value, eval[string](b, at+".value"))
	}
	for range 30 {
		by := eval[int](b, fmt.Sprintf(`(e => [...e.options].findIndex(o => o.value === %s) - e.selectedIndex)(%s)`, js(value), at))
		if by == 0 {
			return
		}
		key := kb.ArrowDown
		if by < 0 {
			key = kb.ArrowUp
		}
		before := eval[int](b, at+".selectedIndex")
		b.run("press an arrow", chromedp.KeyEvent(key))
		b.is(fmt.Sprintf("%s.selectedIndex !== %d", at, before))
	}
	b.t.Fatalf("%s takes no %s", selector, value)
}

// write types a text into a field, in place of what stands there.
func (b *browser) write(selector, text string) {
	b.t.Helper()
	b.is(one(selector))
	b.do("(e => { e.focus(); e.select(); })(" + one(selector) + ")")
	b.run("write into "+selector, chromedp.KeyEvent(text))
}

// types types a command and sends it.
func (b *browser) types(line string) {
	b.t.Helper()
	b.write(test("composer-input"), line)
	b.run("send the command", chromedp.KeyEvent("\r"))
}

// size makes the window so wide and high.
func (b *browser) size(width, height int64) {
	b.t.Helper()
	b.run("size the window", chromedp.EmulateViewport(width, height))
}

// shot takes a picture, where pictures were asked for.
func (b *browser) shot(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, seen)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(*screenshots, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(*screenshots, name+"-"+b.lang+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Errorf("the picture %s: %v", name, err)
	}
}
