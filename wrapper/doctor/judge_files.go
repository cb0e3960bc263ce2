package doctor

import "strconv"

// judgeDirs tells of each directory once.
func (f *Facts) judgeDirs(r *Report) {
	roles := map[string]string{}
	for i := range f.Dirs {
		d := &f.Dirs[i]
		if role := roles[d.Path]; role != "" && d.Error == "" {
			r.ok("dir-"+d.Role, d.Path+", see dir-"+role)
			continue
		}
		roles[d.Path] = d.Role
		d.judge(r)
	}
}

// judge tells what a directory's file system can and cannot do.
func (d *Dir) judge(r *Report) {
	name := "dir-" + d.Role
	if d.Error != "" {
		r.add(Finding{name, Note, d.Path + ": " + d.Error, "nothing: feign itself does not need it", "name one that is there, if the action is to use it"})
		return
	}
	found := d.Path + ", " + d.FileSystem
	switch {
	case !d.Writable:
		r.add(Finding{name, Note, found + ", not writable", "outputs cannot be made here", "let the action write to another directory"})
	case d.NoExec:
		r.add(Finding{
			name, Note, found + ", mounted noexec", "programs that the action builds here cannot be run, as without feign",
			"remount it with exec, or name another directory",
		})
	default:
		r.ok(name, found)
	}
	for _, a := range []struct {
		name    string
		answer  Answer
		yes, no string
		state   State // if no
		instead string
		remedy  string
	}{
		{
			"birth", d.Birth, "birth times", "no birth times", Loss,
			"a file that takes another's place behind feign's back, with its inode number, may inherit its owner and mode",
			"build on ext4, xfs, btrfs or tmpfs (from Linux 5.18 on)",
		},
		{"generation", d.Generation, "inode generations", "no inode generations", OK, "", ""},
		{"xattr", d.UserXattr, "user attributes", "no user attributes", Note, "they are remembered instead", ""},
		{"types", d.EntryType, "types of entries", "directories do not tell types of entries", Note, "programs ask for each file, which costs a stop each", ""},
	} {
		switch {
		case !a.answer.Asked:
		case a.answer.OK:
			r.ok(name+"-"+a.name, a.yes)
		default:
			r.add(Finding{name + "-" + a.name, a.state, a.no + " (" + a.answer.Why + ")", a.instead, a.remedy})
		}
	}
}

// judgeLimits tells of limits that actions run into.
func (f *Facts) judgeLimits(r *Report) {
	for _, l := range []struct {
		name   string
		limit  Limit
		least  uint64
		what   string
		remedy string
	}{
		{"limit-nofile", f.NoFile, 256, "open files", "ulimit -n"},
		{"limit-nproc", f.NProc, 64, "processes of this user", "ulimit -u"},
	} {
		found := l.what + ": " + l.limit.String()
		if l.limit.Soft >= l.least {
			r.ok(l.name, found)
			continue
		}
		r.add(Finding{
			l.name, Note, found, "actions inherit it, and fail by it as they would without feign",
			l.remedy + " " + strconv.FormatUint(l.least, 10) + ", or more",
		})
	}
}

// String returns "soft" or "soft, hard limit N".
func (l Limit) String() string {
	show := func(n uint64) string {
		if n == Unlimited {
			return "unlimited"
		}
		return strconv.FormatUint(n, 10)
	}
	if l.Soft == l.Hard {
		return show(l.Soft)
	}
	return show(l.Soft) + ", hard limit " + show(l.Hard)
}
