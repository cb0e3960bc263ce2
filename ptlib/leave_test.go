package ptlib

import (
	"syscall"
	"testing"
)

// The command ends with the status that Options.Leaving returns, on every processor.
func TestLeavingStatus(t *testing.T) {
	for _, status := range []uint8{3, 0, 125} {
		asked := 0
		tt := &trial{env: []string{victimVariable + "=nothing"}, filter: FilterOptions{Leave: true}, leaving: func(is uint8) uint8 {
			if asked++; is != 3 {
				t.Errorf("leaving with %d", is)
			}
			return status
		}}
		tt.run(t, "/proc/self/exe")
		if asked != 1 || tt.status.ExitStatus() != int(status) {
			t.Errorf("asked %d times; wait status %#x, want %d", asked, int(tt.status), status)
		}
	}
}

// frng-5, ps-3: a tracer that dies while it is asked takes the command with it, which so has not ended well.
func TestLeavingKilled(t *testing.T) {
	for _, status := range []string{"0", "5"} {
		cmd, out, tid, proceed := startExecutor(t, "/proc/self/exe", "id", "exit="+status)
		a := startAdopter(t, "adopt", cmd.Process.Pid, tid, "leave")
		a.says("attached")
		proceed()
		if line, err := out.ReadString('\n'); line != "77\n" {
			t.Fatal(line, err)
		}
		a.says("leaving with " + status)
		a.Process.Kill()
		cmd.Wait()
		if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); !ws.Signaled() || ws.Signal() != syscall.SIGKILL {
			t.Errorf("%v", cmd.ProcessState)
		}
	}
}
