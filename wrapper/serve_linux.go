package wrapper

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/wrapper/guest"
	"github.com/feign-build/feign/wrapper/wire"
)

// A daemon traces the actions of all invocations that name one state, and is the only writer of its databases. It leaves when
// the last action and the last reservation are gone.
//
// mu is held for no call but those of the maps' own; the goroutine of each connection, and the thread of each tracer, take it
// for a moment.
type daemon struct {
	dir      string // of the state; "" without one
	scope    string // see StatePlan.scope
	index    *lies.Index
	shared   guest.Shared
	store    *store.Store // nil without a state
	listener int          // -1 without a state
	empty    chan struct{}

	mu      sync.Mutex
	refs    int // reservations and actions
	changed *sync.Cond
	leaving bool
	stopped bool
	actions map[*action]bool
	waiting map[*wire.Conn]bool // those that have reserved and not attached
}

// stopPatience is what actions get to end by themselves when the daemon is told to end.
const stopPatience = 2 * time.Second

// daemonArgs are the arguments of Serve.
func daemonArgs(s StatePlan, foreground, begun bool) []string {
	var args []string
	add := func(name string, values ...string) {
		for _, v := range values {
			args = append(args, "-"+name+"="+v)
		}
	}
	if foreground {
		add("foreground", "true")
	}
	if begun {
		add("begun", "true")
	}
	add("include", realPaths(s.Include)...)
	add("ignore", realPaths(s.Ignore)...)
	return append(args, "--", s.Path)
}

// Serve is the daemon's side of Detach: the body of the command that RunOptions.Daemon names, with the arguments that were added
// to it. It is of no use to anybody else, who lacks the descriptors that come with them.
func Serve(args []string) error {
	var (
		plan              StatePlan
		foreground, begun bool
	)
	f := flag.NewFlagSet("daemon", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.BoolVar(&foreground, "foreground", false, "")
	f.BoolVar(&begun, "begun", false, "")
	list := func(to *[]string) func(string) error {
		return func(s string) error {
			*to = append(*to, s)
			return nil
		}
	}
	f.Func("include", "", list(&plan.Include))
	f.Func("ignore", "", list(&plan.Ignore))
	if err := f.Parse(args); err != nil || f.NArg() != 1 {
		return &Error{What: "feign daemon", Why: "is begun by feign run -s or --detach alone", Hint: "feign help run"}
	}
	plan.Path = f.Arg(0)
	if domain, err := unix.GetsockoptInt(channelFD, unix.SOL_SOCKET, unix.SO_TYPE); err != nil || domain != unix.SOCK_SEQPACKET {
		return &Error{What: "feign daemon", Why: "is begun by feign run -s or --detach alone", Hint: "feign help run"}
	}
	if !begun {
		// One more process, so that the daemon is no child of the command, and leads no session.
		files := []uintptr{0, 1, 2, channelFD}
		if plan.Path != "" {
			files = append(files, lockFD)
		}
		argv := append(slices.Clone(os.Args[:len(os.Args)-len(args)]), daemonArgs(plan, foreground, true)...)
		_, err := syscall.ForkExec("/proc/self/exe", argv, &syscall.ProcAttr{Env: os.Environ(), Files: files})
		return err
	}
	channel := wire.NewConn(channelFD)
	unix.CloseOnExec(channelFD)
	d, err := newDaemon(plan)
	if err != nil {
		_ = channel.Send(refusalOf(err))
		return err
	}
	return d.run(channel)
}

// newDaemon opens the state whose lock was inherited, and listens.
func newDaemon(plan StatePlan) (*daemon, error) {
	for _, resource := range rlimitNumbers {
		// What the one who has started the daemon may use is no measure for it.
		var lim unix.Rlimit
		if unix.Prlimit(0, resource, nil, &lim) == nil && lim.Cur < lim.Max && resource != unix.RLIMIT_CORE && resource != unix.RLIMIT_STACK {
			lim.Cur = lim.Max
			_ = unix.Prlimit(0, resource, &lim, nil)
		}
	}
	unix.Umask(0o077)
	// A tracer that comes out of wait(2) is not to wait for the goroutine that saves what others have claimed.
	runtime.GOMAXPROCS(4 * runtime.NumCPU())
	// Most of what is allocated is about one call, and soon saved. To collect it as often as a heap of few lies would have it takes
	// the processors from what is traced; it may come to some 12 MiB more.
	debug.SetGCPercent(400)
	d := &daemon{
		dir: plan.Path, scope: plan.scope(), listener: -1, empty: make(chan struct{}),
		refs: 1, actions: map[*action]bool{}, waiting: map[*wire.Conn]bool{},
	}
	d.changed = sync.NewCond(&d.mu)
	options := lies.Options{OnMismatch: d.dropped}
	if d.dir != "" {
		lock := store.InheritLock(d.dir, os.NewFile(lockFD, "lock"))
		unix.CloseOnExec(lockFD)
		lock.Describe("the daemon of feign run -s")
		var err error
		d.store, err = store.Open(lock, store.Options{Scope: store.Scope{Include: plan.Include, Ignore: plan.Ignore}, OnError: d.unsaved})
		if err != nil {
			return nil, stateError(err)
		}
		options.Observer = d.store
	}
	d.index = lies.New(options)
	if d.store != nil {
		if _, err := d.store.Load(context.Background(), d.index); err != nil {
			return nil, errors.Join(stateError(err), d.store.Close())
		}
		step("listen")
		var err error
		if d.listener, err = wire.Listen(d.dir); err != nil {
			return nil, errors.Join(&Error{What: "state " + d.dir, Why: "its daemon cannot listen: " + err.Error(), Err: err}, d.store.Close())
		}
	}
	return d, nil
}

// run serves until nobody is left.
func (d *daemon) run(channel *wire.Conn) error {
	signals := make(chan os.Signal, 1)
	signal.Ignore(unix.SIGHUP, unix.SIGPIPE, unix.SIGQUIT, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)
	signal.Notify(signals, unix.SIGTERM, unix.SIGINT)
	go func() {
		for range signals {
			d.stop()
		}
	}()
	if d.listener < 0 {
		go d.serve(channel, true)
	} else {
		if err := channel.Send(&wire.Ready{}); err == nil {
			go d.accept()
		}
		go func() {
			_, _, _ = channel.Receive() // it hangs up when it has reserved
			d.release()
		}()
	}
	<-d.empty
	if d.store == nil {
		return nil
	}
	step("leaving")
	// From now on nobody comes any more: who tries to connect is refused, who has connected is hung up on by our end.
	_ = unix.Shutdown(d.listener, unix.SHUT_RDWR)
	step("deaf")
	_ = wire.Unlisten(d.dir)
	step("nameless")
	unix.Close(d.listener)
	step("closing")
	defer step("closed")
	return d.store.Close()
}

func (d *daemon) accept() {
	for {
		conn, err := wire.Accept(d.listener)
		if err != nil {
			return
		}
		step("accepted")
		go d.serve(conn, false)
	}
}

// release gives a reservation back.
func (d *daemon) release() {
	step("release")
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refs--
	d.changed.Broadcast()
	d.leaveIfEmpty()
}

// leaveIfEmpty is called with mu held.
func (d *daemon) leaveIfEmpty() {
	if d.refs == 0 && !d.leaving {
		d.leaving = true
		close(d.empty)
	}
}

// stop ends all actions, and so the daemon. Those who come meanwhile wait for the next one.
func (d *daemon) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		return
	}
	d.stopped = true
	for conn := range d.waiting {
		conn.Hangup()
	}
	for a := range d.actions {
		a.tracer.Signal(unix.SIGTERM)
		a.tracer.Signal(unix.SIGCONT)
	}
	time.AfterFunc(stopPatience, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		for a := range d.actions {
			a.tracer.Kill()
		}
	})
}

