//go:build linux

package main

import (
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// Linux gives each thread its own ids; only the C library makes them one.
var threadCases = []testCase{
	{"thread-has-its-own-ids", "", func() {
		inThread(func() {
			setresgid(1001, 1001, 1001)
			setresuid(1000, 1000, 1000)
			whoami()
			caps()
		})
		whoami()
		caps()
	}},
	{"thread-creates-as-itself", "", func() {
		newDir("d", 0777)
		as(1000, 1001, func() { newFile("d/a", 0644) })
		newFile("d/b", 0644)
		as(1002, 1003, func() { newDir("d/c", 0755) })
		look("d/a", "d/b", "d/c")
	}},
	{"thread-is-refused-alone", "", func() {
		newFile("f", 0600)
		as(1000, 1000, func() {
			open("f", unix.O_RDONLY)
			chown("f", 1000, 1000)
		})
		open("f", unix.O_RDONLY)
		chown("f", 5, 5)
	}},
	{"thread-shares-umask", "", func() {
		inThread(func() { umask(077) })
		umask(022)
		inThread(func() {
			must(unix.Unshare(unix.CLONE_FS), "unshare")
			umask(0)
			open("f", unix.O_CREAT|unix.O_WRONLY, octal(0666))
		})
		open("g", unix.O_CREAT|unix.O_WRONLY, octal(0666))
		look("f", "g")
	}},
	{"thread-shares-cwd", "", func() {
		newDirOf("d", 0755, 1, 2)
		newFileOf("d/f", 04711, 3, 4)
		inThread(func() { must(unix.Chdir("d"), "chdir") })
		look("f", ".")
	}},
	{"thread-has-its-own-no-new-privs", "", func() {
		get := func() { prctl("GET_NO_NEW_PRIVS", unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) }
		inThread(func() {
			prctl("SET_NO_NEW_PRIVS", unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
			get()
		})
		get()
	}},
	{"thread-has-its-own-bounding-set", "", func() {
		inThread(func() {
			prctl("CAPBSET_DROP", unix.PR_CAPBSET_DROP, netRaw)
			prctl("SET_SECUREBITS", unix.PR_SET_SECUREBITS, 1)
			caps()
		})
		caps()
		prctl("GET_SECUREBITS", unix.PR_GET_SECUREBITS)
	}},
	{"threads-at-once", "frng-2", func() {
		newDir("d", 0777)
		const threads, files = 8, 40
		inParallel(threads, func(i int) {
			drop(int64(1000+i), int64(2000+i))
			for n := range files {
				path := fmt.Sprintf("d/f%d-%d", i, n)
				newFile(path, uint32(04700+n))
				must(unix.Rename(path, fmt.Sprintf("d/g%d-%d", i, n)), "rename")
			}
		})
		wrong := 0
		for i := range threads {
			for n := range files {
				want := fmt.Sprintf("%04o %d:%d", 04700+n, 1000+i, 2000+i)
				if ownerOf(fmt.Sprintf("d/g%d-%d", i, n)) != want {
					wrong++
				}
			}
		}
		say("%d wrong", wrong)
	}},
	{"threads-chown-one-file", "frng-2", func() {
		newFile("f", 0644)
		inParallel(6, func(i int) {
			for range 200 {
				must(unix.Chown("f", i+1, i+1), "chown")
				var s unix.Stat_t
				must(unix.Stat("f", &s), "stat")
				// The kernel itself does not promise both of one chown.
				if s.Uid < 1 || s.Uid > 6 || s.Gid < 1 || s.Gid > 6 {
					say("nobody's: %d:%d", s.Uid, s.Gid)
				}
			}
		})
		chown("f", 9, 9)
		look("f")
	}},
	{"threads-reuse-inodes", "ps-9", func() {
		var mu sync.Mutex
		wrong := 0
		inParallel(6, func(i int) {
			a, b := fmt.Sprint("a", i), fmt.Sprint("b", i)
			for range 100 {
				newFileOf(a, 06755, i+1, i+1)
				must(unix.Unlink(a), "unlink")
				newFile(b, 0644)
				if ownerOf(b) != "0644 0:0" {
					mu.Lock()
					wrong++
					mu.Unlock()
				}
				must(unix.Unlink(b), "unlink")
			}
		})
		say("%d wrong", wrong)
	}},
}

// inParallel runs f on n threads at once and waits for all of them.
func inParallel(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { inThread(func() { f(i) }) })
	}
	all.Wait()
}
