package upkeep

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"ecs-migrate/store"
)

// export writes the entries and gives the text.
func export(t testing.TB, f Format, all ...store.Audited) string {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// fill puts a text of its own, or a moment, into every field, and gives the texts.
func fill(v reflect.Value, name string, all map[string]string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, all)
	case reflect.Struct:
		if at, ok := v.Addr().Interface().(*time.Time); ok {
			*at = time.Date(2000+len(all), 1, 1, 0, 0, 0, 0, time.UTC)
			all[name] = at.Format(time.RFC3339)
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), name+"."+v.Type().Field(i).Name, all)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name, all)
	case reflect.String:
		v.SetString(fmt.Sprintf("text%03d", len(all)))
		all[name] = v.String()
	default:
		all[name] = "a field of a kind that nobody exports: " + v.Kind().String()
	}
}

// Whatever the trail keeps is exported: who adds a field to it adds a column.
func TestEveryFieldIsExported(t *testing.T) {
	var e store.Audited
	texts := map[string]string{}
	fill(reflect.ValueOf(&e).Elem(), "Audited", texts)
	for _, f := range []Format{CSV, JSONLines} {
		out := export(t, f, e)
		for name, text := range texts {
			if !strings.Contains(out, text) {
				t.Errorf("%s lacks %s (%s)", f, name, text)
			}
		}
	}
}

func TestBothFormatsHaveTheSameFieldsAndTheDocumentNamesThem(t *testing.T) {
	var names []string
	r := reflect.TypeFor[row]()
	for i := range r.NumField() {
		names = append(names, r.Field(i).Tag.Get("json"))
	}
	if got := header(); !reflect.DeepEqual(got, names) {
		t.Errorf("the header has\n%v, the objects\n%v", got, names)
	}
	doc, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.Contains(string(doc), "| `"+name+"` |") {
			t.Errorf("docs/audit.md does not tell of %s", name)
		}
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for _, name := range []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u3000=1", "＝1", "＋1", "－1", "＠a", "\ufeff=1",
	} {
		var e store.Audited
		e.Name = name
		rows, err := csv.NewReader(strings.NewReader(export(t, CSV, e))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[1][5]; got[0] != '\'' {
			t.Errorf("%q is written as %q", name, got)
		}
		// The JSON is for programs, and tells what is.
		var back row
		if err := json.Unmarshal([]byte(export(t, JSONLines, e)), &back); err != nil || back.Name != name {
			t.Errorf("%q is %q in JSON, %v", name, back.Name, err)
		}
	}
	for _, name := range []string{"", "web-1", "i-bp1", "数据库", "a=b", "<@U1>"} {
		if got := inert(name); got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
}

func FuzzExport(f *testing.F) {
	f.Add("=cmd|' /C calc'!A0", "U1", "\x00\xff\r\n\"")
	f.Fuzz(func(t *testing.T, name, who, message string) {
		var e store.Audited
		e.Name, e.News.By, e.News.Text = name, who, message
		rows, err := csv.NewReader(strings.NewReader(export(t, CSV, e, e))).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, cell := range rows[1] {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
				t.Errorf("a cell is %q", cell)
			}
		}
		lines := strings.Split(strings.TrimSuffix(export(t, JSONLines, e, e), "\n"), "\n")
		var back row
		if len(lines) != 2 || json.Unmarshal([]byte(lines[1]), &back) != nil {
			t.Errorf("%d lines", len(lines))
		}
	})
}
