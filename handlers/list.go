package handlers

import (
	"context"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// pageRows is how many migrations a page of a list has.
const pageRows = 10

// list shows a page of what is open.
func (h *Handlers) list(ctx context.Context, c call, req Request) notifier.Message {
	rows, more, err := h.open(ctx, c, req.Filter, (req.Page-1)*pageRows)
	if err != nil {
		h.o.Log.Error("cannot list", "err", err)
		return notifier.NotRead(err, c.ask(req.String()), c.view)
	}
	page := notifier.Page{Filter: req.Filter, Number: req.Page, Rows: rows}
	beside := req
	if beside.Page = req.Page - 1; beside.Page > 0 {
		page.Previous = beside.String()
	}
	if beside.Page = req.Page + 1; more && beside.Page <= maxPage {
		page.Next = beside.String()
	}
	c.view.Blind = h.o.Blind()
	return notifier.List(page, c.view)
}

// open reads a page by deadline, and no further than needed to know whether
// there are more.
func (h *Handlers) open(ctx context.Context, c call, filter string, skip int) (rows []migration.Migration, more bool, err error) {
	looks := reader{c, h.roster(ctx)}
	err = h.o.Store.ByDeadline(ctx, func(m migration.Migration) bool {
		switch {
		case !looks.wants(filter, h.claim(m)):
		case skip > 0:
			skip--
		case len(rows) == pageRows:
			more = true
			return false
		default:
			rows = append(rows, m)
		}
		return true
	})
	return rows, more, err
}
