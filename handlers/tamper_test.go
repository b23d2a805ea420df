package handlers_test

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"

	"ecs-migrate/handlers"
	"ecs-migrate/internal/migration"
	"ecs-migrate/notifier"
)

// paper is a store in memory. It keeps nothing, and remembers what would have been
// committed that is more than a denial.
type paper struct {
	all     []migration.Migration
	mu      sync.Mutex
	changed []migration.NewsKind
}

func (p *paper) Apply(_ context.Context, key migration.Key, _ string, fn func(*migration.Migration) (migration.Change, error)) (migration.Migration, error) {
	var cur *migration.Migration
	for i := range p.all {
		if p.all[i].Key() == key {
			m := p.all[i]
			cur = &m
		}
	}
	change, err := fn(cur)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range change.Entries {
		if err == nil && e.News.Kind != migration.NewsDenied {
			p.changed = append(p.changed, e.News.Kind)
		}
	}
	if cur == nil {
		return migration.Migration{}, err
	}
	return *cur, err
}

func (p *paper) Migration(_ context.Context, key migration.Key) (migration.Migration, bool, error) {
	for _, m := range p.all {
		if m.Key() == key {
			return m, true, nil
		}
	}
	return migration.Migration{}, false, nil
}

func (p *paper) Find(_ context.Context, target string) (found []migration.Migration, err error) {
	for _, m := range p.all {
		if target == m.Event.EventID || target == m.Event.InstanceID || target == m.Instance.Name {
			found = append(found, m)
		}
	}
	return found, nil
}

func (p *paper) Withdrawn(context.Context, func(migration.Migration) bool) error { return nil }

func (p *paper) ByDeadline(_ context.Context, fn func(migration.Migration) bool) error {
	for _, m := range p.all {
		if !fn(m) {
			break
		}
	}
	return nil
}

func (p *paper) KeepHome(context.Context, migration.HomeTab) error  { return nil }
func (p *paper) Homes(context.Context) ([]migration.HomeTab, error) { return nil, nil }
func (p *paper) History(context.Context, migration.Key) ([]migration.Entry, error) {
	return []migration.Entry{{News: migration.News{Kind: migration.NewsKept, By: lin, When: now, At: deadline}}}, nil
}

// cast are who acts: by their ids, whoever they are.
type cast struct{}

func (cast) Person(_ context.Context, id string) (notifier.Person, error) {
	return notifier.Person{ID: id, Lang: notifier.English, Zone: time.UTC, Guest: id == guest, Stranger: id == partner, Bot: id == robot, Deleted: id == gone}, nil
}

func (c cast) Fresh(ctx context.Context, id string, _ time.Duration) (notifier.Person, error) {
	return c.Person(ctx, id)
}

func (cast) Has(_ context.Context, _, id string) (bool, error) { return id == lin, nil }

// ears hear all that anybody is told, and open every form.
type ears struct {
	mu   sync.Mutex
	said strings.Builder
}

func (e *ears) hear(v any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.said.WriteString(plainJSON(v))
}

func (e *ears) open(v slackgo.ModalViewRequest) (*slackgo.ViewResponse, error) {
	e.hear(v)
	return &slackgo.ViewResponse{View: slackgo.View{ID: "V1", Hash: "h"}}, nil
}

func (e *ears) OpenViewContext(_ context.Context, _ string, v slackgo.ModalViewRequest) (*slackgo.ViewResponse, error) {
	return e.open(v)
}

func (e *ears) PushViewContext(_ context.Context, _ string, v slackgo.ModalViewRequest) (*slackgo.ViewResponse, error) {
	return e.open(v)
}

func (e *ears) UpdateViewContext(_ context.Context, v slackgo.ModalViewRequest, _, _, _ string) (*slackgo.ViewResponse, error) {
	return e.open(v)
}

func (e *ears) PublishViewContext(_ context.Context, req slackgo.PublishViewContextRequest) (*slackgo.ViewResponse, error) {
	e.hear(req.View)
	return &slackgo.ViewResponse{}, nil
}

