package ptlib

import (
	"slices"

	"golang.org/x/sys/unix"
)

// A change is one report of wait(2).
type change struct {
	tid    int
	status unix.WaitStatus
}

// changes is a queue.
type changes struct {
	list []change
	head int
}

// put adds a change. What has its id is no longer at a stop that is queued, if it has ended or has another program: requests
// on account of that stop would reach somebody else.
func (q *changes) put(ch change) {
	if !ch.status.Stopped() || eventOf(ch.status) == unix.PTRACE_EVENT_EXEC {
		q.list = slices.DeleteFunc(q.list[q.head:], func(old change) bool { return old.tid == ch.tid && old.status.Stopped() })
		q.head = 0
	}
	q.list = append(q.list, ch)
}

func (q *changes) take() (change, bool) {
	if q.head == len(q.list) {
		q.list, q.head = q.list[:0], 0
		return change{}, false
	}
	q.head++
	return q.list[q.head-1], true
}

// next returns the next change for the loop.
func (tr *Tracer) next() (change, error) {
	if ch, ok := tr.pending.take(); ok {
		return ch, nil
	}
	return tr.wait()
}

func (tr *Tracer) wait() (change, error) {
	tr.stats.Requests++
	tid, status, err := tr.waitNext()
	if err == nil {
		tr.company.stopped(tid, eventOf(status) == unix.PTRACE_EVENT_STOP)
	}
	return change{tid, status}, err
}

// waitNext is waitAny, with Options.Ending called when it is time. The end of a process can be looked at without taking it,
// which is what lets its parent know (kernel/exit.c, wait_task_zombie). So as long as the command lives, a change is looked at
// first, and a stop is taken such that an end which has come meanwhile is not.
func (tr *Tracer) waitNext() (int, unix.WaitStatus, error) {
	for tr.options.Ending != nil && !tr.ended {
		tid, isEnd, err := peekAny()
		if err != nil {
			return 0, 0, err
		}
		tr.stats.Requests++
		if isEnd && tid == tr.root {
			tr.ended = true
			tr.options.Ending(len(tr.threads) == 1 && len(tr.embryos) == 0)
		}
		var status unix.WaitStatus
		if isEnd {
			_, err = unix.Wait4(tid, &status, unix.WALL|unix.WNOTHREAD, nil)
		} else if status, err = takeStop(tid); err == errNoStop {
			continue
		}
		return tid, status, err
	}
	return waitAny()
}

// await waits for the next stop of t out of turn. If ok is false, t is lost: it was killed, or another thread's execve(2)
// took its place, and the loop is yet to learn of it.
//
// It is not enough to wait for t alone: the end of a thread group's leader is reported only after all other threads were
// waited for (kernel/exit.c, delay_group_leader), and an execve(2) of one of them goes on only then (fs/exec.c,
// de_thread). What is learned of others is kept for the loop.
func (tr *Tracer) await(t *Thread) (status unix.WaitStatus, ok bool) {
	for {
		ch, err := tr.wait()
		if err != nil {
			t.lost = true
			return 0, false
		}
		if ch.tid != t.Tid {
			tr.pending.put(ch)
			continue
		}
		if !ch.status.Stopped() || eventOf(ch.status) == unix.PTRACE_EVENT_EXEC {
			tr.pending.put(ch)
			t.lost = true
			return 0, false
		}
		tr.stats.Stops++
		t.known, t.dirty = false, false
		return ch.status, true
	}
}

// eventOf returns the PTRACE_EVENT_* of a stop, 0 for a signal or system call.
func eventOf(status unix.WaitStatus) int { return int(status) >> 16 }
