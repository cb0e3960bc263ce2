package archive

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// text is n bytes that compress, but not to nothing.
func text(n int) []byte {
	words := []string{"if ", "else ", "return ", "struct ", "0x5f3759df ", "\n", strings.Repeat("=", 3000)}
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 0, n+5000)
	for len(b) < n {
		b = append(b, words[r.IntN(len(words))]...)
		b = append(b, byte('a'+r.IntN(26)))
	}
	return b[:n]
}

// zstdOf compresses, in writes of some size.
func zstdOf(t *testing.T, plain []byte, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := compressZstd(&b, 0)
	must(t, err)
	for len(plain) > 0 {
		n := min(size, len(plain))
		_, err := z.Write(plain[:n])
		must(t, err)
		plain = plain[n:]
	}
	must(t, z.Close())
	return b.Bytes()
}

// frames counts them: what each is decompressed to must end where it was cut.
func frames(t *testing.T, packed []byte) int {
	t.Helper()
	magic := []byte{0x28, 0xb5, 0x2f, 0xfd} // RFC 8878, 3.1.1
	n := 0
	for len(packed) > 0 {
		end := len(packed)
		for from := 4; ; {
			i := bytes.Index(packed[from:], magic)
			if i < 0 {
				break
			}
			// By chance the magic number may stand in a frame, which is then not whole.
			if from += i; isFrame(packed[:from]) {
				end = from
				break
			}
			from++
		}
		if !isFrame(packed[:end]) {
			t.Fatalf("frame %d is damaged", n)
		}
		packed = packed[end:]
		n++
	}
	return n
}

func isFrame(b []byte) bool {
	r, err := zstd.NewReader(bytes.NewReader(b), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return false
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err == nil
}

// The bytes depend neither on the number of processors nor on the size of the writes.
func TestZstdSameBytes(t *testing.T) {
	plain := text(2*zstdFrame + 12345)
	for _, c := range []struct{ size, frames int }{
		{0, 0}, {1, 1}, {1000, 1}, {zstdFrame, 1}, {zstdFrame + 1, 2}, {len(plain), 3},
	} {
		want := zstdOf(t, plain[:c.size], bufferSize)
		if got := frames(t, want); got != c.frames {
			t.Errorf("%d bytes: %d frames, want %d", c.size, got, c.frames)
		}
		r, err := decompressZstd(bytes.NewReader(want))
		must(t, err)
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain[:c.size]) {
			t.Errorf("%d bytes: %d read back, %v", c.size, len(got), err)
		}
		r.Close()
		for _, procs := range []int{1, 3} {
			if testing.Short() && procs == 1 {
				continue // nothing that could race
			}
			old := runtime.GOMAXPROCS(procs)
			got := zstdOf(t, plain[:c.size], 4999)
			runtime.GOMAXPROCS(old)
			if !bytes.Equal(got, want) {
				t.Errorf("%d bytes, %d processors: other bytes", c.size, procs)
			}
		}
	}
}

// A frame says how long its content is, so that decompressors can make room, and is what the encoder makes of that at once.
func TestZstdFrame(t *testing.T) {
	plain := text(zstdFrame)
	if testing.Short() {
		t.Skip("is about bytes, which another test compares across processors")
	}
	packed := zstdOf(t, plain, 100_000)
	var h zstd.Header
	must(t, h.Decode(packed))
	if !h.HasFCS || h.FrameContentSize != zstdFrame || !h.HasCheckSum {
		t.Errorf("header %+v", h)
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(3)), zstd.WithWindowSize(zstdWindow), zstd.WithEncoderCRC(true))
	must(t, err)
	if !bytes.Equal(packed, z.EncodeAll(plain, nil)) {
		t.Error("other bytes than those of one encoder")
	}
}

func TestZstdError(t *testing.T) {
	full := errors.New("full")
	z, err := compressZstd(&failAfter{100, full}, 0)
	must(t, err)
	plain := text(zstdFrame)
	for range 20 {
		if _, err = z.Write(plain); err != nil {
			break
		}
	}
	if !errors.Is(err, full) {
		t.Errorf("written without end: %v", err)
	}
	if err := z.Close(); !errors.Is(err, full) {
		t.Errorf("closed: %v", err)
	}
}
