//go:build browser

package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
)

// fits checks the page as it stands: nothing sticks out sideways, all that can
// be used has a name, all can be read. It takes a picture, too.
func (b *browser) fits(at string) {
	b.t.Helper()
	for what, found := range map[string][]string{
		"sticks out": eval[[]string](b, stickingOut), "hard to read": eval[[]string](b, faintTexts), "without a name": b.nameless(),
	} {
		if len(found) > 0 {
			b.t.Errorf("%s, %s: %s: %q", at, b.lang, what, found)
		}
	}
	b.shot(at)
}

// stickingOut lists what reaches over the window's edge, and what holds more
// than it is wide. The page's own frame cuts off what does not fit, so that its
// scroll width tells nothing. Fields scroll by themselves, the list of places
// may where it is a bar, and a text may end in dots where its title has all.
const stickingOut = `(() => {
	const out = [], told = e => e.outerHTML.replace(/\s+/g, " ").slice(0, 110);
	for (const e of document.body.querySelectorAll("*")) {
		const style = getComputedStyle(e), r = e.getBoundingClientRect();
		if (!e.checkVisibility({contentVisibilityAuto: true}) || r.width < 2 || r.height < 2 || style.clipPath !== "none" || getComputedStyle(e.parentElement).textOverflow === "ellipsis") continue;
		if (e.closest(".sr, .skip, svg, option, [data-part=places]")) continue;
		if (r.right > innerWidth + 1 || r.left < -1) out.push("at " + Math.round(r.left) + " to " + Math.round(r.right) + ": " + told(e));
		else if (e.scrollWidth > e.clientWidth + 1 && style.display !== "inline" && !e.matches("input, select, textarea")) {
			if (style.textOverflow !== "ellipsis") out.push(e.scrollWidth + " in " + e.clientWidth + ": " + told(e));
			else if (!e.closest("[title]")) out.push("cut, and no title: " + told(e));
		}
	}
	return out.slice(0, 8);
})()`

// headed checks the bar at the top: who acts stands at its right end, beside the
// name where there is room for one line, and what is due next keeps its time.
func (b *browser) headed(width int64) {
	b.t.Helper()
	type bar struct {
		Height, Right float64
		When          bool
	}
	got := eval[bar](b, `(() => {
		const rect = q => document.querySelector(q).getBoundingClientRect(), when = rect(".next .when"), next = rect(".next");
		return {Height: rect(".top").height, Right: innerWidth - rect(".me").right, When: when.width > 0 && when.left >= next.left && when.right <= next.right};
	})()`)
	if got.Right > 20 || width >= 1280 && got.Height > 64 || !got.When {
		b.t.Errorf("%d wide, %s: the bar at the top is %+v", width, b.lang, got)
	}
}

// used are the roles of what people use. What takes the focus is, too.
var used = []string{
	"button", "checkbox", "combobox", "Date", "DateTime", "DisclosureTriangle", "InputTime", "link", "listbox", "menuitem", "menuitemradio",
	"option", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox",
}

// nameless lists what can be used and tells a screen reader nothing, by the
// names that the browser gives.
func (b *browser) nameless() []string {
	b.t.Helper()
	var out []string
	b.run("read the names", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		tree, err := cdp.Call(ctx, tab, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		if err != nil {
			return err
		}
		seen := 0
		for _, n := range tree.Nodes {
			role := axText(n.Role)
			if n.Ignored || role == "RootWebArea" || !slices.Contains(used, role) && !focusable(n) {
				continue
			}
			seen++
			if axText(n.Name) != "" {
				continue
			}
			what, err := cdp.Call(ctx, tab, dom.GetOuterHTML, dom.GetOuterHTMLParams{BackendNodeID: n.BackendDOMNodeID})
			if err != nil {
				return err
			}
			out = append(out, role+" "+what.OuterHTML[:min(len(what.OuterHTML), 120)])
		}
		if seen == 0 {
			return errors.New("the browser tells of nothing that can be used")
		}
		return nil
	}))
	return out
}

func focusable(n *accessibility.Node) bool {
	for _, p := range n.Properties {
		if p.Name == accessibility.PropertyNameFocusable {
			return string(p.Value.Value) == "true"
		}
	}
	return false
}

// axText is a value of the accessibility tree, where it is a text.
func axText(v *accessibility.Value) string {
	text := ""
	if v == nil || json.Unmarshal(v.Value, &text) != nil {
		return ""
	}
	return strings.TrimSpace(text)
}

// faintTexts lists texts with less than 4.5:1 between them and what is behind
// them (https://www.w3.org/TR/WCAG22/#contrast-minimum), disabled ones aside.
const faintTexts = `(() => {
	const parse = c => { const m = c.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0]; return c.startsWith("color(srgb") ? [m[0] * 255, m[1] * 255, m[2] * 255, m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1] };
	const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
	const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
	const behind = e => { if (!e) return [255, 255, 255]; const c = parse(getComputedStyle(e).backgroundColor); return c[3] === 1 ? c : over(c, behind(e.parentElement)); };
	const out = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; n = walk.nextNode();) {
		const e = n.parentElement;
		if (!n.data.trim() || !e.checkVisibility({opacityProperty: true}) || e.closest(":disabled, option, [aria-hidden=true], [inert]")) continue;
		const style = getComputedStyle(e), back = behind(e), fore = over(parse(style.color), back);
		const [a, b] = [light(fore), light(back)].sort((x, y) => y - x);
		const ratio = (a + .05) / (b + .05), large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700;
		if (ratio < (large ? 3 : 4.5)) out.push(n.data.trim().slice(0, 40) + " " + ratio.toFixed(2) + " " + e.className);
	}
	return [...new Set(out)].slice(0, 8);
})()`
