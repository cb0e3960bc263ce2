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
func (k *Kernel) obey(p *Policy) {
	if p == nil {
		return
	}
	if len(p.Paths) > 0 {
		k.verdicts = newVerdicts(p.Paths)
		k.answers, k.reported = make(map[string]Verdict), make(map[string]bool)
	}
	if p.Method != RootTranslate {
		return
	}
	if p.Root != "" && p.Root != "/" {
		k.namespace.Mount(vfs.Mount{To: "/", From: p.Root})
	}
	for _, b := range p.Binds {
		k.namespace.Mount(vfs.Mount{To: b.To, From: b.From, ReadOnly: b.ReadOnly, Names: b.Names})
	}
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

// asked turns Ask into what the policy answers, once for each path.
func (k *Kernel) asked(v Verdict, path string) Verdict {
	if v != Ask {
		return v
	}
	answer, ok := k.answers[path]
	if !ok {
		if got := k.config.Policy.Resolve([]string{path}); len(got) == 1 && got[0] != Ask {
			answer = got[0]
		}
		k.answers[path] = answer
	}
	return answer
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
	rule, ok := k.verdicts.find(path)
	return ok && k.asked(rule.Verdict, path) == Hide && !k.verdicts.leadsTo(path, func(r PathRule) bool { return r.Verdict < Hide })
}

// hidesAny reports whether any name is hidden.
func (k *Kernel) hidesAny() bool {
	if k.verdicts == nil {
		return false
	}
	return slices.ContainsFunc(k.config.Policy.Paths, func(r PathRule) bool { return r.Verdict == Hide || r.Verdict == Ask })
}

// withoutHidden takes hidden names out of what getdents(2) has filled, and returns what is left of it.
func (k *Kernel) withoutHidden(t *task, c *ptlib.Call, buf []byte) []byte {
	host := fdPath(c.Thread.Tid, int32(c.Args[0]))
	dir := k.walker(t).PlaceOf(host)
	if dir.Virtual == "" {
		return buf
	}
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
