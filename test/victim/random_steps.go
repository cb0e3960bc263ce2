//go:build linux

package main

// A step kind, and how often it is chosen.
type stepKind struct {
	weight int
	make   func(w *walker, d *dice)
}

var stepKinds []stepKind

func init() {
	stepKinds = []stepKind{
		{10, stepOpen}, {5, stepKeep}, {3, stepWrite}, {2, stepCreat}, {2, stepTruncate},
		{7, stepMkdir}, {5, stepMknod}, {3, stepSymlink}, {6, stepLink},
		{3, stepUnlink}, {2, stepRmdir}, {7, stepRename},
		{10, stepChmod}, {10, stepChown}, {3, stepUmask}, {3, stepTimes},
		{7, stepSetxattr}, {3, stepRemovexattr}, {4, stepGetxattr}, {2, stepListxattr}, {5, stepACL},
		{8, stepStat}, {6, stepAccess}, {3, stepList}, {2, stepReadlink},
		{4, stepChdir}, {6, stepKept},
		{9, stepCred}, {4, stepCaps}, {2, stepChild}, {1, stepExec},
	}
}

func (w *walker) step(d *dice) {
	total := 0
	for _, k := range stepKinds {
		total += k.weight
	}
	n := d.below(total)
	for _, k := range stepKinds {
		if n -= k.weight; n < 0 {
			k.make(w, d)
			return
		}
	}
}
