package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest  = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]*)`")
	definition = regexp.MustCompile(`(?m)^func (Test[A-Z][A-Za-z0-9]*)\(`)
	namedItem  = regexp.MustCompile("items? `([a-z_]+)`(?: and `([a-z_]+)`)?")
	aspect     = regexp.MustCompile("consequence `([a-z_]+)`")
)

// root is the project's.
const root = "../.."

// What documents say of tests and checklists must be there: a table that names
// what was renamed proves nothing.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	tests := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, m := range definition.FindAllStringSubmatch(text(t, path), -1) {
			tests[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	items, consequences := text(t, root+"/internal/migration/checklist_items.go"), text(t, root+"/internal/migration/consequence.go")
	documents, err := filepath.Glob(root + "/docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, path := range documents {
		doc := text(t, path)
		for _, m := range namedTest.FindAllStringSubmatch(doc, -1) {
			if checked++; !tests[m[1]] {
				t.Errorf("%s names %s, which is no test", path, m[1])
			}
		}
		for _, m := range namedItem.FindAllStringSubmatch(doc, -1) {
			for _, id := range m[1:] {
				if checked++; id != "" && !strings.Contains(items, `"`+id+`"`) {
					t.Errorf("%s names %q, which is no item of a checklist", path, id)
				}
			}
		}
		for _, m := range aspect.FindAllStringSubmatch(doc, -1) {
			if checked++; !strings.Contains(consequences, `"`+m[1]+`"`) {
				t.Errorf("%s names %q, which is no consequence", path, m[1])
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d names were found", checked)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
