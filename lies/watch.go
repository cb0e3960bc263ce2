package lies

import "slices"

// A watcher is told of every file about which something is claimed.
type watcher struct{ met func(Key, bool) }

// Watch calls f with the key of every lie that there is, and from now on with that of each lie that is made or loaded, before the
// call that makes it returns. attributes tells whether it claims anything about extended attributes. It may be called with a key more
// than once, by several goroutines at once, and with a lock held: it must not call the Index. After stop it is not called any more, nor
// is it still running.
func (ix *Index) Watch(f func(key Key, attributes bool)) (stop func()) {
	w := &watcher{f}
	ix.watch(func(list []*watcher) []*watcher { return append(list, w) })
	for l := range ix.All() {
		f(l.Key, len(l.Claim.Xattrs) > 0)
	}
	return func() {
		ix.watch(func(list []*watcher) []*watcher {
			return slices.DeleteFunc(list, func(o *watcher) bool { return o == w })
		})
		for i := range ix.shards { // f is called with one of these held
			ix.shards[i].mu.Lock()
			//lint:ignore SA2001 whoever had it has called f
			ix.shards[i].mu.Unlock()
		}
	}
}

// watch replaces the list of watchers, which is never changed in place.
func (ix *Index) watch(edit func([]*watcher) []*watcher) {
	for {
		old := ix.watchers.Load()
		var list []*watcher
		if old != nil {
			list = slices.Clone(*old)
		}
		if list = edit(list); ix.watchers.CompareAndSwap(old, &list) {
			return
		}
	}
}

// watched tells the watchers of a lie.
func (ix *Index) watched(key Key, attributes bool) {
	if list := ix.watchers.Load(); list != nil {
		for _, w := range *list {
			w.met(key, attributes)
		}
	}
}
