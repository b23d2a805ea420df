package main

import (
	"io/fs"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
)

type recorder = httptest.ResponseRecorder

func newRecorder() *recorder { return httptest.NewRecorder() }

// pagePaths are the page's files that are served.
func pagePaths(t *testing.T) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(pageFiles, "page", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && pageTypes[path.Ext(name)] != "" {
			out = append(out, strings.TrimPrefix(name, "page/"))
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("the page's files: %v %v", out, err)
	}
	return out
}
