package vfs

import "testing"

// A mount with Names has the files beside it that programs write first and rename then.
func TestNames(t *testing.T) {
	var n Namespace
	n.Mount(Mount{To: "/etc/passwd", From: "/s/passwd", Names: true})
	n.Mount(Mount{To: "/etc/group", From: "/s/group"})
	n.Mount(Mount{To: "/etc/sedXXXXXX", From: "/s/sedXXXXXX", Names: true})
	for virtual, want := range map[string]string{
		"/etc/passwd": "/s/passwd", "/etc/passwd-": "/s/passwd-", "/etc/passwd.lock": "/s/passwd.lock",
		"/etc/passwd.d/x": "/etc/passwd.d/x", "/etc/pass": "/etc/pass", "/etc": "/etc",
		"/etc/sedaZ09bc": "/s/sedaZ09bc", "/etc/sedaZ09b": "/etc/sedaZ09b", "/etc/sedaZ09bcd": "/etc/sedaZ09bcd", "/etc/sedaZ0.bc": "/etc/sedaZ0.bc",
		"/etc/sed": "/etc/sed", "/etc/sedaé09b": "/etc/sedaé09b",
		"/etc/group": "/s/group", "/etc/group-": "/etc/group-",
	} {
		got, _ := n.Host(virtual)
		if got != want {
			t.Errorf("%s is %s, want %s", virtual, got, want)
		}
		if back, ok := n.Virtual(want, "/"); !ok || back != virtual {
			t.Errorf("%s is shown as %s, %v; want %s", want, back, ok, virtual)
		}
	}
}
