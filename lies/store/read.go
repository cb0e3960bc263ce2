package store

import (
	"context"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/internal/sqlite"
)

// typeMask are the S_IFMT bits of a mode.
const typeMask = 0o170000

// nanoseconds is how a time is kept; see the schema.
func nanoseconds(t lies.Timespec) int64 { return t.Sec*1e9 + int64(t.Nsec) }

func timespec(n int64) lies.Timespec {
	sec, nsec := n/1e9, n%1e9
	if nsec < 0 {
		sec, nsec = sec-1, nsec+1e9
	}
	return lies.Timespec{Sec: sec, Nsec: uint32(nsec)}
}

// each calls do for every lie until it returns false. order is SQL, "" being the order of device and inode number.
func (d *database) each(ctx context.Context, order string, do func(lies.Lie) bool) error {
	xattrs, err := d.xattrs(ctx)
	if err != nil {
		return d.fail(err)
	}
	return d.fail(d.query(ctx, "SELECT * FROM files "+order, nil, func(s *sqlite.Stmt) bool {
		r := rowOf(s)
		lie := r.lie()
		if len(xattrs) > 0 {
			lie.Xattrs = xattrs[lie.Key]
		}
		return do(lie)
	}))
}

// lieRow is a record of the table files.
type lieRow struct {
	dev, ino, typ, btime, ctime int64
	path                        string
	uid, gid, mode, node, rdev  nullInt
	generation                  int64
}

// A nullInt is a number or NULL.
type nullInt struct {
	value int64
	valid bool
}

func rowOf(s *sqlite.Stmt) lieRow {
	null := func(i int) nullInt {
		if s.ColumnIsNull(i) {
			return nullInt{}
		}
		return nullInt{s.ColumnInt(i), true}
	}
	return lieRow{
		s.ColumnInt(0), s.ColumnInt(1), s.ColumnInt(2), s.ColumnInt(3), s.ColumnInt(4), s.ColumnText(5),
		null(6), null(7), null(8), null(9), null(10), s.ColumnInt(11),
	}
}

func (r *lieRow) lie() lies.Lie {
	l := lies.Lie{
		Key: lies.Key{Dev: uint64(r.dev), Ino: uint64(r.ino)},
		Identity: lies.Identity{
			Type: uint32(r.typ), Btime: timespec(r.btime), Ctime: timespec(r.ctime),
			Generation: uint32(r.generation), NoBtime: r.generation != 0,
		},
		Path: r.path,
	}
	if r.uid.valid {
		l.Has, l.UID = l.Has|lies.HasUID, uint32(r.uid.value)
	}
	if r.gid.valid {
		l.Has, l.GID = l.Has|lies.HasGID, uint32(r.gid.value)
	}
	if r.mode.valid {
		l.SetMode(uint32(r.mode.value))
	}
	if r.node.valid {
		l.SetType(uint32(r.node.value), uint64(r.rdev.value))
	}
	return l
}

// xattrs reads the attributes of all files: few have any.
func (d *database) xattrs(ctx context.Context) (map[lies.Key][]lies.Xattr, error) {
	out := map[lies.Key][]lies.Xattr{}
	err := d.query(ctx, "SELECT * FROM xattrs ORDER BY dev, ino, name", nil, func(s *sqlite.Stmt) bool {
		key := lies.Key{Dev: uint64(s.ColumnInt(0)), Ino: uint64(s.ColumnInt(1))}
		out[key] = append(out[key], lies.Xattr{Name: s.ColumnText(2), Value: s.ColumnBlob(3), Hidden: s.ColumnInt(4) != 0})
		return true
	})
	return out, err
}
