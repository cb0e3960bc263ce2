package plugins

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Bounds of a ruleset. They keep a plugin from filling the machine's memory; no honest policy comes near.
const (
	MaxRules    = 100_000
	MaxFileSize = 4 << 20 // bytes of one File
	MaxFiles    = 16 << 20
	maxString   = 64 << 10
	maxPath     = 4095 // PATH_MAX without its NUL
)

// Validate tells what is wrong with a ruleset, in one line that names the rule.
func (r *Ruleset) Validate() error {
	n := len(r.Binds) + len(r.Paths) + len(r.Dynamic) + len(r.Files) + len(r.Users) + len(r.Groups) + len(r.Owners) + len(r.Env) + len(r.Errnos)
	if n > MaxRules {
		return fmt.Errorf("%d rules, more than %d", n, MaxRules)
	}
	for _, check := range []func() error{r.checkPlaces, r.checkVerdicts, r.checkFiles, r.checkAccounts, r.checkStart} {
		if err := check(); err != nil {
			return err
		}
	}
	fields := map[string]bool{}
	for _, rule := range r.Rules("") {
		if rule.Field != "" && fields[rule.Field] {
			return fmt.Errorf("two rules for %q", rule.Field)
		}
		fields[rule.Field] = true
	}
	return nil
}

func (r *Ruleset) checkPlaces() error {
	if r.Root != nil {
		if err := cleanPath("root", r.Root.Path); err != nil {
			return err
		}
		if m := r.Root.Method; m != "auto" && m != "namespace" && m != "translate" {
			return fmt.Errorf("root %q: method %q is none of auto, namespace, translate", r.Root.Path, m)
		}
	}
	for _, b := range r.Binds {
		if err := cleanPath("bind from", b.From); err != nil {
			return err
		}
		if err := cleanPath("bind to", b.To); err != nil {
			return err
		}
	}
	if r.Accounts != "" {
		return cleanPath("accounts", r.Accounts)
	}
	return nil
}

func (r *Ruleset) checkVerdicts() error {
	for _, p := range r.Paths {
		if err := cleanPath("path", p.Prefix); err != nil {
			return err
		}
		switch {
		case !p.Verdict.Valid():
			return fmt.Errorf("path %q: %v is no verdict", p.Prefix, p.Verdict)
		case p.Errno != "" && p.Verdict != Deny:
			return fmt.Errorf("path %q: an errno without a denial", p.Prefix)
		case p.Errno != "" && !errnoName(p.Errno):
			return fmt.Errorf("path %q: %q is not the name of an error", p.Prefix, p.Errno)
		}
	}
	for _, d := range r.Dynamic {
		if err := cleanPath("dynamic", d.Prefix); err != nil {
			return err
		}
		if !d.Default.Valid() {
			return fmt.Errorf("dynamic %q: %v is no verdict", d.Prefix, d.Default)
		}
	}
	for _, o := range r.Owners {
		if err := cleanPath("owner", o.Prefix); err != nil {
			return err
		}
		if err := checkIDs("owner "+o.Prefix, o.UID, o.GID); err != nil {
			return err
		}
	}
	return nil
}

func (r *Ruleset) checkFiles() error {
	total := 0
	for _, f := range r.Files {
		if err := cleanPath("file", f.Path); err != nil {
			return err
		}
		total += len(f.Data)
		switch {
		case f.Path == "/":
			return fmt.Errorf("file %q: a directory", f.Path)
		case len(f.Data) > MaxFileSize:
			return fmt.Errorf("file %q: %d bytes, more than %d", f.Path, len(f.Data), MaxFileSize)
		case total > MaxFiles:
			return fmt.Errorf("file %q: more than %d bytes of files", f.Path, MaxFiles)
		case f.Mode&^0o7777 != 0:
			return fmt.Errorf("file %q: mode %#o has more than permissions", f.Path, f.Mode)
		}
		if err := checkIDs("file "+f.Path, f.UID, f.GID); err != nil {
			return err
		}
	}
	return nil
}

