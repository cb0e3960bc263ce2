package wire

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPair(t *testing.T) {
	a, b, err := Pair()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := a.Send(&Attach{PID: 1, TID: 2}, int(file.Fd()), 2); err != nil {
		t.Fatal(err)
	}
	m, files, err := b.Receive()
	if err != nil || !reflect.DeepEqual(m, &Attach{PID: 1, TID: 2}) || len(files) != 2 {
		t.Fatalf("%+v, %d files, %v", m, len(files), err)
	}
	want, _ := file.Stat()
	if got, err := files[0].Stat(); err != nil || !os.SameFile(got, want) {
		t.Errorf("another file came, %v", err)
	}
	CloseFiles(files)
	if pid, uid, err := b.Peer(); pid != os.Getpid() || uid != uint32(os.Getuid()) || err != nil {
		t.Errorf("%d, %d, %v", pid, uid, err)
	}
	a.Done()
	if _, _, err := b.Receive(); err != io.EOF {
		t.Error(err)
	}
	if err := b.Send(&Stop{}); err != nil {
		t.Error(err)
	}
	if m, _, err := a.Receive(); err != nil || m.Type() != TypeStop {
		t.Errorf("%+v, %v", m, err)
	}
	a.Close()
	if _, _, err := b.Receive(); err != io.EOF {
		t.Error(err)
	}
}

// More than a message may have is refused, and no descriptor stays open.
func TestReceiveHostile(t *testing.T) {
	a, b, err := Pair()
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	defer b.Close()
	open := func() int {
		list, _ := os.ReadDir("/proc/self/fd")
		return len(list)
	}
	before := open()
	for name, send := range map[string]func() error{
		"too long":             func() error { return unix.Sendmsg(a.fd, make([]byte, MaxSize+1), nil, nil, 0) },
		"too many descriptors": func() error { return a.Send(&Stop{}, 0, 0, 0, 0, 0, 0, 0, 0) },
		"another language":     func() error { return unix.Sendmsg(a.fd, []byte("hello"), unix.UnixRights(0, 0), nil, 0) },
	} {
		if err := send(); err != nil {
			t.Fatal(name, err)
		}
		if m, files, err := b.Receive(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: %+v, %d files, %v", name, m, len(files), err)
		}
	}
	if after := open(); after != before {
		t.Errorf("%d descriptors are open, %d were", after, before)
	}
}

// The path of a state may be longer than the address of a socket.
func TestListen(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), strings.Repeat("long/", 60))} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := Dial(dir); !Absent(err) {
			t.Errorf("before: %v", err)
		}
		for range 2 { // the second takes the place of what the first has left
			fd, err := Listen(dir)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Dial(dir)
			if err != nil {
				t.Fatal(err)
			}
			if pid, _, err := c.Peer(); pid != os.Getpid() || err != nil {
				t.Errorf("%d, %v", pid, err)
			}
			// One that is not accepted any more is hung up on.
			if err := c.Send(&Stop{}); err != nil {
				t.Error(err)
			}
			unix.Shutdown(fd, unix.SHUT_RDWR)
			if _, err := Dial(dir); !Absent(err) {
				t.Errorf("deaf: %v", err)
			}
			unix.Close(fd)
			if _, _, err := c.Receive(); err != io.EOF {
				t.Error(err)
			}
			c.Close()
			if _, err := Dial(dir); !Absent(err) {
				t.Errorf("after: %v", err)
			}
		}
		if err := Unlisten(dir); err != nil {
			t.Error(err)
		}
	}
}
