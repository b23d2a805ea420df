package handlers

import (
	"context"
	"slices"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// openChecklist opens the form of the list that is to be worked on. In a form
// that says who was faster it takes that one's place.
func (h *Handlers) openChecklist(ctx context.Context, cb slack.InteractionCallback, once, value string) Result {
	ref, err := notifier.ParseRef(value)
	fill := func(ctx context.Context, c call) slack.ModalViewRequest {
		if err != nil {
			h.o.Log.Warn("cannot read a button", "err", err)
			return notifier.FormLost(notifier.FormChecklist, c.view)
		}
		return h.listForm(ctx, c, ref.Key, nil, nil)
	}
	if cb.View.CallbackID != notifier.FormChecklist {
		return h.opened(ctx, cb, once, notifier.FormChecklist, ref.Key, migration.Viewer, fill)
	}
	return Result{After: func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, afterWait)
		defer cancel()
		c := h.beginAt(ctx, cb, "")
		if no, m := h.mayOpen(ctx, c, ref.Key, migration.Viewer); no != nil {
			h.fill(ctx, cb.User.ID, cb.View.ID, "", notifier.FormDenied(m, no, notifier.FormChecklist, c.view))
			return
		}
		h.fill(ctx, cb.User.ID, cb.View.ID, "", fill(ctx, c))
	}}
}

// listForm is the form of a migration's list as it stands; tick and untick are what
// the person had changed and not saved.
func (h *Handlers) listForm(ctx context.Context, c call, key migration.Key, tick, untick []string) slack.ModalViewRequest {
	m, ok, err := h.o.Store.Migration(ctx, key)
	if err != nil || !ok {
		if err != nil {
			h.o.Log.Error("cannot read a migration", "migration", key.String(), "err", err)
		}
		return notifier.FormLost(notifier.FormChecklist, c.view)
	}
	return notifier.ChecklistForm(m, tick, untick, c.view)
}

// openItem opens the form about one item on top of the list.
func (h *Handlers) openItem(ctx context.Context, cb slack.InteractionCallback, once, id string) Result {
	ref, err := notifier.ParseListRef(cb.View.PrivateMetadata)
	return h.opened(ctx, cb, once, notifier.FormItem, ref.Key, migration.Viewer, func(ctx context.Context, c call) slack.ModalViewRequest {
		if err != nil {
			h.o.Log.Warn("cannot read a form", "err", err)
			return notifier.FormLost(notifier.FormItem, c.view)
		}
		m, ok, err := h.o.Store.Migration(ctx, ref.Key)
		if err != nil {
			h.o.Log.Error("cannot read a migration", "migration", ref.Key.String(), "err", err)
		}
		item, known := h.o.Checklists.Find(m, ref.Phase, id)
		if !ok || !known {
			return notifier.FormLost(notifier.FormItem, c.view)
		}
		ref.Tick, ref.Untick = changed(ref, ticked(cb.View))
		return notifier.ItemForm(m, item, ref, nil, c.view)
	})
}

// ticked are the items whose boxes are ticked in a list's form.
func ticked(v slack.View) (ids []string) {
	if v.State == nil {
		return nil
	}
	for block, elements := range v.State.Values {
		if !notifier.IsTicks(block) {
			continue
		}
		for _, o := range elements[notifier.FormTicks].SelectedOptions {
			ids = append(ids, o.Value)
		}
	}
	slices.Sort(ids) // blocks come in any order
	return slices.Compact(ids)
}

// changed compares what is ticked with what was when the form was drawn.
func changed(ref notifier.ListRef, now []string) (tick, untick []string) {
	for _, id := range now {
		if !slices.Contains(ref.Settled, id) {
			tick = append(tick, id)
		}
	}
	for _, id := range ref.Settled {
		if !slices.Contains(now, id) {
			untick = append(untick, id)
		}
	}
	return tick, untick
}

// written is what stands in a text field of a form.
func written(v slack.View, block string) string {
	if v.State == nil {
		return ""
	}
	return v.State.Values[block][block].Value
}
