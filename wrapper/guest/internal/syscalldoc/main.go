// Command syscalldoc writes the document of what becomes of each system call, from the table of package guest.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: syscalldoc FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], document(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "syscalldoc:", err)
		os.Exit(1)
	}
}