// checkAccounts wants names and fields that cannot break the lines that they are written into.
func (r *Ruleset) checkAccounts() error {
	for _, u := range r.Users {
		if !accountName(u.Name) {
			return fmt.Errorf("user %q: not a name", u.Name)
		}
		for _, field := range []string{u.Gecos, u.Home, u.Shell, u.Password} {
			if strings.ContainsAny(field, ":\n\x00") || len(field) > maxString {
				return fmt.Errorf("user %q: a colon, a newline or a NUL in %q", u.Name, clip(field))
			}
		}
		if err := checkIDs("user "+u.Name, u.UID, u.GID); err != nil {
			return err
		}
	}
	for _, g := range r.Groups {
		if !accountName(g.Name) {
			return fmt.Errorf("group %q: not a name", g.Name)
		}
		for _, m := range g.Members {
			if !accountName(m) {
				return fmt.Errorf("group %q: member %q is not a name", g.Name, clip(m))
			}
		}
		if err := checkIDs("group "+g.Name, g.GID); err != nil {
			return err
		}
	}
	return nil
}

func (r *Ruleset) checkStart() error {
	for _, id := range []*uint32{r.Identity.UID, r.Identity.GID} {
		if id != nil {
			if err := checkIDs("identity", *id); err != nil {
				return err
			}
		}
	}
	if err := checkIDs("identity.groups", r.Identity.Groups...); err != nil {
		return err
	}
	if len(r.Identity.Groups) > 65536 {
		return fmt.Errorf("identity.groups: %d groups", len(r.Identity.Groups))
	}
	for _, e := range r.Env {
		switch {
		case e.Name == "" || strings.ContainsAny(e.Name, "=\x00") || len(e.Name) > maxString:
			return fmt.Errorf("env %q: not the name of a variable", clip(e.Name))
		case strings.ContainsRune(e.Value, 0) || len(e.Value) > maxString:
			return fmt.Errorf("env %q: a NUL in the value, or more than %d bytes", e.Name, maxString)
		case e.Unset && e.Value != "":
			return fmt.Errorf("env %q: unset, with a value", e.Name)
		}
	}
	if n := r.Uname.Nodename; len(n) > 64 || strings.ContainsRune(n, 0) { // __NEW_UTS_LEN
		return fmt.Errorf("uname: nodename %q: more than 64 bytes, or a NUL", clip(n))
	}
	if n := r.Network; n != "" && n != "deny" && n != "loopback" {
		return fmt.Errorf("network %q: neither deny nor loopback", clip(n))
	}
	for _, e := range r.Errnos {
		if !errnoName(e.Errno) {
			return fmt.Errorf("errno of %q: %q is not the name of an error", clip(e.Syscall), clip(e.Errno))
		}
		if !syscallName(e.Syscall) {
			return fmt.Errorf("errno: %q is not the name of a system call", clip(e.Syscall))
		}
	}
	return nil
}

// cleanPath wants what the kernel could be asked for, in its shortest form.
func cleanPath(what, p string) error {
	if len(p) > maxPath || !path.IsAbs(p) || path.Clean(p) != p || strings.ContainsRune(p, 0) {
		return fmt.Errorf("%s %q: not an absolute, clean path", what, clip(p))
	}
	return nil
}

// checkIDs wants ids that chown(2) takes: the greatest number stands for "leave it".
func checkIDs(what string, ids ...uint32) error {
	if slices.Contains(ids, ^uint32(0)) {
		return fmt.Errorf("%s: 4294967295 is no id", clip(what))
	}
	return nil
}

// accountName accepts what useradd(8) does, and capitals: a letter, digit, _ or ., then also - and a $ at the end.
func accountName(s string) bool {
	body := []byte(strings.TrimSuffix(s, "$"))
	bad := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.'
	}
	return len(body) > 0 && len(s) <= 256 && body[0] != '-' && s != "." && s != ".." && bytes.IndexFunc(body, bad) < 0
}

func errnoName(s string) bool {
	return len(s) >= 3 && len(s) <= 20 && s[0] == 'E' && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func syscallName(s string) bool {
	return len(s) >= 2 && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// clip keeps a message one readable line.
func clip(s string) string {
	if len(s) > 80 {
		return s[:77] + "..."
	}
	return s
}
