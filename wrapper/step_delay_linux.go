//go:build feigndelay

package wrapper

import (
	"math/rand/v2"
	"os"
	"strconv"
	"time"
)

// stepMost is how long step waits at most, from FEIGN_STEP_DELAY in microseconds.
var stepMost, _ = strconv.Atoi(os.Getenv("FEIGN_STEP_DELAY"))

// step waits for a random time, half of the times.
func step(string) {
	if stepMost > 0 && rand.IntN(2) == 0 {
		time.Sleep(time.Duration(rand.IntN(stepMost)) * time.Microsecond)
	}
}
