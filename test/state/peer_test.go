//go:build linux

package state

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/wrapper/wire"
)

// peers are programs for the ordinary user, which this test binary is when FEIGN_TEST_PEER names one.
var peers = map[string]func(args []string) int{
	"client": client,
	"daemon": falseDaemon,
}

// peer makes a command of one of peers.
func (p *place) peer(name string, args ...string) *exec.Cmd {
	cmd := p.as(exec.Command(filepath.Join(filepath.Dir(p.feign), "peer"), args...))
	cmd.Env = append(cmd.Env, "FEIGN_TEST_PEER="+name)
	return cmd
}

// client is written against the protocol, not with feign's own client: it sends what its arguments name and says what comes.
func client(args []string) int {
	conn, err := wire.Dial(args[0])
	if err != nil {
		fmt.Println("dial:", err)
		return 1
	}
	for _, what := range args[1:] {
		var pid, user unix.Stat_t
		_ = unix.Stat("/proc/self/ns/pid", &pid)
		_ = unix.Stat("/proc/self/ns/user", &user)
		reserve := &wire.Reserve{PIDNamespace: pid.Ino, UserNamespace: user.Ino, Scope: args[0]}
		var m wire.Message = reserve
		version := wire.Version
		var files []int
		switch what {
		case "reserve":
			reserve.Scope = emptyScope
		case "reserve-other-scope":
		case "reserve-other-pid":
			reserve.PIDNamespace++
		case "reserve-other-user":
			reserve.UserNamespace++
		case "reserve-later":
			version++
		case "reserve-earlier":
			version--
		case "attach-nothing":
			m, files = &wire.Attach{PID: uint64(os.Getpid()), TID: uint64(os.Getpid())}, []int{0, 2}
		case "attach-bare":
			m = &wire.Attach{PID: uint64(os.Getpid()), TID: uint64(os.Getpid())}
		case "attach-init":
			m, files = &wire.Attach{PID: 1, TID: 1}, []int{0, 2}
		case "signal":
			m = &wire.Signal{Number: 9}
		}
		b, err := wire.Marshal(m)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		binary.LittleEndian.PutUint16(b[4:], uint16(version))
		if what == "nonsense" {
			b = []byte("nonsense")
		}
		var oob []byte
		if files != nil {
			oob = unix.UnixRights(files...)
		}
		if err := unix.Sendmsg(conn.FD(), b, oob, nil, unix.MSG_NOSIGNAL); err != nil {
			fmt.Println("send:", err)
			return 1
		}
		answer, _, err := conn.Receive()
		switch answer := answer.(type) {
		case *wire.Refused:
			fmt.Printf("refused: %s: %s (%s)\n", answer.What, answer.Why, answer.Hint)
		case nil:
			if errors.Is(err, io.EOF) {
				err = errors.New("hung up")
			}
			fmt.Println(err)
		default:
			fmt.Printf("%T\n", answer)
		}
	}
	return 0
}

