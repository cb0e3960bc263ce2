package guest

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// A mountLine is a line of /proc/PID/mountinfo (proc_pid_mountinfo(5)), without the fields about propagation.
type mountLine struct {
	id, parent int
	dev        string // numbers of the file system's device
	root, at   string // what is mounted, as a path in its file system, and where
	options    string // of the mount
	kind       string // of the file system; this and what follows as in the file, where blanks are escaped
	source     string
	super      string // options of the file system
}

// mountLines reads /proc/PID/mountinfo. Lines of another form are left out.
func mountLines(text []byte) []mountLine {
	var all []mountLine
	for line := range strings.Lines(string(text)) {
		mount, system, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " - ")
		f, g := strings.Fields(mount), strings.SplitN(system, " ", 3)
		if !ok || len(f) < 6 || len(g) < 3 {
			continue
		}
		id, err := strconv.Atoi(f[0])
		parent, errParent := strconv.Atoi(f[1])
		if err == nil && errParent == nil {
			all = append(all, mountLine{id, parent, f[2], unescaped(f[3]), unescaped(f[4]), f[5], g[0], g[1], g[2]})
		}
	}
	return all
}

// blanks are what the kernel escapes in paths (fs/seq_file.c, seq_path), as octal numbers.
var blanks = []string{" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`}

var escaper = strings.NewReplacer(blanks...)

var unescaper = func() *strings.Replacer {
	pairs := slices.Clone(blanks)
	slices.Reverse(pairs)
	return strings.NewReplacer(pairs...)
}()

func escaped(path string) string { return escaper.Replace(path) }

func unescaped(path string) string { return unescaper.Replace(path) }

// mountAt is the mount that a path leads to, or a mount with an empty kind if that is not known: from the root directory the nearest
// one is come to first, and covers what is below it in the mount before.
func mountAt(all []mountLine, path string) mountLine {
	isRoot := func(m mountLine) bool {
		return m.at == "/" && !slices.ContainsFunc(all, func(o mountLine) bool { return o.id == m.parent && o.id != m.id })
	}
	i := slices.IndexFunc(all, isRoot)
	if i < 0 {
		return mountLine{}
	}
	for at := all[i]; ; {
		next := mountLine{}
		for _, m := range all {
			if m.parent == at.id && m.id != at.id && vfs.IsWithin(path, m.at) && (next.kind == "" || len(m.at) < len(next.at)) {
				next = m
			}
		}
		if next.kind == "" {
			return at
		}
		at = next
	}
}

// mountsBelow calls f for the mounts in a mount that are below a path, and for those in them, as mount(2) with MS_REC takes them along
// (fs/namespace.c, copy_tree). mountAt has found the mount, so that none is at the path itself.
func mountsBelow(all []mountLine, in int, path string, f func(mountLine)) {
	for _, m := range all {
		if m.parent == in && m.id != in && vfs.IsWithin(m.at, path) {
			f(m)
			mountsBelow(all, m.id, m.at, f)
		}
	}
}

// shownMounts are the mounts that a task is in, as if they had been made by bind mounts that take along what is mounted below. Their
// places are by its own paths; "" for those that it cannot see.
func (k *Kernel) shownMounts(t *task, host []mountLine) []mountLine {
	w := k.walker(t)
	binds := k.namespace.Mounts()
	if _, mounted := k.namespace.At("/"); !mounted {
		binds = slices.Insert(slices.Clone(binds), 0, vfs.Mount{To: "/", From: "/"})
	}
	var all []mountLine
	var places []string // virtual paths of all
	add := func(m mountLine, place string) int {
		m.id, m.parent = firstMount+len(all), 1
		for i, p := range places {
			if vfs.IsWithin(place, p) && (m.parent == 1 || len(p) >= len(places[m.parent-firstMount])) {
				m.parent = firstMount + i
			}
		}
		m.at = w.Shown(vfs.Place{Virtual: place})
		all, places = append(all, m), append(places, place)
		return m.id
	}
	for _, b := range binds {
		m := k.bound(host, b)
		in, from := m.id, strings.TrimSuffix(b.From, "/")
		add(m, b.To)
		if in == 0 {
			continue
		}
		mountsBelow(host, in, b.From, func(m mountLine) {
			add(m, strings.TrimSuffix(b.To, "/")+strings.TrimPrefix(m.at, from))
		})
	}
	return all
}

// firstMount is the id of the first mount that a task is shown.
const firstMount = 100

// bound is the line of a bind; its id is that of the mount of the host that it is of, 0 if it is of none.
func (k *Kernel) bound(host []mountLine, b vfs.Mount) mountLine {
	m := mountAt(host, b.From)
	switch f := k.memory.byHost[b.From]; {
	case f != nil:
		m = mountLine{dev: fmt.Sprintf("%d:%d", unix.Major(f.key.Dev), unix.Minor(f.key.Dev)), root: "/", options: "rw,relatime", kind: "tmpfs", source: "tmpfs", super: "rw"}
	case m.kind == "":
		m = mountLine{dev: "0:0", root: "/", options: "rw", kind: "none", source: escaped(b.From), super: "rw"}
	default:
		if rest := strings.TrimPrefix(b.From, strings.TrimSuffix(m.at, "/")); rest != "" && rest != "/" {
			m.root = strings.TrimSuffix(m.root, "/") + rest
		}
	}
	if b.ReadOnly {
		_, others, _ := strings.Cut(m.options+",", ",")
		m.options = strings.TrimSuffix("ro,"+others, ",")
	}
	return m
}

// info is the line in /proc/PID/mountinfo.
func (m *mountLine) info() string {
	return fmt.Sprintf("%d %d %s %s %s %s - %s %s %s\n", m.id, m.parent, m.dev, escaped(m.root), escaped(m.at), m.options, m.kind, m.source, m.super)
}

// short is the line in /proc/PID/mounts (proc_pid_mounts(5)): options of both kinds are put together (fs/proc_namespace.c, show_vfsmnt).
func (m *mountLine) short() string {
	own, super := strings.Split(m.options, ","), strings.Split(m.super, ",")
	options := []string{"rw"}
	if own[0] == "ro" || super[0] == "ro" {
		options[0] = "ro"
	}
	super = super[1:]
	for len(super) > 0 && slices.Contains([]string{"sync", "dirsync", "mand", "lazytime"}, super[0]) {
		options, super = append(options, super[0]), super[1:]
	}
	options = append(append(options, own[1:]...), super...)
	return fmt.Sprintf("%s %s %s %s 0 0\n", m.source, escaped(m.at), m.kind, strings.Join(options, ","))
}

// mountsText is /proc/PID/mounts or mountinfo as the task sees it.
func mountsText(line func(*mountLine) string) func(*Kernel, *task, []byte) []byte {
	return func(k *Kernel, t *task, real []byte) []byte {
		if !t.viewed() {
			return real
		}
		host, err := os.ReadFile("/proc/self/mountinfo")
		if err != nil {
			return real
		}
		var text []byte
		for _, m := range k.shownMounts(t, mountLines(host)) {
			if m.at != "" {
				text = append(text, line(&m)...)
			}
		}
		return text
	}
}
