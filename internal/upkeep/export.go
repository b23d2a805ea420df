package upkeep

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"time"

	"ecs-migrate/internal/migration"
	"ecs-migrate/store"
)

// A Format is how the audit trail is written.
type Format string

// The formats. Both have the same fields, which docs/audit.md tells.
const (
	CSV       Format = "csv"
	JSONLines Format = "jsonl"
)

// row is an entry as it is exported. Fields may be added at the end; none is
// renamed or moved, since people's sheets and scripts count on them.
type row struct {
	Time     string `json:"time"`
	Account  string `json:"account"`
	Region   string `json:"region"`
	Event    string `json:"event"`
	Instance string `json:"instance"`
	Name     string `json:"name"`
	Who      string `json:"who"`
	What     string `json:"what"`
	Via      string `json:"via"`
	Before   string `json:"before"`
	After    string `json:"after"`
	At       string `json:"time_chosen"`
	From     string `json:"time_before"`
	Reason   string `json:"reason"`
	To       string `json:"to"`
	Item     string `json:"item"`
	Items    string `json:"items_open"`
	Text     string `json:"text"`
	About    string `json:"reminder"`
	Outcome  string `json:"outcome"`
	Wanted   string `json:"wanted"`
	Role     string `json:"role"`
	Channel  string `json:"channel"`
	Envelope string `json:"envelope"`
}

// header names the columns of the CSV, by the names of the JSON.
func header() []string {
	return []string{
		"time", "account", "region", "event", "instance", "name", "who", "what", "via", "before", "after",
		"time_chosen", "time_before", "reason", "to", "item", "items_open", "text", "reminder", "outcome", "wanted",
		"role", "channel", "envelope",
	}
}

func (r row) cells() []string {
	return []string{
		r.Time, r.Account, r.Region, r.Event, r.Instance, r.Name, r.Who, r.What, r.Via, r.Before, r.After,
		r.At, r.From, r.Reason, r.To, r.Item, r.Items, r.Text, r.About, r.Outcome, r.Wanted,
		r.Role, r.Channel, r.Envelope,
	}
}

func rowOf(e store.Audited) row {
	return row{
		Time: moment(e.News.When), Account: e.Key.Account, Region: e.Key.Region, Event: e.Key.EventID,
		Instance: e.InstanceID, Name: e.Name, Who: e.News.By, What: string(e.News.Kind), Via: string(e.Via),
		Before: string(e.Before), After: string(e.After), At: moment(e.News.At), From: moment(e.News.From),
		Reason: reason(e.News), To: e.News.To, Item: e.News.Item, Items: strings.Join(e.News.Items, " "), Text: e.News.Text,
		About: e.News.About, Outcome: string(e.News.Outcome), Wanted: string(e.News.Wanted),
		Role: string(e.Role), Channel: e.Channel, Envelope: e.Envelope,
	}
}

// moment is RFC 3339 in UTC, empty for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// reason is why something was refused: the kind, and what the cloud said.
func reason(n migration.News) string {
	r := n.Refusal
	if r == nil {
		return string(n.Denied)
	}
	var parts []string
	for _, part := range []string{string(n.Denied), string(r.Kind), r.Code, r.Message, r.Action, string(r.Role)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Writer writes entries one by one. Flush must end it.
type Writer struct {
	out  *bufio.Writer
	csv  *csv.Writer // nil: JSON lines
	json *json.Encoder
	// Count is how many entries were written.
	Count int
}

// NewWriter begins an export; a CSV has its header even where it has no entry.
func NewWriter(w io.Writer, f Format) (*Writer, error) {
	out := &Writer{out: bufio.NewWriter(w)}
	if f == CSV {
		out.csv = csv.NewWriter(out.out)
		return out, out.csv.Write(header())
	}
	out.json = json.NewEncoder(out.out)
	out.json.SetEscapeHTML(false)
	return out, nil
}

// Write writes one entry.
func (w *Writer) Write(e store.Audited) error {
	w.Count++
	if w.csv == nil {
		return w.json.Encode(rowOf(e))
	}
	cells := rowOf(e).cells()
	for i, c := range cells {
		cells[i] = inert(c)
	}
	return w.csv.Write(cells)
}

// Flush writes what is held back.
func (w *Writer) Flush() error {
	if w.csv != nil {
		w.csv.Flush()
		if err := w.csv.Error(); err != nil {
			return err
		}
	}
	return w.out.Flush()
}

// inert keeps a spreadsheet from taking a cell for a formula: an instance may be
// called =HYPERLINK(…). Such a text gets an apostrophe before it, which
// spreadsheets do not show. Source:
// https://owasp.org/www-community/attacks/CSV_Injection
func inert(cell string) string {
	trimmed := strings.TrimLeft(cell, " \u00a0\u3000\ufeff")
	if trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@\t\r\n") || strings.HasPrefix(trimmed, "＝") ||
		strings.HasPrefix(trimmed, "＋") || strings.HasPrefix(trimmed, "－") || strings.HasPrefix(trimmed, "＠") {
		return "'" + cell
	}
	return cell
}