// falseDaemon listens in the place of a daemon, with its lock, and answers whatever comes by a message of a later version.
func falseDaemon(args []string) int {
	lock, err := os.OpenFile(filepath.Join(args[0], "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX)
	}
	var fd int
	if err == nil {
		fd, err = wire.Listen(args[0])
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("ready")
	for {
		conn, err := wire.Accept(fd)
		if err != nil {
			return 1
		}
		m, _, err := conn.Receive()
		if err != nil {
			return 1
		}
		b, _ := wire.Marshal(&wire.Reserved{PID: uint64(os.Getpid())})
		if m.Type() == wire.TypeStop {
			b, _ = wire.Marshal(&wire.Stopping{})
		}
		binary.LittleEndian.PutUint16(b[4:], wire.Version+1)
		if err := unix.Sendmsg(conn.FD(), b, nil, nil, 0); err != nil {
			return 1
		}
		conn.Close()
		if m.Type() == wire.TypeStop {
			_ = wire.Unlisten(args[0])
			return 0
		}
	}
}

// emptyScope is that of a state without include and ignore: the sum of what separates the two lists.
var emptyScope = func() string {
	sum := sha256.Sum256([]byte("\x00\x00"))
	return string(sum[:])
}()

// frng-8, ps-13: what a client may say, and what it is answered while the daemon has something to do.
func TestClient(t *testing.T) {
	p := newPlace(t, "FEIGN_BIN")
	holder := p.run(": >ready; while ! [ -e done ]; do sleep 0.01; done")
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	awaitFile(t, p.dir+"/ready")
	for _, tt := range []struct{ say, want string }{
		{"reserve", "*wire.Reserved"},
		{"reserve attach-bare", "*wire.Reserved\nrefused: the daemon: *wire.Attach with 0 descriptors does not come after Reserve ()"},
		{"reserve attach-nothing", "*wire.Reserved\nrefused: the daemon: what it says of the action cannot be read: a file of "},
		{"reserve signal", "*wire.Reserved\nrefused: the daemon: *wire.Signal with 0 descriptors does not come after Reserve ()"},
		{"signal", "refused: the daemon: *wire.Signal is no beginning ()"},
		{"nonsense", "refused: the daemon: not a message of feign's ()"},
		{"reserve-other-pid", "refused: : its daemon (process "},
		{"reserve-other-user", "in another user namespace (container, sandbox), and cannot trace this process (feign state stop it there, or name another state)"},
		{"reserve-later", "its daemon is another version of feign: it speaks version 2 of the protocol, and this is version 1 (wait for the end of its actions; feign state stop ends them)"},
		{"reserve-earlier", "it speaks version 0 of the protocol, and this is version 1"},
		{"reserve-other-scope", "its daemon keeps the lies about other paths (include and ignore) (wait for the end of its 1 actions, or use the same lists)"},
	} {
		out := p.output(p.peer("client", append([]string{"state"}, strings.Fields(tt.say)...)...))
		if !strings.Contains(out, tt.want) {
			t.Errorf("%s: %q, want %q", tt.say, out, tt.want)
		}
	}
	// A reservation alone is held as long as its client lives, and no longer.
	if err := os.WriteFile(p.dir+"/done", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := holder.Wait(); err != nil {
		t.Error(err)
	}
	p.awaitNoDaemon()
}

// Another user is refused, whoever that is: the directory keeps out all but root.
func TestOtherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to be another user")
	}
	p := newPlace(t, "FEIGN_BIN")
	holder := p.run(": >ready; while ! [ -e done ]; do sleep 0.01; done")
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	awaitFile(t, p.dir+"/ready")
	cmd := p.peer("client", "state", "reserve")
	cmd.SysProcAttr.Credential = nil
	want := fmt.Sprintf("refused: the daemon: belongs to user %d, and this is user 0", ordinary)
	if out := p.output(cmd); !strings.HasPrefix(out, want) {
		t.Errorf("%q, want %q", out, want)
	}
	cmd = p.run("true")
	cmd.SysProcAttr.Credential = nil
	out, err := watched(cmd)
	if err == nil || !strings.Contains(string(out), "belongs to another user") {
		t.Errorf("%q, %v", out, err)
	}
	os.WriteFile(p.dir+"/done", nil, 0o644)
	if err := holder.Wait(); err != nil {
		t.Error(err)
	}
}

// ps-13: a daemon of a later version is told apart in one line, and can be ended.
func TestLaterDaemon(t *testing.T) {
	p := newPlace(t, "FEIGN_BIN")
	p.output(p.run("true"))
	p.output(p.command("state", "stop", "state"))
	daemon := p.peer("daemon", "state")
	stdout, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	defer daemon.Process.Kill()
	ready := make([]byte, 6)
	if _, err := io.ReadFull(stdout, ready); err != nil || string(ready) != "ready\n" {
		t.Fatalf("%q, %v", ready, err)
	}
	out, err := watched(p.run("true"))
	const want = "its daemon is another version of feign: it speaks version 2 of the protocol, and this is version 1 (feign state stop ends it)\n"
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 125 || !strings.HasSuffix(string(out), want) || strings.Count(string(out), "\n") != 1 {
		t.Errorf("%q, %v", out, err)
	}
	if out := p.output(p.command("state", "stop", "state")); !strings.Contains(out, "the daemon has ended") {
		t.Errorf("%q", out)
	}
	p.output(p.run("true"))
}

// A daemon in another pid or user namespace than an invocation, on either side, cannot trace it. That is told in one line, and nothing runs.
func TestOtherNamespace(t *testing.T) {
	for _, tt := range []struct {
		name    string
		unshare []string // the words before the command
		which   string
	}{
		{"user", []string{"unshare", "-U"}, "user"},
		{"user, as root", []string{"unshare", "-U", "-r"}, "user"},
		{"pid", []string{"unshare", "-U", "-r", "-p", "-f", "--mount-proc"}, "pid"},
		{"pid, with the outer /proc", []string{"unshare", "-U", "-r", "-p", "-f"}, "pid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlace(t, "FEIGN_BIN")
			if out, err := p.as(exec.Command(tt.unshare[0], append(tt.unshare[1:], "true")...)).CombinedOutput(); err != nil {
				t.Skipf("this machine does not let a user make namespaces: %s", out)
			}
			within := func(cmd *exec.Cmd) *exec.Cmd {
				cmd.Args = append(append([]string{}, tt.unshare...), cmd.Args...)
				path, err := exec.LookPath(tt.unshare[0])
				if err != nil {
					t.Fatal(err)
				}
				cmd.Path = path
				return cmd
			}
			same := func(cmd *exec.Cmd) *exec.Cmd { return cmd }
			for _, side := range []struct {
				name          string
				first, second func(*exec.Cmd) *exec.Cmd
			}{{"the daemon is outside", same, within}, {"the daemon is inside", within, same}} {
				holder := side.first(p.run("rm -f done; : >ready; while ! [ -e done ]; do sleep 0.01; done"))
				holder.Stderr = os.Stderr // why it does not begin
				if err := holder.Start(); err != nil {
					t.Fatal(err)
				}
				awaitFile(t, p.dir+"/ready")
				out, err := watched(side.second(p.run(": >ran")))
				var exit *exec.ExitError
				want := fmt.Sprintf("is in another %s namespace (container, sandbox), and cannot trace this process (feign state stop it there, or name another state)\n", tt.which)
				if !errors.As(err, &exit) || exit.ExitCode() != 125 || !strings.HasSuffix(string(out), want) ||
					!strings.HasPrefix(string(out), "feign: state ") || strings.Count(string(out), "\n") != 1 {
					t.Errorf("%s: %q, %v; want the end %q", side.name, out, err, want)
				}
				if _, err := os.Stat(p.dir + "/ran"); err == nil {
					t.Errorf("%s: it ran", side.name)
				}
				os.WriteFile(p.dir+"/done", nil, 0o644)
				if err := holder.Wait(); err != nil {
					t.Errorf("%s: %v", side.name, err)
				}
				// A pid namespace takes its daemon with it. One that leaves by itself would refuse the next holder.
				if tt.which == "user" || side.name == "the daemon is outside" {
					p.awaitNoDaemon()
				}
				os.Remove(p.dir + "/ready")
			}
			if out := p.output(p.run("echo ran")); !strings.HasSuffix(out, "ran\n") {
				t.Errorf("%q", out)
			}
		})
	}
}
