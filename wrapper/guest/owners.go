package guest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// Rules about owners are for files that are there when the action begins: they become claims, like those of a manifest that is
// imported. So they go with the files wherever the action moves them, end with them, and what the action makes belongs to whoever
// makes it, below such a prefix as anywhere else. While the action runs nobody asks what a rule says of a path.

// ClaimOwners claims what the policy says of owners: those of the caller's files at and below the rules' prefixes whose owner
// nobody has claimed. It is to be called before the action begins, after everything else that is claimed of files at its start. Files
// that are not there are no error; directories that belong to somebody else and cannot be read are passed over.
func (k *Kernel) ClaimOwners() error {
	p := k.config.Policy
	if p == nil || len(p.Owners) == 0 {
		return nil
	}
	w := ownerWalk{Kernel: k, rules: newOwners(p.Owners)}
	for _, m := range p.mounts() {
		w.namespace.Mount(m)
	}
	for _, start := range w.starts() {
		host, _ := w.namespace.Host(start)
		if err := w.visit(host, start); err != nil {
			return fmt.Errorf("owners below %s: %w", start, err)
		}
	}
	return nil
}

// An ownerWalk goes down the files that rules about owners are for.
type ownerWalk struct {
	*Kernel
	rules     *pathTrie[OwnerRule]
	namespace vfs.Namespace // as the action begins with it
}

// starts are the prefixes, and the mounts that are below one: the directories need not list them.
func (w *ownerWalk) starts() []string {
	var list []string
	for _, r := range w.config.Policy.Owners {
		inOther := func(o OwnerRule) bool { return o.Prefix != r.Prefix && vfs.IsWithin(r.Prefix, o.Prefix) }
		if !slices.ContainsFunc(w.config.Policy.Owners, inOther) {
			list = append(list, r.Prefix)
		}
	}
	for _, m := range w.namespace.Mounts() {
		if _, ok := w.rules.find(m.To); ok {
			list = append(list, m.To)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// visit claims the owner of a file of the host that the action sees at a path, and those of what is below it.
func (w *ownerWalk) visit(host, virtual string) error {
	st, err := hostStat(unix.AT_FDCWD, host, unix.AT_SYMLINK_NOFOLLOW)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission):
		return nil // the action cannot come there either
	case err != nil:
		return &fs.PathError{Op: "stat", Path: host, Err: err}
	case st.Dev == w.procDev:
		return nil
	}
	own := st.UID == w.caller.UID
	if rule, ok := w.rules.find(virtual); ok && own {
		w.lies.Update(keyOf(&st), identity(&st, true), host, func(c *lies.Claim) {
			if c.Has&(lies.HasUID|lies.HasGID) == 0 {
				c.SetOwner(rule.UID, rule.GID)
			}
		})
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return nil
	}
	if own && st.Mode&0500 != 0500 {
		// Root could look into it, so the action will.
		if err := unix.Chmod(host, st.Mode&07777|0500); err != nil {
			return &fs.PathError{Op: "chmod", Path: host, Err: err}
		}
		defer unix.Chmod(host, st.Mode&07777)
	}
	names, err := readNames(host)
	if errors.Is(err, fs.ErrPermission) && !own {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		below := path.Join(virtual, name)
		at, _ := w.namespace.Host(below)
		if err := w.visit(at, below); err != nil {
			return err
		}
	}
	return nil
}

func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}
