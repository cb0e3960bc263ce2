package lies

import (
	"testing"
	"time"
)

func TestIdentity(t *testing.T) { // ps-9
	at := func(sec int64) Timespec { return Timespec{Sec: sec} }
	const dir, file = 0o040000, 0o100000
	tests := []struct {
		name          string
		recorded, now Identity
		outcome       Outcome
		reason        Reason
	}{
		{"untouched", Identity{Type: file, Btime: at(5), Ctime: at(6)}, Identity{Type: file, Ctime: at(6)}, Found, 0},
		{"untouched, mode bits ignored", Identity{Type: file, Ctime: at(6)}, Identity{Type: file | 0o644, Ctime: at(6)}, Found, 0},
		{"touched", Identity{Type: file, Btime: at(5), Ctime: at(6)}, Identity{Type: file, Ctime: at(7)}, NeedsBtime, 0},
		{"touched, same birth", Identity{Type: file, Btime: at(5), Ctime: at(6)}, Identity{Type: file, Ctime: at(7), Btime: at(5)}, Found, 0},
		{"touched, other birth", Identity{Type: file, Btime: at(5), Ctime: at(6)}, Identity{Type: file, Ctime: at(7), Btime: at(7)}, Dropped, OtherBirth},
		{"same ctime, other birth", Identity{Type: file, Btime: at(5), Ctime: at(6)}, Identity{Type: file, Ctime: at(6), Btime: at(6)}, Dropped, OtherBirth},
		{"nanosecond", Identity{Type: file, Btime: Timespec{5, 1}, Ctime: at(6)}, Identity{Type: file, Ctime: at(7), Btime: Timespec{5, 2}}, Dropped, OtherBirth},
		{"other type", Identity{Type: file, Ctime: at(6)}, Identity{Type: dir, Ctime: at(6)}, Dropped, OtherType},
		{"nothing known", Identity{Type: file}, Identity{Type: file}, NeedsBtime, 0},
		{"no birth times", Identity{Type: file, Ctime: at(6)}, Identity{Type: file, Ctime: at(7), NoBtime: true}, Found, 0},
		{"no birth times any more", Identity{Type: file, Btime: at(5), Ctime: at(6)}, Identity{Type: file, Ctime: at(7), NoBtime: true}, Dropped, OtherBirth},
		{"birth learnt later", Identity{Type: file, Ctime: at(6)}, Identity{Type: file, Ctime: at(7), Btime: at(5)}, Found, 0},
		{"born after recording", Identity{Type: file, Ctime: at(6)}, Identity{Type: file, Ctime: at(7), Btime: at(7)}, Dropped, TooYoung},
		{"same generation", Identity{Type: file, Generation: 7}, Identity{Type: file, Ctime: at(7), NoBtime: true, Generation: 7}, Found, 0},
		{"other generation", Identity{Type: file, Generation: 7}, Identity{Type: file, Ctime: at(7), NoBtime: true, Generation: 8}, Dropped, OtherGeneration},
		{"other generation, same ctime", Identity{Type: file, Ctime: at(6), Generation: 7}, Identity{Type: file, Ctime: at(6), NoBtime: true, Generation: 8}, Dropped, OtherGeneration},
		{"generation, not looked at", Identity{Type: file, Ctime: at(6), Generation: 7}, Identity{Type: file, Ctime: at(7)}, NeedsBtime, 0},
		{"generation, untouched", Identity{Type: file, Ctime: at(6), Generation: 7}, Identity{Type: file, Ctime: at(6)}, Found, 0},
		{"generation, birth learnt later", Identity{Type: file, Ctime: at(6), Generation: 7}, Identity{Type: file, Ctime: at(7), Btime: at(5)}, Found, 0},
		{"generation, born after recording", Identity{Type: file, Ctime: at(6), Generation: 7}, Identity{Type: file, Ctime: at(7), Btime: at(7)}, Dropped, TooYoung},
		{"before 1970", Identity{Type: file, Btime: at(-5), Ctime: at(6)}, Identity{Type: file, Ctime: at(7), Btime: at(-5)}, Found, 0},
	}
	key := Key{0x801, 42}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got Mismatch
			ix := New(Options{OnMismatch: func(m Mismatch) { got = m }})
			l := Lie{Key: key, Identity: tt.recorded, Path: "/was"}
			l.SetOwner(7, 7)
			ix.Set(l)
			c, outcome := ix.Lookup(key, tt.now, metPath("/is"))
			if outcome != tt.outcome || got.Reason != tt.reason {
				t.Fatalf("outcome %d, reason %d; want %d, %d", outcome, got.Reason, tt.outcome, tt.reason)
			}
			if (outcome == Found) != (c.UID == 7) {
				t.Errorf("outcome %d with claim %+v", outcome, c)
			}
			if outcome == Dropped && (ix.Len() != 0 || got.Recorded != "/was" || got.Met != "/is" || got.Claim.UID != 7) {
				t.Errorf("%d lies left, reported %+v", ix.Len(), got)
			}
			if outcome == Found && !tt.now.Ctime.IsZero() {
				again := tt.now
				again.Btime, again.NoBtime, again.Generation = Timespec{}, false, 0
				if _, outcome := ix.Lookup(key, again, nil); outcome != Found {
					t.Errorf("the second lookup without a birth time gives %d: the ctime was not remembered", outcome)
				}
			}
		})
	}
}

