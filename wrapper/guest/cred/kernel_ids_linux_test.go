package cred

import (
	"math/rand"
	"os"
	"testing"

	"github.com/feign-build/feign/test/idcall"
)

// TestKernelAgreesOnCalls does random calls on a thread and on the model of it,
// and compares the answers and all of the credentials after each.
func TestKernelAgreesOnCalls(t *testing.T) {
	needRoot(t)
	last := lastCap()
	rng := rand.New(rand.NewSource(1))
	calls, refused := 0, map[string]int{}
	done := map[string]int{}
	for sequence := range 1000 {
		onThread(func() {
			c := New(threadState(last))
			if c.UID() != 0 || c.State().Permitted == 0 {
				t.Fatalf("sequence %d: the thread does not start as root: %+v", sequence, c.State())
			}
			var history []op
			for range 16 {
				o := randomOp(rng, last)
				history = append(history, o)
				next, ret, errno := o.model(c)
				kret, kerrno := o.native()
				calls++
				if errno != 0 {
					refused[o.kind()]++
					if next != c {
						t.Errorf("%v failed and changed something", o)
					}
				} else {
					done[o.kind()]++
				}
				kernel := threadState(last)
				difference := differ(kernel, next.State())
				if kret != ret || kerrno != errno || difference != "" {
					t.Errorf("%v after %v: kernel %d errno %d, model %d errno %d\n%s", o, history, kret, kerrno, ret, errno, difference)
					return
				}
				c = next
			}
			compareStatus(t, c)
		})
	}
	for name, n := range done {
		if n < 20 {
			t.Errorf("only %d successful calls of %s: the generator tests nothing", n, name)
		}
	}
	t.Logf("compared the credentials after %d calls with the kernel; done %v, refused %v", calls, done, refused)
}

// compareStatus rewrites the thread's own status, from which nothing may differ.
func compareStatus(t *testing.T, c *Cred) {
	t.Helper()
	text, err := os.ReadFile("/proc/thread-self/status")
	if err != nil {
		t.Error(err)
		return
	}
	if got := string(c.Status(text)); got != string(text) {
		t.Errorf("status: kernel\n%s\nmodel\n%s", text, got)
	}
}

// TestKernelAgreesOnGetgroups asks for lists of every size around the real one.
func TestKernelAgreesOnGetgroups(t *testing.T) {
	needRoot(t)
	last := lastCap()
	onThread(func() {
		o := op{"setgroups", []uint64{3, 9, 7, 9}}
		c, _, _ := o.model(New(threadState(last)))
		o.native()
		for size := int32(-1); size < 6; size++ {
			var list [6]uint32
			n, errno := raw(idcall.Getgroups, int(size), &list[0])
			m, groups, merrno := c.GetGroups(size)
			if n != m || errno != merrno {
				t.Errorf("getgroups(%d): kernel %d errno %d, model %d errno %d", size, n, errno, m, merrno)
			}
			for i, g := range groups {
				if list[i] != g {
					t.Errorf("getgroups(%d): kernel %v, model %v", size, list, groups)
				}
			}
		}
	})
}
