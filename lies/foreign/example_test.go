package foreign_test

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/foreign"
)

// What fakeroot saved becomes lies.
func ExampleRead() {
	const saved = "dev=fe00,ino=12,mode=104755,uid=0,gid=42,nlink=1,rdev=0\n"
	entries, err := foreign.Read(foreign.Fakeroot, strings.NewReader(saved))
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range entries {
		l := e.Lie(lies.Timespec{Sec: time.Now().Unix()})
		fmt.Printf("inode %d: %06o %d:%d\n", l.Ino, l.ModeOf(l.Type), l.UID, l.GID)
	}
	// Output: inode 12: 104755 0:42
}
