package wire

import "encoding/binary"

// A number is an unsigned varint, a string its length and its bytes, a truth value the number 0 or 1.

type writer struct{ b []byte }

func (w *writer) number(n uint64) { w.b = binary.AppendUvarint(w.b, n) }

func (w *writer) text(s string) {
	w.number(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *writer) truth(t bool) {
	n := uint64(0)
	if t {
		n = 1
	}
	w.number(n)
}

type reader struct {
	b      []byte
	failed bool
}

func (r *reader) fail() {
	r.b, r.failed = nil, true
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || size > 1 && r.b[size-1] == 0 { // each number has one form
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) text() string {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.fail()
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) truth() bool {
	n := r.number()
	if n > 1 {
		r.fail()
	}
	return n == 1
}

func (m *Refused) put(w *writer) {
	w.text(m.What)
	w.text(m.Why)
	w.text(m.Hint)
	w.number(m.Status)
}

func (m *Refused) get(r *reader) {
	m.What, m.Why, m.Hint = r.text(), r.text(), r.text()
	m.Status = r.number()
}

func (m *Reserve) put(w *writer) {
	w.number(m.PIDNamespace)
	w.number(m.UserNamespace)
	w.text(m.Scope)
}

func (m *Reserve) get(r *reader) {
	m.PIDNamespace, m.UserNamespace = r.number(), r.number()
	m.Scope = r.text()
}

func (m *Attach) put(w *writer) {
	w.number(m.PID)
	w.number(m.TID)
	w.truth(m.Given)
	w.truth(m.Stay)
}

func (m *Attach) get(r *reader) {
	m.PID, m.TID = r.number(), r.number()
	m.Given, m.Stay = r.truth(), r.truth()
}

func (m *Ended) put(w *writer) {
	for _, n := range m.Stats {
		w.number(n)
	}
	w.number(m.Lies)
	w.text(m.Failure)
	w.truth(m.Killed)
}

func (m *Ended) get(r *reader) {
	for i := range m.Stats {
		m.Stats[i] = r.number()
	}
	m.Lies = r.number()
	m.Failure = r.text()
	m.Killed = r.truth()
}

func (m *Reserved) put(w *writer) { w.number(m.PID) }
func (m *Reserved) get(r *reader) { m.PID = r.number() }
func (m *Signal) put(w *writer)   { w.number(m.Number) }
func (m *Signal) get(r *reader)   { m.Number = r.number() }

func (*Stop) put(*writer)     {}
func (*Stop) get(*reader)     {}
func (*Stopping) put(*writer) {}
func (*Stopping) get(*reader) {}
func (*Ready) put(*writer)    {}
func (*Ready) get(*reader)    {}
func (*Attached) put(*writer) {}
func (*Attached) get(*reader) {}
func (*Resolve) put(*writer)  {}
func (*Resolve) get(*reader)  {}
func (*Resolved) put(*writer) {}
func (*Resolved) get(*reader) {}
