package ptlib

import (
	"testing"

	"github.com/feign-build/feign/internal/oldkernel"
)

// port-8: on Linux 4.14 the tests of this package pass too, but for those of what it lacks, of costs, which are higher, and of
// numbers that no kernel knows, since the filter that makes the kernel old has the first say about them.
func TestOldKernel(t *testing.T) {
	oldkernel.Rerun(t, oldkernel.Linux4_14, "^TestForks$/^clone3$|^TestCost$|^TestUnknownCalls$")
}
