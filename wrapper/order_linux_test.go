package wrapper

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/wrapper/guest"
)

func someOrder() *order {
	return &order{
		Argv: []string{"sh", "\xff\x00"}, Caller: guest.Caller{UID: 1500, GID: 7, Groups: []uint32{8}},
		Identity: Identity{UID: 1, GID: 2, Groups: []uint32{3}, Unknown: UnknownReal}, Hostname: "builder", Network: NetworkDeny,
		Refuse: []string{"bpf"}, Strict: true, Outranked: true, ChownRefused: true, Linger: LingerKill,
		Rlimits: map[string]Limit{"nofile": 64}, Verbose: true, JSON: true,
		Lies: []lies.Lie{{Key: lies.Key{Dev: 1, Ino: 1 << 63}, Path: "/a\xfe", Claim: lies.Claim{Has: lies.HasUID, UID: 7,
			Xattrs: []lies.Xattr{{Name: "user.a", Value: []byte{0}}}}}},
	}
}

// What a daemon is told arrives as it is, whatever bytes paths and names are of.
func TestOrder(t *testing.T) {
	want := someOrder()
	file, err := sendable(want)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got := &order{}
	if err := receiveInto(got, file); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	config, err := got.config()
	if err != nil || config.Network != guest.NetworkDeny || !config.UnknownReal || len(config.Refuse) != 1 || config.Caller.GID != 7 {
		t.Errorf("%+v, %v", config, err)
	}
}

// What is no file of that kind is refused, not read to an end that it may not have.
func TestOrderHostile(t *testing.T) {
	zero, err := os.Open("/dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer zero.Close()
	if err := receiveInto(&order{}, zero); err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Error(err)
	}
	huge, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer huge.Close()
	if err := huge.Truncate(maxOrder + 1); err != nil {
		t.Skip(err)
	}
	if err := receiveInto(&order{}, huge); err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Error(err)
	}
}

// FuzzOrder reads what may come in the place of an order. What can be read can be written and is the same again.
func FuzzOrder(f *testing.F) {
	for _, o := range []*order{{}, someOrder()} {
		file, err := sendable(o)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(readAt(f, file))
		file.Close()
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		first, second := &order{}, &order{}
		if decode(first, bytes.NewReader(b)) != nil {
			return
		}
		_, _ = first.config()
		file, err := sendable(first)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := receiveInto(second, file); err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%+v, %v, then %+v", first, err, second)
		}
	})
}

func readAt(f *testing.F, file *os.File) []byte {
	info, err := file.Stat()
	if err != nil {
		f.Fatal(err)
	}
	b := make([]byte, info.Size())
	if _, err := file.ReadAt(b, 0); err != nil {
		f.Fatal(err)
	}
	return b
}
