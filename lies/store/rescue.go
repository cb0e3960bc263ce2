package store

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store/internal/pages"
)

// rescue makes the database fresh of the pages of a damaged one that can be understood, whatever leads to them, and returns how
// many records that is. The damaged one is only read.
func (k *kind) rescue(path, fresh string) (n int, err error) {
	damaged, err := pages.Open(path)
	if err != nil {
		return 0, err
	}
	defer damaged.Close()
	err = k.createAt(fresh, func(d *database) error {
		if k == logKind {
			n, err = rescueEvents(damaged, d)
		} else {
			n, err = rescueLies(damaged, d)
		}
		return err
	})
	return n, err
}

func rescueLies(damaged *pages.File, fresh *database) (int, error) {
	found := map[lies.Key]*lies.Lie{}
	xattrs := map[lies.Key][]lies.Xattr{}
	damaged.EachRow(func(r pages.Row) {
		if r.Table {
			return
		}
		if l, ok := lieOf(r.Values); ok {
			found[l.Key] = &l
		} else if key, x, ok := xattrOf(r.Values); ok {
			xattrs[key] = append(xattrs[key], x)
		}
	})
	for key, list := range xattrs {
		if l := found[key]; l != nil {
			slices.SortFunc(list, func(a, b lies.Xattr) int { return cmp.Compare(a.Name, b.Name) })
			l.Xattrs = slices.CompactFunc(list, func(a, b lies.Xattr) bool { return a.Name == b.Name })
		}
	}
	var f files
	if err := f.open(fresh); err != nil {
		return 0, err
	}
	for _, l := range found {
		f.put(l, false)
	}
	return len(found), f.commit()
}

func rescueEvents(damaged *pages.File, fresh *database) (int, error) {
	var l events
	if err := l.open(fresh); err != nil {
		return 0, err
	}
	damaged.EachRow(func(r pages.Row) {
		if e, ok := eventOf(&r); ok {
			l.pending = append(l.pending, e)
		}
		l.pending = append(l.pending, runOf(&r)...)
	})
	slices.SortStableFunc(l.pending, func(a, b Event) int { return cmp.Compare(a.ID, b.ID) })
	n := len(l.pending)
	return n, l.commit()
}

// lieOf is what a record of the table files says, of any version.
func lieOf(values []any) (lies.Lie, bool) {
	var n [12]nullInt
	if len(values) != 11 && len(values) != 12 {
		return lies.Lie{}, false
	}
	for i, v := range values {
		n[i].value, n[i].valid = v.(int64)
		if i != 5 && !n[i].valid && (i < 5 || v != nil) {
			return lies.Lie{}, false
		}
	}
	path, ok := values[5].(string)
	l := lieRow{
		dev: n[0].value, ino: n[1].value, typ: n[2].value, btime: n[3].value, ctime: n[4].value, path: path,
		uid: n[6], gid: n[7], mode: n[8], node: n[9], rdev: n[10], generation: n[11].value,
	}
	return l.lie(), ok
}

// xattrOf is what a record of the table xattrs says.
func xattrOf(values []any) (key lies.Key, x lies.Xattr, ok bool) {
	if len(values) != 5 {
		return key, x, false
	}
	dev, ok1 := values[0].(int64)
	ino, ok2 := values[1].(int64)
	name, ok3 := values[2].(string)
	hidden, ok4 := values[4].(int64)
	x = lies.Xattr{Name: name, Hidden: hidden != 0}
	if data, ok := values[3].([]byte); ok {
		x.Value = bytes.Clone(data)
	}
	return lies.Key{Dev: uint64(dev), Ino: uint64(ino)}, x, ok1 && ok2 && ok3 && ok4
}

// runOf are the events of a record of the table runs.
func runOf(r *pages.Row) []Event {
	if !r.Table || len(r.Values) != 3 {
		return nil
	}
	text, ok := r.Values[2].(string)
	if !ok {
		return nil
	}
	run, err := parseRun(text)
	if err != nil {
		return nil
	}
	for i := range run {
		run[i].ID = r.ID - int64(len(run)-1-i)
	}
	return run
}

// eventOf is what a record of the table events of version 1 says.
func eventOf(r *pages.Row) (e Event, ok bool) {
	v := r.Values
	if !r.Table || len(v) != 9 {
		return e, false
	}
	var n [4]int64
	for i := 1; i < 4; i++ {
		if n[i], ok = v[i].(int64); !ok {
			return e, false
		}
	}
	var text [9]string
	for i := 4; i < 9; i++ {
		if text[i], ok = v[i].(string); !ok {
			return e, false
		}
	}
	return Event{
		ID: r.ID, Time: time.Unix(0, n[1]), Severity: Severity(n[2]), PID: int(n[3]),
		Program: text[4], Syscall: text[5], Path: text[6], Claim: text[7], Result: text[8],
	}, true
}
