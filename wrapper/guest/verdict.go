package guest

import (
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// pathPolicy reports whether the action's paths are looked at from its first program on.
func (k *Kernel) pathPolicy() bool {
	p := k.config.Policy
	return p != nil && p.Method == RootTranslate && (p.Root != "" || len(p.Binds)+len(p.Paths)+len(p.Files) > 0)
}

// obey makes what a policy says of paths ready to be used.
func (k *Kernel) obey(p *Policy) error {
	if p == nil {
		return nil
	}
	if p.Method == RootNamespace {
		return k.obeyNamespace(p)
	}
	if len(p.Paths) > 0 {
		k.verdicts = newVerdicts(p.Paths)
		k.answers, k.reported = make(map[string]Verdict), make(map[string]bool)
	}
	for _, m := range p.mounts() {
		if !m.Names || !k.isOnDisk(m.To) {
			k.namespace.Mount(m)
		}
	}
	return k.openMemory(p.Files)
}

// judge tells what the policy says of the place that a path leads to.
func (k *Kernel) judge(t *task, c *ptlib.Call, r *vfs.Result) unix.Errno {
	if k.verdicts == nil || r.Virtual == "" {
		return 0
	}
	rule, ok := k.verdicts.find(r.Virtual)
	if !ok {
		return 0
	}
	rule.Verdict = k.asked(rule.Verdict, r.Virtual)
	if rule.Verdict >= Hide && k.verdicts.leadsTo(r.Virtual, func(r PathRule) bool { return r.Verdict < Hide }) {
		return 0
	}
	switch rule.Verdict {
	case Report:
		k.reportAccess(t, c, r.Virtual, Report)
	case Hide:
		return unix.ENOENT
	case Deny:
		k.reportAccess(t, c, r.Virtual, Deny)
		if rule.Errno != 0 {
			return rule.Errno
		}
		return unix.EACCES
	}
	return 0
}

// ask has the policy answer about those of some paths, as the action sees them, that are its to answer and that it was not asked
// about before. It is told all that one system call needs in one question. A path may be "".
func (k *Kernel) ask(paths ...string) {
	if k.verdicts == nil || k.config.Policy.Resolve == nil {
		return
	}
	var unknown []string
	for _, path := range paths {
		if path == "" || slices.Contains(unknown, path) {
			continue
		}
		if _, known := k.answers[path]; known {
			continue
		}
		if rule, ok := k.verdicts.find(path); ok && rule.Verdict == Ask {
			unknown = append(unknown, path)
		}
	}
	if len(unknown) == 0 {
		return
	}
	got := k.config.Policy.Resolve(unknown)
	for i, path := range unknown {
		k.answers[path] = Allow
		if i < len(got) && got[i] != Ask {
			k.answers[path] = got[i]
		}
	}
}

// asked turns Ask into what the policy answers, once for each path.
func (k *Kernel) asked(v Verdict, path string) Verdict {
	if v != Ask {
		return v
	}
	k.ask(path)
	return k.answers[path]
}

// reportAccess tells of a path, the first time that it is met.
func (k *Kernel) reportAccess(t *task, c *ptlib.Call, path string, v Verdict) {
	if k.config.Policy.Report == nil || k.reported[path] {
		return
	}
	k.reported[path] = true
	k.config.Policy.Report(Access{Path: path, Verdict: v, PID: c.Thread.Tgid, Program: t.programName(), Sys: c.Sys})
}

// hides reports whether the action is not to see the name of a file in its directory.
func (k *Kernel) hides(path string) bool {
	if k.isAbsent(path) {
		return true
	}
	if k.verdicts == nil {
		return false
	}
	rule, ok := k.verdicts.find(path)
	return ok && k.asked(rule.Verdict, path) == Hide && !k.verdicts.leadsTo(path, func(r PathRule) bool { return r.Verdict < Hide })
}

// hidesAny reports whether any name is hidden.
func (k *Kernel) hidesAny() bool {
	if k.replacesNames() {
		return true
	}
	return k.verdicts != nil && slices.ContainsFunc(k.config.Policy.Paths, func(r PathRule) bool { return r.Verdict == Hide || r.Verdict == Ask })
}

// withoutHidden takes hidden names out of what getdents(2) has filled, and returns what is left of it.
func (k *Kernel) withoutHidden(t *task, c *ptlib.Call, buf []byte) []byte {
	host := fdPath(c.Thread.Tid, int32(c.Args[0]))
	dir := k.walker(t).PlaceOf(host)
	if dir.Virtual == "" {
		return buf
	}
	var paths []string
	for at, ok := 0, true; ok; {
		var d ptlib.Dirent
		if d, at, ok = c.NextDirent(buf, at); ok && string(d.Name) != "." && string(d.Name) != ".." {
			paths = append(paths, path.Join(dir.Virtual, string(d.Name)))
		}
	}
	k.ask(paths...)
	left := buf[:0]
	for at := 0; ; {
		d, next, ok := c.NextDirent(buf, at)
		if !ok {
			return left
		}
		if name := string(d.Name); name == "." || name == ".." || !k.hides(path.Join(dir.Virtual, name)) {
			left = append(left, buf[at:next]...)
		}
		at = next
	}
}
