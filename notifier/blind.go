package notifier

import (
	"strings"

	"github.com/slack-go/slack"
)

// blind tells which regions cannot be looked at: that nothing is listed there
// does not mean that there is nothing. It is empty where all can.
func (w *words) blind(v View) []slack.Block {
	if len(v.Blind) == 0 {
		return nil
	}
	var parts []string
	for _, b := range v.Blind[:min(len(v.Blind), maxRegions)] {
		where := escape(cut(b.Account, maxID)) + "/" + escape(cut(b.Region, maxID))
		switch {
		case len(b.Events) > 0:
			parts = append(parts, w.text("blind.unread", args{"where": mrkdwn(where)}))
		case b.Since.IsZero():
			parts = append(parts, w.text("blind.never", args{"where": mrkdwn(where)}))
		default:
			parts = append(parts, w.text("blind.since", args{"where": mrkdwn(where), "since": date(b.Since, v.Zone)}))
		}
	}
	list := strings.Join(parts, w.text("blind.comma", nil))
	if more := len(v.Blind) - maxRegions; more > 0 {
		list += w.text("notice.more", args{"n": more})
	}
	return []slack.Block{section(w.text("blind.list", args{"regions": mrkdwn(list)}))}
}

// empty is what stands for an empty list: "none" only where that is known.
func (w *words) empty(filter string, v View) slack.Block {
	if len(v.Blind) > 0 {
		return section(w.text("list.empty.blind", nil))
	}
	return section(w.text("list.empty."+filter, nil))
}
