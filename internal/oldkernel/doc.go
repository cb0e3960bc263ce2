// Package oldkernel lets tests run as on a kernel of some years ago, by a seccomp filter around the whole process: system
// calls and options that came later do not exist.
//
// A filter cannot hide what stands in memory or in files (flags of statx(2)'s answer, new files of /proc): test/vm has real
// old kernels. But every machine can run this.
//
// # In a nutshell
//
//	func TestMain(m *testing.M) {
//		oldkernel.Obey()
//		os.Exit(m.Run())
//	}
//
//	func TestOldKernel(t *testing.T) { oldkernel.Rerun(t, oldkernel.Linux4_14, "") }
//
// # Locks
//
// No locks. The filter of a process stays for as long as the process, and goes to its children.
package oldkernel
