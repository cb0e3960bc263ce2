//go:build linux

package state

import (
	"strconv"
	"strings"
	"testing"
)

// What one shell claims about attributes a program of another one sees, also where it has looked at so many that it is spared the stops.
func TestAttributesAtOnce(t *testing.T) {
	p := newPlace(t, "FEIGN_BIN")
	const looks = 1000 // before the claim, and after it
	done := make(chan string)
	go func() {
		// One process looks at all that it is named.
		done <- p.output(p.run(`touch f
			{ yes f | head -n $1; until [ -s seen ]; do sleep 0.01; done; : >ready; until [ -e claimed ]; do sleep 0.01; done; yes f | head -n $1; } |
				getfacl -n - | tee seen`, strconv.Itoa(looks)))
	}()
	awaitFile(t, p.dir+"/ready")
	p.output(p.run(`setfacl -m u:33:r f; : >claimed`))
	const header = "# file: f\n# owner: 0\n# group: 0\n"
	want := strings.Repeat(header+"user::rw-\ngroup::r--\nother::r--\n\n", looks) +
		strings.Repeat(header+"user::rw-\nuser:33:r--\ngroup::r--\nmask::r--\nother::r--\n\n", looks)
	if out := <-done; out != want {
		t.Errorf("%d of %d looks before the claim, %d of %d bytes", strings.Count(out, "other::")-strings.Count(out, "mask::"), looks, len(out), len(want))
	}
}