// refusalOf is an error as a message.
func refusalOf(err error) *wire.Refused {
	m := Message{What: "the daemon", Why: err.Error()}
	var own *Error
	status := 0
	if errors.As(err, &own) {
		m, status = own.Message(), own.Status
	}
	const most = 4 << 10 // bytes of each part, far below wire.MaxSize
	return &wire.Refused{What: cut(m.What, most), Why: cut(m.Why, most), Hint: cut(m.Hint, most), Status: uint64(status)}
}

func cut(s string, most int) string {
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}

// eachAction calls do for every action that is traced.
func (d *daemon) eachAction(do func(*action)) {
	d.mu.Lock()
	list := make([]*action, 0, len(d.actions))
	for a := range d.actions {
		list = append(list, a)
	}
	d.mu.Unlock()
	for _, a := range list {
		do(a)
	}
}

// unsaved is told when saving begins to fail.
func (d *daemon) unsaved(err error) {
	m := stateError(err).Message()
	m.Level, m.Hint = LevelWarning, "what is to be saved is kept in memory, and tried again"
	d.eachAction(func(a *action) {
		if !a.saving.Load() {
			a.say(m)
		}
	})
}

// dropped reports a lie whose file is gone to the action that has met the other file: it is called on its tracer's thread.
func (d *daemon) dropped(m lies.Mismatch) {
	tid := unix.Gettid()
	d.eachAction(func(a *action) {
		if a.thread == tid {
			a.say(Message{Level: LevelWarning, What: m.String()})
		}
	})
	if d.store != nil {
		d.store.Log(store.Event{Severity: store.Warning, Path: m.Met, Claim: "of " + m.Recorded, Result: m.String()})
	}
}

// scopeError says that an invocation wants other paths kept than those that share the daemon.
func (d *daemon) scopeError() error {
	return &Error{What: "state " + d.dir, Why: "its daemon keeps the lies about other paths (include and ignore)",
		Hint: fmt.Sprintf("wait for the end of its %d actions, or use the same lists", len(d.actions))}
}
