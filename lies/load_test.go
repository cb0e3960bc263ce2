package lies

import "testing"

// What is loaded is not told to the Observer; what replaces it is.
func TestLoad(t *testing.T) {
	var n notes
	ix := New(Options{Observer: &n})
	l := Lie{Key: Key{1, 2}, Identity: Identity{Type: typeDir, Btime: Timespec{Sec: 1}}, Path: "/a"}
	l.SetOwner(0, 42)
	ix.Load(l)
	if len(n.lines) != 0 {
		t.Errorf("the observer was told: %v", n.lines)
	}
	if got, ok := ix.Get(l.Key); !ok || got.GID != 42 || got.Path != "/a" {
		t.Errorf("%+v %v", got, ok)
	}
	ix.Set(l)
	if len(n.lines) != 1 {
		t.Errorf("%v", n.lines)
	}
}

func TestCompare(t *testing.T) {
	l := Lie{Identity: Identity{Type: 0o100644, Btime: Timespec{Sec: 5}, Ctime: Timespec{Sec: 6}}}
	for _, tt := range []struct {
		seen Identity
		want Reason
	}{
		{Identity{Type: 0o100600, Btime: Timespec{Sec: 5}, Ctime: Timespec{Sec: 9}}, 0},
		{Identity{Type: 0o100600, Ctime: Timespec{Sec: 6}}, 0},
		{Identity{Type: 0o040000, Btime: Timespec{Sec: 5}}, OtherType},
		{Identity{Type: 0o100600, Btime: Timespec{Sec: 7}, Ctime: Timespec{Sec: 6}}, OtherBirth},
		{Identity{Type: 0o100600, NoBtime: true}, OtherBirth},
	} {
		if got := l.Compare(tt.seen); got != tt.want {
			t.Errorf("%+v: %v", tt.seen, got)
		}
	}
	l.Btime = Timespec{}
	if got := l.Compare(Identity{Type: 0o100600, Btime: Timespec{Sec: 7}}); got != TooYoung {
		t.Errorf("%v", got)
	}
}