func (e *ears) OpenConversationContext(context.Context, *slackgo.OpenConversationParameters) (*slackgo.Channel, bool, bool, error) {
	return &slackgo.Channel{}, false, false, nil
}

func (e *ears) UploadFileContext(_ context.Context, params slackgo.UploadFileParameters) (*slackgo.FileSummary, error) {
	e.hear(params.InitialComment + params.Title) // the file itself is no markup
	return &slackgo.FileSummary{}, nil
}

func (e *ears) PostEphemeralContext(_ context.Context, _, _ string, options ...slackgo.MsgOption) (string, error) {
	_, values, err := slackgo.UnsafeApplyMsgOptions("", "", "", options...)
	e.hear(values)
	return "", err
}

// RoundTrip takes what is sent to a response URL.
func (e *ears) RoundTrip(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	e.hear(string(b))
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("ok")), Request: r}, err
}

// actors are who sends what was tampered with, and whether they may decide.
var actors = []struct {
	id       string
	operates bool
}{{mary, false}, {guest, false}, {partner, false}, {robot, false}, {gone, false}, {"", false}, {lin, true}}

// FuzzTampered holds that no command, button, form or Home tab, whatever stands in
// it, trips the bot, lets somebody decide who may not, shows data to who does not
// belong here, or tells a channel something that pings it.
func FuzzTampered(f *testing.F) {
	ref := notifier.Ref{Key: host(1).Key()}.Encode()
	list := notifier.ListRef{Key: host(3).Key(), Phase: migration.FollowUp}.Encode()
	long := strings.Repeat("x ", 5000)
	seeds := []string{
		"", ref, list, `{"a":"prod","r":"cn-hangzhou","e":"e-002","v":0}`, `{"a":"other","r":"cn-hangzhou","e":"e-001","v":-1}`, `{"a":"prod"`, ref + ref,
		"reserve e-001", "accept e-002 now", "reschedule web-001 +3h", "show <!channel>", "reserve <!here> +3h", "list all 9999", "ack e-003 done", "snooze e-001 2h",
		"assign e-001 <@U0000000001|lin>", "show prod/cn-hangzhou/e-001", "history e-001", "calendar all", "facts e-001", "checklist e-001", "\x00\u202e*_~`:fire:", long,
		"keep", "choose", "declare", "accept", "reschedule", "snooze", "take", "ack", "checklist", "item", "facts", "pick:0", "page:next", "home_filter", "home_next",
		notifier.FormChoose, notifier.FormDeclare, notifier.FormChecklist, notifier.FormItem, notifier.FormAck, "tomorrow", "99h", "backup_plan",
	}
	for i, s := range seeds {
		for door := range uint8(6) {
			f.Add(uint8(i), door, s, ref, ref, s)
			f.Add(uint8(i), door, seeds[(i+7)%len(seeds)], s, s, seeds[(i+11)%len(seeds)])
		}
	}
	f.Fuzz(func(t *testing.T, who, door uint8, action, value, metadata, text string) {
		actor := actors[int(who)%len(actors)]
		store, told := &paper{all: []migration.Migration{
			host(1, named("web-001 <!channel> *x*")), host(2, inStatus(migration.Inquiring)), host(3, inStatus(migration.Executed)),
		}}, &ears{}
		acts := handlers.New(handlers.Options{
			Store: store, People: cast{}, Groups: cast{}, Slack: told, Clock: &still{now: now}, HTTP: &http.Client{Transport: told},
			Checklists: migration.DefaultChecklists(),
			Grants: func(migration.Migration) migration.Grants {
				return migration.Grants{Operator: []string{webTeam}, Admin: []string{lin}}
			},
		})
		cb := slackgo.InteractionCallback{User: slackgo.User{ID: actor.id}, TriggerID: "1", ResponseURL: "https://hooks.slack.com/x"}
		cb.Channel.ID = webOps
		cb.View = slackgo.View{ID: "V0", CallbackID: text, PrivateMetadata: metadata, State: state(action, value, text)}
		cb.ActionCallback.BlockActions = []*slackgo.BlockAction{{
			ActionID: action, BlockID: text, Value: value, SelectedOption: slackgo.OptionBlockObject{Value: value}, SelectedDateTime: int64(len(value)) * 1e8,
		}}
		var r handlers.Result
		switch door % 6 {
		case 0:
			r = acts.Command(t.Context(), slackgo.SlashCommand{UserID: actor.id, ChannelID: webOps, Command: "/ecs-migrate", Text: text, ResponseURL: cb.ResponseURL}, "e")
		case 1:
			cb.Type = slackgo.InteractionTypeBlockActions
			r = acts.Interact(t.Context(), cb, "e")
		case 2:
			cb.Type, cb.View.Type = slackgo.InteractionTypeBlockActions, slackgo.VTHomeTab
			r = acts.Interact(t.Context(), cb, "e")
		case 3:
			cb.Type, cb.View.Type = slackgo.InteractionTypeBlockActions, slackgo.VTModal
			r = acts.Interact(t.Context(), cb, "e")
		case 4:
			cb.Type, cb.View.Type, cb.View.CallbackID = slackgo.InteractionTypeViewSubmission, slackgo.VTModal, action
			r = acts.Interact(t.Context(), cb, "e")
		case 5:
			r = acts.HomeOpened(t.Context(), actor.id)
		}
		told.hear(r.Ack)
		if r.After != nil {
			r.After(t.Context())
		}
		if len(store.changed) > 0 && !actor.operates {
			t.Fatalf("%q decided %v", actor.id, store.changed)
		}
		said := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(told.said.String())
		for _, ping := range []string{"<!channel", "<!here", "<!everyone"} {
			if strings.Contains(said, ping) {
				t.Fatalf("it says %s: %s", ping, said)
			}
		}
		// What the person sent may come back to them; what they did not send may not come.
		if !actor.operates && actor.id != mary && !strings.Contains(action+value+metadata+text, "i-001") && strings.Contains(said, "i-001") {
			t.Fatalf("%q is shown %s", actor.id, said)
		}
	})
}

