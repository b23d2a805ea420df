package handlers

import (
	"context"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// historyRows is how many entries a page of a history has: each is a block, of
// which a message takes fifty, and Slack takes no large answers.
const historyRows = 20

// history tells all that happened to one migration, page by page.
func (h *Handlers) history(ctx context.Context, c call, req Request) notifier.Message {
	return h.onTarget(ctx, c, req, anything, func(m migration.Migration) notifier.Message {
		all, err := h.o.Store.History(ctx, m.Key())
		if err != nil {
			h.o.Log.Error("cannot read a history", "migration", m.Key().String(), "err", err)
			return notifier.NotRead(err, c.ask(req.String()), c.view)
		}
		p := notifier.HistoryPage{Number: req.Page, Pages: max(1, (len(all)+historyRows-1)/historyRows)}
		from := min((req.Page-1)*historyRows, len(all))
		p.Entries = all[from:min(from+historyRows, len(all))]
		beside := Request{Verb: History, Target: m.Key().String()}
		if beside.Page = req.Page - 1; beside.Page > 0 {
			p.Previous = beside.String()
		}
		if beside.Page = req.Page + 1; beside.Page <= p.Pages {
			p.Next = beside.String()
		}
		return notifier.History(m, p, c.view)
	})
}
