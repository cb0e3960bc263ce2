package wrapper

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/feign-build/feign/lies/store"
)

// excluded returns the paths of the tree that its manifest leaves out: what manifest.exclude matches, and the files that are
// written about the tree, with what a run that was killed while it wrote them has left.
func (p *Plan) excluded() ([]string, error) {
	root, err := filepath.EvalSymlinks(p.Manifest.Root)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Manifest.Root, errno(err))
	}
	var out []string
	for _, file := range []string{p.Manifest.Path, p.Archive.Path, p.Manifest.Import, p.Audit} {
		if file == "" {
			continue
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(file))
		if err != nil {
			continue // to write there will fail, and say why
		}
		for _, name := range append(unfinished(dir, filepath.Base(file)), filepath.Base(file)) {
			if rel, ok := below(root, filepath.Join(dir, name)); ok {
				out = append(out, rel)
			}
		}
	}
	if p.State.Path != "" {
		if rel, ok := below(root, store.RealPath(p.State.Path)); ok {
			out = append(out, rel)
		}
	}
	matched, err := matching(root, p.Manifest.Exclude)
	return append(out, matched...), err
}

// below returns the path of a file relative to a directory that it is in.
func below(dir, file string) (string, bool) {
	rel, err := filepath.Rel(dir, file)
	if err != nil || rel == "." || rel == ".." || strings.HasPrefix(rel, "../") {
		return "", false
	}
	return rel, true
}

// unfinished returns the names in dir under which a manifest or an archive is written before it gets its own.
func unfinished(dir, base string) []string {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	temporary := regexp.MustCompile(`^(\.feign-[0-9a-z]+\.tmp|\.` + regexp.QuoteMeta(base) + `\.[0-9]+)$`)
	var names []string
	for _, e := range list {
		if e.Type().IsRegular() && temporary.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// matching returns the paths below root that a pattern matches, without what is below them.
func matching(root string, patterns []string) (out []string, err error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // the scan has its own ways of reading, and names what it cannot read
		}
		rel, ok := below(root, file)
		if !ok || !matches(patterns, rel) {
			return nil
		}
		out = append(out, rel)
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
	return out, err
}

// matches reports whether a pattern of manifest.exclude matches a path. One with a slash is compared with the whole path from
// the root, one without with its last part. What a pattern means is path.Match's business.
func matches(patterns []string, rel string) bool {
	for _, pattern := range patterns {
		name := rel
		trimmed := strings.Trim(pattern, "/")
		if !strings.Contains(trimmed, "/") && !strings.HasPrefix(pattern, "/") {
			name = path.Base(rel)
		}
		if ok, _ := path.Match(strings.TrimPrefix(trimmed, "./"), name); ok {
			return true
		}
	}
	return false
}