// state is a form's with the same in every field that there could be.
func state(action, value, text string) *slackgo.ViewState {
	one := slackgo.BlockAction{
		Value: value, SelectedDateTime: chosen.Unix(), SelectedOption: slackgo.OptionBlockObject{Value: value},
		SelectedOptions: []slackgo.OptionBlockObject{{Value: value}, {Value: text}},
	}
	all := map[string]map[string]slackgo.BlockAction{}
	for _, block := range []string{notifier.FormBlock, notifier.FormReason, notifier.FormNote, notifier.FormState, notifier.FormTicks, action, text} {
		all[block] = map[string]slackgo.BlockAction{notifier.FormAction: one, block: one, notifier.FormTicks: one, action: one}
	}
	return &slackgo.ViewState{Values: all}
}

// The parts of the fuzz target work: what it would notice does happen.
func TestWhatTheTamperedFuzzWouldNotice(t *testing.T) {
	store, told := &paper{all: []migration.Migration{host(1)}}, &ears{}
	acts := handlers.New(handlers.Options{
		Store: store, People: cast{}, Groups: cast{}, Slack: told, Clock: &still{now: now}, HTTP: &http.Client{Transport: told},
		Grants: func(migration.Migration) migration.Grants { return migration.Grants{Operator: []string{webTeam}} },
	})
	acts.Interact(t.Context(), pressed(lin, notifier.ActionKeep, notifier.Ref{Key: host(1).Key()}.Encode()), "e").After(t.Context())
	if !reflect.DeepEqual(store.changed, []migration.NewsKind{migration.NewsKept}) || !strings.Contains(told.said.String(), "i-001") {
		t.Errorf("%v, %s", store.changed, told.said.String())
	}
}
