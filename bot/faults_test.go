package bot_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEachFaultNamesTestsThatExist holds docs/faults.md to the tests there are.
func TestEachFaultNamesTestsThatExist(t *testing.T) {
	w := &world{t: t}
	exists := testNames(t)
	name := regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]*)`")
	rows := 0
	for n, line := range strings.Split(w.file("../docs/faults.md"), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if !strings.HasPrefix(line, "| ") || cells[0] == "Fault" {
			continue
		}
		rows++
		named := name.FindAllStringSubmatch(cells[len(cells)-1], -1)
		if len(cells) != 4 || len(named) == 0 {
			t.Errorf("line %d: want fault, answer, what people see and a test: %s", n+1, line)
		}
		for _, m := range named {
			if !exists[m[1]] {
				t.Errorf("line %d: there is no test %s", n+1, m[1])
			}
		}
	}
	if rows < 40 {
		t.Errorf("only %d faults are listed", rows)
	}
}

// testNames are the names of all tests of the module.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				all[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
