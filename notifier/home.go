package notifier

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"ecs-migrate/internal/migration"
)

// The action ids of the Home tab's own elements.
const (
	ActionHomeFilter   = "home:filter"
	ActionHomePrevious = "home:previous" // and its value, a page
	ActionHomeNext     = "home:next"
)

// homeFilters are what the Home tab can show, the first one at first.
var homeFilters = [...]string{"all", "mine", "unreserved", "waiting"}

// KnownHomeFilter tells whether the Home tab has such a filter.
func KnownHomeFilter(filter string) bool { return slices.Contains(homeFilters[:], filter) }

// HomeRow is a migration on somebody's Home tab, with what they may do.
type HomeRow struct {
	Migration migration.Migration
	Role      migration.Role
}

// HomePage is what somebody's Home tab shows.
type HomePage struct {
	Tab migration.HomeTab
	// Chosen is since when its filter is what it is.
	Chosen time.Time
	Rows   []HomeRow
	More   bool // there is a page after this one
	// Waiting are those that wait for them, the first few of WaitingCount.
	Waiting      []HomeRow
	WaitingCount int
	Answer       *Message // to what they clicked; nil: nothing
}

// maxAnswerBlocks bounds how much of an answer the Home tab shows, of its
// hundred blocks.
const maxAnswerBlocks = 20

// Home is the bot's Home tab: what waits for its reader, and all that is open by
// deadline, with the buttons that they may press.
func Home(p HomePage, ask Ask, v View) slack.HomeTabViewRequest {
	w := in(v.Lang)
	blocks := []slack.Block{header(w.text("home.title", nil))}
	if p.Answer != nil {
		blocks = append(blocks, p.Answer.Blocks[:min(len(p.Answer.Blocks), maxAnswerBlocks)]...)
		blocks = append(blocks, slack.NewDividerBlock())
	}
	how := w.text("home.how", args{"help": code(ask.Command + " help")})
	if ask.Looks {
		how = w.text("home.look", args{"role": w.say("role."+string(migration.Operator), nil)})
	}
	blocks = append(blocks, section(how))
	if p.WaitingCount > 0 {
		blocks = append(blocks, slack.NewDividerBlock(), section(string(w.count("home.waiting", p.WaitingCount))))
		blocks = append(blocks, homeRows(p.Waiting, v)...)
		if more := p.WaitingCount - len(p.Waiting); more > 0 {
			blocks = append(blocks, smallPrint(w.text("home.waiting_more", args{"n": len(p.Waiting), "list": code(ask.Command + " list mine")})))
		}
	}
	blocks = append(blocks, slack.NewDividerBlock(), w.homeTop(p))
	switch {
	case len(p.Rows) > 0:
		blocks = append(blocks, homeRows(p.Rows, v)...)
		blocks = append(blocks, smallPrint(w.text("list.foot", args{"zone": w.zone(v), "n": p.Tab.Page})))
	case p.Tab.Page > 1:
		blocks = append(blocks, section(w.text("list.end", nil)))
	default:
		blocks = append(blocks, w.empty(p.Tab.Filter, v))
	}
	blocks = append(blocks, w.blind(v)...)
	if turn := w.homeTurn(p); len(turn) > 0 {
		blocks = append(blocks, actions(turn...))
	}
	private, _ := json.Marshal(migration.HomeTab{Filter: p.Tab.Filter, Page: p.Tab.Page}) // of plain fields: cannot fail
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, PrivateMetadata: string(private), Blocks: slack.Blocks{BlockSet: steady(blocks)}}
}

// steady gives each row of buttons an id that stands for what they do, so that a
// click that meets the tab's refresh is one on the same buttons still. Left to
// Slack, the ids are others each time; they are other ones, too, where what a
// button would decide about has changed. Source:
// https://docs.slack.dev/reference/block-kit/blocks/actions-block (block_id)
func steady(blocks []slack.Block) []slack.Block {
	times := map[string]int{}
	for i, b := range blocks {
		row, ok := b.(*slack.ActionBlock)
		if !ok {
			continue
		}
		does := sha256.New()
		for _, e := range row.Elements.ElementSet {
			if e, ok := e.(*slack.ButtonBlockElement); ok {
				fmt.Fprintf(does, "%q %q\n", e.ActionID, e.Value)
			}
		}
		id := cmp.Or(row.BlockID, "row:"+hex.EncodeToString(does.Sum(nil)[:12]))
		times[id]++
		if n := times[id]; n > 1 { // what waits for its reader stands below, too
			id += fmt.Sprint("#", n)
		}
		named := *row // an answer's is shown again
		named.BlockID, blocks[i] = id, &named
	}
	return blocks
}

// homeTop is the list's title with the choice of what it shows.
func (w *words) homeTop(p HomePage) slack.Block {
	var options []*slack.OptionBlockObject
	var chosen *slack.OptionBlockObject
	for _, filter := range homeFilters {
		o := slack.NewOptionBlockObject(filter, plain(w.text("home.filter."+filter, nil), maxLabel), nil)
		if options = append(options, o); filter == p.Tab.Filter {
			chosen = o
		}
	}
	choice := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(w.text("home.filter", nil), maxLabel), ActionHomeFilter, options...)
	choice.InitialOption = chosen
	// Slack keeps what somebody picked where the id stays, and they may pick while
	// the tab is refreshed: it stays as long as the filter does.
	id := slack.SectionBlockOptionBlockID(fmt.Sprint(ActionHomeFilter, "/", p.Chosen.UnixMilli()))
	return slack.NewSectionBlock(marked(w.text("list.title."+p.Tab.Filter, nil), maxSection), nil, slack.NewAccessory(choice), id)
}

func (w *words) homeTurn(p HomePage) (turn []slack.BlockElement) {
	if p.Tab.Page > 1 {
		turn = append(turn, commandButton(ActionHomePrevious, w.text("list.previous", nil), strconv.Itoa(p.Tab.Page-1)))
	}
	if p.More {
		turn = append(turn, commandButton(ActionHomeNext, w.text("list.next", nil), strconv.Itoa(p.Tab.Page+1)))
	}
	return turn
}

// homeRows are migrations in two lines each, with their buttons.
func homeRows(all []HomeRow, v View) []slack.Block {
	var blocks []slack.Block
	for _, r := range all {
		blocks = append(blocks, section(string(inRow(r.Migration, v).row())))
		blocks = append(blocks, actions(inBlocks(r.Migration, v).buttonsFor(r.Role)...))
	}
	return blocks
}

// HomeFailed is the Home tab where the store could not be read.
func HomeFailed(ask Ask, v View) slack.HomeTabViewRequest {
	w := in(v.Lang)
	blocks := []slack.Block{
		header(w.text("home.title", nil)),
		section(w.text("home.how", args{"help": code(ask.Command + " help")})),
		section(w.text("answer.not_read", nil)),
	}
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}
