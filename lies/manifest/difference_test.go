package manifest

import (
	"slices"
	"testing"
	"time"
)

func TestDiff(t *testing.T) {
	tests := []struct {
		name   string
		change func(m *Manifest)
		want   []string
	}{
		{"nothing", func(*Manifest) {}, nil},
		{"every field", func(m *Manifest) {
			e := m.Lookup("l1")
			other := m.Lookup("l2")
			e.Mode, e.UID, e.GID, e.Uname, e.Gname = 0o4644, 1, 2, "u", "g"
			e.Size, e.Time, e.Digest[0] = 6, time.Unix(9, 9), 0xab
			e.Nlink, e.Group, other.Nlink, other.Group = 1, 0, 1, 0
		}, []string{
			"l1: mode: want 0644, found 4644", "l1: uid: want 0, found 1", "l1: gid: want 0, found 2",
			"l1: uname: want none, found u", "l1: gname: want none, found g", "l1: size: want 5, found 6",
			"l1: time: want 1.000000002, found 9.000000009",
			"l1: sha256digest: want aa000000000000000000000000000000000000000000000000000000000000bb, found ab000000000000000000000000000000000000000000000000000000000000bb",
			"l1: links: want l1, found none", "l2: links: want l1, found none",
		}},
		{"type and target", func(m *Manifest) {
			m.Lookup("sym").Link = "y z"
			m.Lookup("chr").Minor = 4
			e := m.Lookup("blk")
			*e = Entry{Path: e.Path, Type: TypeDir, Mode: e.Mode, Time: e.Time}
		}, []string{
			"blk: type: want block, found dir", "blk: device: want native,8,524288, found none",
			"chr: device: want native,1,3, found native,1,4", `sym: link: want ../x\040y, found y\040z`,
		}},
		{"paths", func(m *Manifest) {
			m.Entries = slices.DeleteFunc(m.Entries, func(e Entry) bool { return e.Path == "a b/\xff\n" })
			m.Entries = append(m.Entries, Entry{Path: "zz", Type: TypeFile})
		}, []string{`"a b/\xff\n": missing (socket)`, "zz: not in the manifest (file)"}},
		{"xattrs", func(m *Manifest) {
			m.Lookup("l2").Xattrs = []Xattr{{"security.capability", []byte("\x01")}, {"user.a=b", nil}}
		}, []string{
			"l2: xattr.security.capability: want AQAAAg==, found AQ==",
			`l2: xattr.user.a\075b: want none, found ""`, `l2: xattr.user.empty: want "", found none`,
		}},
		{"header", func(m *Manifest) { m.Header = []Field{{"a", "1"}, {"ruleset", "2"}, {"z", "3"}} },
			[]string{"header: a: want none, found 1", "header: ruleset: want sha256:12 34, found 2", "header: z: want none, found 3"}},
		{"group numbers", func(m *Manifest) { // of another group before: the old one has the same paths still
			more := []Entry{{Path: "-0", Type: TypeFile, Nlink: 2, Group: 1}, {Path: "-1", Type: TypeFile, Nlink: 2, Group: 1}}
			m.Entries = slices.Insert(m.Entries, 1, more...)
			m.Lookup("l1").Group, m.Lookup("l2").Group = 2, 2
		}, []string{"-0: not in the manifest (file)", "-1: not in the manifest (file)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changed := sample()
			tt.change(changed)
			var got []string
			for _, d := range Diff(sample(), changed) {
				got = append(got, d.String())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if back := Diff(changed, sample()); len(back) != len(got) {
				t.Errorf("%d differences in the other direction, want %d", len(back), len(got))
			}
		})
	}
}
