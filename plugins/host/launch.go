package host

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/feign-build/feign/plugins/transport"
)

// How long a process that is expected to have ended is waited for.
const (
	exitGrace = 2 * time.Second // a broken connection tells of it before wait(2) does
	endGrace  = time.Second
)

// maxSocketDir leaves room in the 108 bytes of sun_path, with its NUL, for names that plugins append.
const maxSocketDir = 70

// launch starts the program of a plugin and connects to it.
func (h *Host) launch(ctx context.Context, s Spec) (*remote, error) {
	fail := func(err error) error {
		var e *Error
		if errors.As(err, &e) {
			e.Plugin = s.Name
			return e
		}
		return &Error{Plugin: s.Name, Why: oneLine(err)}
	}
	program, err := seal(s.Path, s.SHA256)
	if err != nil {
		return nil, fail(err)
	}
	defer program.close()
	dir, err := h.socketDir()
	if err != nil {
		return nil, fail(err)
	}
	// The connection stays when the socket's name is gone: nothing is left behind, whatever ends feign.
	defer os.RemoveAll(dir)
	cert, err := transport.NewCertificate()
	if err != nil {
		return nil, fail(err)
	}
	ctx, cancel := context.WithTimeout(ctx, h.options.Start)
	defer cancel()
	p, err := h.spawn(s, program, transport.Environment(cert, dir))
	if err != nil {
		return nil, fail(err)
	}
	client, err := h.connect(ctx, p, cert)
	if err != nil {
		defer p.kill()
		switch ended, ok := p.ended(exitGrace); {
		case ok:
			return nil, &Error{Plugin: s.Name, Why: ended + " at its start", died: true}
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			return nil, &Error{Plugin: s.Name, Why: fmt.Sprintf("not ready within %v of its start", h.options.Start)}
		}
		return nil, fail(err)
	}
	return &remote{client, p}, nil
}

// connect reads where the plugin listens, and connects.
func (h *Host) connect(ctx context.Context, p *process, cert *transport.Certificate) (*transport.Client, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case first := <-p.first:
		if first.err != nil {
			return nil, first.err
		}
		shake, err := transport.ParseHandshake(first.line)
		if err != nil {
			return nil, &Error{Plugin: p.name, Why: err.Error(), Hint: "docs/PLUGINS.md tells how a plugin starts"}
		}
		client, err := transport.Dial(ctx, shake, cert)
		if err != nil {
			return nil, &Error{Plugin: p.name, Why: "cannot connect to it: " + oneLine(err)}
		}
		return client, nil
	}
}

// socketDir makes the directory for the plugin's socket: short, only for this user, and outside the action's tree.
func (h *Host) socketDir() (string, error) {
	var first error
	for _, base := range []string{os.TempDir(), os.Getenv("XDG_RUNTIME_DIR"), "/tmp", "/var/tmp", "/dev/shm"} {
		if !filepath.IsAbs(base) || len(base) > maxSocketDir-len("/feign-0123456789") || h.avoided(base) {
			continue
		}
		dir, err := os.MkdirTemp(base, "feign-")
		if err == nil {
			return dir, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = errors.New("no directory with a short name outside the action's tree")
	}
	return "", &Error{Why: "no place for its socket: " + oneLine(first), Hint: "set TMPDIR to a short path"}
}

func (h *Host) avoided(dir string) bool {
	for _, a := range h.options.Avoid {
		if a != "/" && below(a, dir) {
			return true
		}
	}
	return false
}

// A firstLine is what a plugin says first.
type firstLine struct {
	line string
	err  error
}

// readStdout passes the first line on, and reads the rest so that nobody who writes has to wait.
func readStdout(r io.ReadCloser, first chan<- firstLine) {
	defer r.Close()
	b := bufio.NewReaderSize(r, transport.MaxHandshake)
	line, err := b.ReadSlice('\n')
	switch {
	case err == nil:
		first <- firstLine{line: string(line)}
	case errors.Is(err, bufio.ErrBufferFull):
		first <- firstLine{err: errors.New("its first line has no end")}
	default:
		first <- firstLine{err: errors.New("it closed its standard output without a word")}
	}
	_, _ = io.Copy(io.Discard, b)
}

// lastWords keeps the end of what a plugin writes to standard error, for the message about its end.
type lastWords struct {
	mu   sync.Mutex
	line string
	done chan struct{}
}

func (w *lastWords) read(r io.ReadCloser, each func(line string)) {
	defer close(w.done)
	defer r.Close()
	b := bufio.NewReaderSize(r, 4<<10)
	for {
		line, _, err := b.ReadLine()
		if text := strings.TrimSpace(string(bytes.ToValidUTF8(line, []byte("?")))); text != "" {
			w.mu.Lock()
			w.line = text
			w.mu.Unlock()
			if each != nil {
				each(text)
			}
		}
		if err != nil {
			return
		}
	}
}

func (w *lastWords) last() string {
	select {
	case <-w.done:
	case <-time.After(exitGrace / 3): // a child of the plugin may hold the pipe
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.line) > 160 {
		return w.line[:157] + "..."
	}
	return w.line
}
