package wrapper

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// Run runs the action and returns its exit status: the command's own, or 128
// and the number of the signal that ended it. The error is an [*Error] whose
// Status says what a command should end with.
func Run(ctx context.Context, p *Plan, o RunOptions) (status int, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Never unlocked: the thread ends with the goroutine.
		runtime.LockOSThread()
		status, err = run(ctx, p, o)
	}()
	<-done
	return status, err
}

func run(ctx context.Context, p *Plan, o RunOptions) (int, error) {
	pid, err := launch(p, o.log)
	if err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { _ = unix.Kill(pid, unix.SIGKILL) })
	defer stop()
	for {
		var ws unix.WaitStatus
		_, err := unix.Wait4(pid, &ws, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, &Error{What: fmt.Sprintf("wait for process %d", pid), Err: err}
		case ws.Stopped():
			if err := unix.PtraceDetach(pid); err != nil {
				return 0, &Error{What: fmt.Sprintf("detach from process %d", pid), Err: err}
			}
		case ws.Exited():
			return ws.ExitStatus(), nil
		case ws.Signaled():
			return 128 + int(ws.Signal()), nil
		}
	}
}