// A ctime that may still be that of the next file with the inode number does not stand for a generation.
func TestYoungCtime(t *testing.T) {
	now := Identity{Type: regular, Ctime: Timespec{Sec: time.Now().Unix()}}
	l := Lie{Key: Key{1, 2}, Identity: now}
	l.Generation = 7
	l.SetOwner(7, 7)
	ix := New(Options{})
	ix.Set(l)
	if _, out := ix.Lookup(l.Key, now, nil); out != NeedsBtime {
		t.Errorf("outcome %d", out)
	}
	now.NoBtime, now.Generation = true, 8
	if _, out := ix.Lookup(l.Key, now, nil); out != Dropped {
		t.Errorf("outcome %d", out)
	}
}

func TestUpdateOfAnotherFile(t *testing.T) {
	var got Mismatch
	ix := New(Options{OnMismatch: func(m Mismatch) { got = m }})
	key := Key{1, 2}
	ix.Update(key, born(1, 1), "/old", func(c *Claim) { c.SetOwner(5, 5); c.SetXattr("user.a", nil) })
	touched := Identity{Type: regular, Ctime: Timespec{Sec: 9}}
	if out := ix.Update(key, touched, "", func(*Claim) { t.Error("edit was called") }); out != NeedsBtime {
		t.Errorf("outcome %d, want NeedsBtime", out)
	}
	out := ix.Update(key, born(9, 9), "/new", func(c *Claim) {
		if !c.Empty() {
			t.Errorf("claim inherited: %+v", c)
		}
		c.SetMode(0o4755)
	})
	if out != Dropped || got.Recorded != "/old" || got.Met != "/new" {
		t.Errorf("outcome %d, reported %v", out, got)
	}
	l, ok := ix.Get(key)
	if !ok || l.Path != "/new" || l.Has != HasMode || l.Xattrs != nil {
		t.Errorf("now %+v, %t", l, ok)
	}
}

func TestMismatchMessage(t *testing.T) { // ps-5
	tests := []struct {
		m    Mismatch
		want string
	}{
		{Mismatch{Key: Key{Makedev(8, 1), 42}, Reason: OtherType, Recorded: "/a b", Met: "/c",
			Was: Identity{Type: 0o100000}, Is: Identity{Type: 0o040755}},
			`lie about "/a b" dropped: its inode (device 8:1, inode 42) is now another file, met at "/c": type was file, is directory ` +
				`(remove and replace files within the action, so that their lies go with them)`},
		{Mismatch{Key: Key{Makedev(259, 70000), 1}, Reason: OtherBirth,
			Was: Identity{Btime: Timespec{1, 5}}, Is: Identity{}},
			`lie about an unknown path dropped: its inode (device 259:70000, inode 1) is now another file, met at an unknown path: ` +
				`born unknown, recorded 1970-01-01T00:00:01.000000005Z (remove and replace files within the action, so that their lies go with them)`},
		{Mismatch{Key: Key{1, 1}, Reason: TooYoung, Recorded: "/x", Met: "/y",
			Was: Identity{Ctime: Timespec{1, 0}}, Is: Identity{Btime: Timespec{2, 0}}},
			`lie about "/x" dropped: its inode (device 0:1, inode 1) is now another file, met at "/y": ` +
				`born 1970-01-01T00:00:02Z, after the lie was recorded (1970-01-01T00:00:01Z) (remove and replace files within the action, so that their lies go with them)`},
		{Mismatch{Key: Key{1, 1}, Reason: OtherGeneration, Recorded: "/x", Met: "/y", Was: Identity{Generation: 7}, Is: Identity{Generation: 9}},
			`lie about "/x" dropped: its inode (device 0:1, inode 1) is now another file, met at "/y": ` +
				`generation 9 of the inode, recorded 7 (remove and replace files within the action, so that their lies go with them)`},
	}
	for _, tt := range tests {
		if got := tt.m.String(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestDeviceNumbers(t *testing.T) {
	for _, d := range [][2]uint32{{0, 0}, {1, 3}, {8, 17}, {259, 70000}, {4095, 1<<20 - 1}, {1<<32 - 1, 1<<32 - 1}} {
		dev := Makedev(d[0], d[1])
		if Major(dev) != d[0] || Minor(dev) != d[1] {
			t.Errorf("%d:%d becomes %#x, %d:%d", d[0], d[1], dev, Major(dev), Minor(dev))
		}
	}
	if dev := Makedev(8, 1); dev != 0x801 {
		t.Errorf("8:1 is %#x, want 0x801", dev)
	}
}
