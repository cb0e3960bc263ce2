package wrapper

import (
	"context"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/passwd"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// confinePlugin is done on the thread that starts a plugin: it has no network, and neither has the plugin.
func confinePlugin() error { return ptlib.DenyNetwork() }

// openPolicies compiles the plan's policies, and puts the plan that they lead to in the place of the first.
func (r *run) openPolicies(ctx context.Context) (err error) {
	if r.policies, err = compilePolicies(ctx, r.plan, r.options); err != nil || r.policies == nil {
		return err
	}
	r.plan = r.policies.apply(r.plan)
	return nil
}

// guestPolicy is what the policies want of the emulated kernel; nil where there are none.
func (r *run) guestPolicy() (*guest.Policy, error) {
	ps := r.policies
	if ps == nil {
		return nil, nil
	}
	m := ps.merged
	g := &guest.Policy{
		Report: func(a guest.Access) {
			ps.accesses = append(ps.accesses, plugins.Access{
				Path: a.Path, PID: a.PID, Program: a.Program, Syscall: a.Sys.String(), Verdict: fromGuest[a.Verdict],
			})
		},
		Resolve: func(paths []string) []guest.Verdict {
			verdicts, err := ps.host.Resolve(context.Background(), paths)
			if err != nil {
				e := policyError(err).Message()
				e.Level, e.Hint = LevelWarning, "the defaults of its dynamic rules hold from here on"
				r.options.log(e)
			}
			out := make([]guest.Verdict, len(verdicts))
			for i, v := range verdicts {
				out[i] = toGuest[v]
			}
			return out
		},
	}
	method, _, err := chooseRoot(m)
	if err != nil {
		return nil, err
	}
	root := rootPolicy(m, method)
	g.Root, g.Method, g.Binds = root.Root, root.Method, root.Binds
	for _, p := range m.Paths {
		rule := guest.PathRule{Prefix: p.Prefix, Verdict: toGuest[p.Verdict]}
		if p.Errno != "" {
			n, ok := errnoByName(p.Errno)
			if !ok {
				return nil, &Error{What: "a plugin's rule for " + p.Prefix, Why: "there is no error " + quote(p.Errno)}
			}
			rule.Errno = n
		}
		g.Paths = append(g.Paths, rule)
	}
	for _, d := range m.Dynamic {
		g.Paths = append(g.Paths, guest.PathRule{Prefix: d.Prefix, Verdict: guest.Ask})
	}
	for _, o := range m.Owners {
		g.Owners = append(g.Owners, guest.OwnerRule{Prefix: o.Prefix, UID: o.UID, GID: o.GID})
	}
	for _, e := range m.Errnos {
		sys, known := ptlib.ParseSys(e.Syscall)
		n, ok := errnoByName(e.Errno)
		if !known || !ok {
			return nil, &Error{What: "a plugin's rule for " + e.Syscall, Why: "there is no such system call, or no error " + quote(e.Errno)}
		}
		g.Errnos = append(g.Errnos, guest.ErrnoRule{Sys: sys, Errno: n})
	}
	ps.placeFiles(g)
	return g, nil
}

// rootPolicy is the root directory and the binds of policies.
func rootPolicy(m *plugins.Merged, method guest.RootMethod) *guest.Policy {
	g := &guest.Policy{Method: method}
	if m.Root != nil {
		g.Root = m.Root.Path
	}
	for _, b := range m.Binds {
		g.Binds = append(g.Binds, guest.Bind{From: b.From, To: b.To, ReadOnly: b.ReadOnly})
	}
	return g
}

// rootMethod tells how the root directory comes about, in a line of --explain; "" where there is none.
func (ps *policies) rootMethod() (string, error) {
	m := ps.merged
	if m.Root == nil && len(m.Binds) == 0 {
		return "", nil
	}
	method, why, err := chooseRoot(m)
	switch {
	case err != nil:
		return "", err
	case method == guest.RootNamespace:
		return "method = \"namespace\"", nil
	case why != "":
		return "method = \"translate\"  # " + why, nil
	}
	return "method = \"translate\"", nil
}

var (
	toGuest = map[plugins.Verdict]guest.Verdict{
		plugins.Allow: guest.Allow, plugins.Report: guest.Report, plugins.Hide: guest.Hide, plugins.Deny: guest.Deny,
	}
	fromGuest = map[guest.Verdict]plugins.Verdict{
		guest.Allow: plugins.Allow, guest.Report: plugins.Report, guest.Hide: plugins.Hide, guest.Deny: plugins.Deny,
	}
)

// errnoByName finds an error of this machine's kernel.
func errnoByName(name string) (unix.Errno, bool) {
	const last = 4095 // MAX_ERRNO
	for n := unix.Errno(1); n <= last; n++ {
		if unix.ErrnoName(n) == name {
			return n, true
		}
	}
	return 0, false
}

// placeFiles puts the files that only the action sees into the tracer's memory: those of rules, which cannot be changed, and inline accounts,
// which can. Accounts of a directory are that directory's files.
func (ps *policies) placeFiles(g *guest.Policy) {
	m := ps.merged
	add := func(f plugins.File, writable bool) {
		g.Files = append(g.Files, guest.MemFile{Path: f.Path, Data: f.Data, Mode: f.Mode, UID: f.UID, GID: f.GID, Writable: writable})
	}
	for _, f := range m.Files {
		add(f, false)
	}
	names := []string{".pwd.lock", "npasswd", "nshadow", "sed" + vfs.Template} // pam_unix(8) writes the second and third first
	for _, name := range passwd.AccountFiles {
		names = append(names, ".#"+name) // what systemd-sysusers writes first
	}
	if len(m.Users)+len(m.Groups) > 0 {
		for _, f := range passwd.Files(m.Users, m.Groups) {
			add(f, true)
		}
		for _, name := range names {
			g.Files = append(g.Files, guest.MemFile{Path: "/etc/" + name, Writable: true, Absent: true})
		}
		return
	}
	if ps.accounts = m.Accounts; ps.accounts == "" {
		return
	}
	for _, name := range append(names, passwd.AccountFiles...) {
		g.Binds = append(g.Binds, guest.Bind{From: filepath.Join(ps.accounts, name), To: "/etc/" + name, Names: true})
	}
}

// leave takes the files in memory that the action has left.
func (ps *policies) leave(files []guest.MemFile) {
	for _, f := range files {
		ps.left = append(ps.left, plugins.File{Path: f.Path, Data: f.Data, Mode: f.Mode, UID: f.UID, GID: f.GID})
	}
}

// leaveFiles does so at the end of an action that this process has traced.
func (r *run) leaveFiles() error {
	if r.policies == nil {
		return nil
	}
	files, err := r.kernel.Left(plugins.MaxFileSize)
	if err != nil {
		return leftError(err)
	}
	r.policies.leave(files)
	return nil
}

func leftError(err error) *Error {
	return &Error{What: "cannot read the accounts that the action left", Err: err}
}

// ownerNames are the names of the action's accounts, as it left them, for owners that the tree itself has no names for.
func (ps *policies) ownerNames() (users, groups map[uint32]string) {
	if ps == nil || ps.accounts == "" && len(ps.left) == 0 {
		return nil, nil
	}
	d, err := passwd.ReadSummary(ps.summary(0))
	if err != nil {
		return nil, nil // the plugin says so
	}
	users, groups = map[uint32]string{}, map[uint32]string{}
	for _, u := range d.Users {
		if _, ok := users[u.UID]; !ok {
			users[u.UID] = u.Name
		}
	}
	for _, g := range d.Groups {
		if _, ok := groups[g.GID]; !ok {
			groups[g.GID] = g.Name
		}
	}
	return users, groups
}

// execRefused says why a command is not executed.
func execRefused(name string, err error) *Error {
	e := &Error{What: name, Why: "cannot be executed in the action's root directory: " + err.Error(), Status: StatusNotFound}
	if err != unix.ENOENT && err != unix.ENOTDIR {
		e.Status = StatusNoExec
	}
	return e
}

// launched is the plan with what is really executed: where the action has files at other places than the host, the first
// program is looked up as the action would.
func (r *run) launched() (*Plan, error) {
	if r.policies == nil || r.policies.merged.Root == nil && len(r.policies.merged.Binds) == 0 {
		return r.plan, nil
	}
	p := *r.plan
	names := []string{p.Argv[0]}
	if !strings.Contains(p.Argv[0], "/") {
		search, ok := lookupEnv(p.Env, "PATH")
		if !ok {
			search = defaultSearchPath
		}
		names = nil
		for _, dir := range strings.Split(search, ":") {
			names = append(names, inDir(p.Dir, filepath.Join(dir, p.Argv[0])))
		}
	}
	var failed error
	for _, name := range names {
		path, argv, err := r.kernel.Command(p.Dir, append([]string{name}, p.Argv[1:]...))
		if err != nil {
			failed = err
			continue
		}
		if len(argv) > 0 && argv[0] == name {
			argv[0] = p.Argv[0]
		}
		if r.kernel.OwnNamespaces() {
			r.entry = &entry{dir: p.Dir, exec: path}
			p.enters, p.exec, p.Argv, p.Dir = true, selfProgram, argv, "/"
			return &p, nil
		}
		p.exec, p.Argv = path, argv
		if root := r.policies.merged.Root; root != nil {
			p.Dir = filepath.Join(root.Path, p.Dir)
		}
		return &p, nil
	}
	return nil, execRefused(p.Argv[0], errno(failed))
}
