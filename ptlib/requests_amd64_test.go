package ptlib

import (
	"fmt"
	"runtime"
	"testing"
)

// A way of handling a stat call, and what it may cost.
type costCase struct {
	name      string
	requests  uint64 // per call, waits included
	transfers uint64
	handle    func(c *Call)
}

var costBuffer StatBuffer

func costPatch(c *Call) {
	if c.ReadStat(&costBuffer, c.Args[1]) == 0 {
		costBuffer.Stat.UID++
		costBuffer.Patch()
	}
}

func costInject(c *Call) {
	c.Inject(SysGetpid)
	c.Answer(0)
}

func costInjectTwice(c *Call) {
	c.Inject(SysGetpid)
	costInject(c)
}

var costCases = []costCase{
	// wait, info, continue
	{"pass", 3, 0, func(*Call) {}},
	// and for each path written, one read
	{"paths", 3, 4, costRead},
	// wait, info, poke twice, continue
	{"answer", 5, 0, func(c *Call) { c.Answer(0) }},
	// wait, info, continue; wait, get, continue
	{"then, patched", 6, 2, func(c *Call) { c.Then(costPatch) }},
	// and set
	{"then, another result", 7, 0, func(c *Call) { c.Then(func(c *Call) { c.Answer(1) }) }},
	// wait, info, get, set, continue; wait, get, set, continue
	{"run, patched", 9, 2, func(c *Call) { c.Run(costPatch, SysFstat, c.Args[0], c.Args[1]) }},
	// then, and mask twice, set, continue, wait, continue, wait, get; mask, set
	{"inject", 16, 0, func(c *Call) { c.Then(costInject) }},
	// inject, and set, continue, wait, continue, wait, get
	{"inject twice", 22, 0, func(c *Call) { c.Then(costInjectTwice) }},
}

// costRead reads a path twice, and once more after it has been written.
func costRead(c *Call) {
	want := "first"
	for range 2 {
		if errno := c.Thread.WriteMemory(c.Args[1], append([]byte(want), 0)); errno != 0 {
			panic(errno)
		}
		for range 2 {
			if path, errno := c.Thread.ReadPath(c.Args[1]); errno != 0 || string(path) != want {
				panic(fmt.Sprint(string(path), errno))
			}
		}
		want = "second"
	}
}

// port-6: what a stop costs, in ptrace requests and in memory.
func TestCost(t *testing.T) {
	for _, test := range costCases {
		t.Run(test.name, func(t *testing.T) {
			run := func(calls int) (stats Stats, mallocs uint64) {
				s := newScript(ABIAMD64)
				s.times(calls, func() { s.call(SysFstat, 0, s.space(256), 3, 4, 5, 6) })
				s.exit(0)
				var before, after runtime.MemStats
				n := 0
				tt := &trial{rules: stops(SysFstat), handler: &hooks{call: func(c *Call) {
					if n++; n == 10 {
						runtime.ReadMemStats(&before)
					}
					test.handle(c)
					if n == calls {
						runtime.ReadMemStats(&after)
					}
				}}}
				tt.succeed(t, s.write(t))
				return tt.tracer.Stats(), after.Mallocs - before.Mallocs
			}
			const few, many = 1000, 5000
			base, _ := run(few)
			stats, mallocs := run(many)
			per := func(after, before uint64) float64 { return float64(after-before) / (many - few) }
			if got := per(stats.Requests, base.Requests); got != float64(test.requests) {
				t.Errorf("%v requests per call, want %d", got, test.requests)
			}
			if got := per(stats.Transfers, base.Transfers); got != float64(test.transfers) {
				t.Errorf("%v transfers per call, want %d", got, test.transfers)
			}
			// The runtime itself allocates now and then.
			if mallocs > many/100 {
				t.Errorf("%d allocations in %d calls", mallocs, many)
			}
		})
	}
}
