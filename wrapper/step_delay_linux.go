//go:build feigndelay

package wrapper

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// stepMost is how long step waits at most, from FEIGN_STEP_DELAY in microseconds.
var stepMost, _ = strconv.Atoi(os.Getenv("FEIGN_STEP_DELAY"))

// stepLog is the file that FEIGN_STEP_LOG names: each step is a line with the process, what it has used of a processor in
// microseconds, and the step's name.
var stepLog = sync.OnceValue(func() *os.File {
	log, _ := os.OpenFile(os.Getenv("FEIGN_STEP_LOG"), os.O_WRONLY|os.O_APPEND|unix.O_CLOEXEC, 0)
	return log
})

// step tells of itself, and waits for a random time, half of the times.
func step(name string) {
	if log := stepLog(); log != nil {
		var used unix.Rusage
		_ = unix.Getrusage(unix.RUSAGE_SELF, &used)
		fmt.Fprintln(log, os.Getpid(), (used.Utime.Nano()+used.Stime.Nano())/1000, name)
	}
	if stepMost > 0 && rand.IntN(2) == 0 {
		time.Sleep(time.Duration(rand.IntN(stepMost)) * time.Microsecond)
	}
}
