package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Version is that of the protocol. It rises with every change of a message that is not the same in all versions.
const Version = 1

// MaxSize is the size of the longest message, in bytes.
const MaxSize = 16 << 10

// magic are the first letters of each message.
const magic = "fgnd"

// headSize is that of magic, version and type, two bytes each, of which the lower comes first.
const headSize = len(magic) + 4

// A Type says which message one is. The numbers are the protocol's.
type Type uint16

// The types. Those before TypeReserve are the same in all versions.
const (
	TypeRefused Type = iota + 1
	TypeStop
	TypeStopping
	TypeReady
	typeVersioned // what comes from here on depends on the version
	TypeReserve
	TypeReserved
	TypeAttach
	TypeAttached
	TypeSignal
	TypeEnded
	TypeResolve
	TypeResolved
)

// A Message is one of the types below.
type Message interface {
	Type() Type
	put(*writer)
	get(*reader)
}

// Refused is the answer of a daemon that cannot do what it was asked for, in the terms of a message for the user.
type Refused struct {
	What, Why, Hint string
	Status          uint64 // exit status that it means; 0: none in particular
}

// Stop asks a daemon to end, with all that it traces.
type Stop struct{}

// Stopping is the answer to Stop.
type Stopping struct{}

// Ready is the first that a daemon says to whoever started it: that it listens. What it says instead is Refused.
type Ready struct{}

// Reserve asks the daemon to stay. It is the first message of an invocation.
type Reserve struct {
	// PIDNamespace and UserNamespace are the inode numbers of the invocation's (namespaces(7), /proc/self/ns).
	PIDNamespace, UserNamespace uint64
	// Scope stands for the lists of paths whose lies are kept. All that share a daemon have the same.
	Scope string
}

// Reserved is the answer to Reserve: the daemon stays until the connection ends.
type Reserved struct {
	PID uint64 // of the daemon, in its own namespace
}

// Attach asks the daemon to trace what a thread executes next. Two descriptors come with it: a file that holds what
// the daemon has to know of the action, and where its messages go.
type Attach struct {
	PID, TID uint64 // of the thread, which is the invocation's own or that of a child of it
	// Given: the process has begun the command already, and waits in a stop before its first instruction.
	Given bool
	// Stay: the invocation stays, the connection ends with the action, and the action with the connection.
	Stay bool
}

// Attached is the answer to Attach: whatever the thread executes is traced.
type Attached struct{}

// Signal asks the daemon to send a signal to all processes of the action.
type Signal struct{ Number uint64 }

// Ended says that the last process of the action is gone. A descriptor comes with it: a file that holds what is claimed.
type Ended struct {
	Stats   [6]uint64 // see ptlib.Stats
	Lies    uint64
	Failure string // what went wrong on the daemon's side; "" if nothing did
	Killed  bool   // the action was ended on account of that
}

// Resolve asks the invocation what its plugins say of paths that their dynamic rules are about. A descriptor comes with it: a file
// that holds the paths.
type Resolve struct{}

// Resolved is the answer to Resolve. A descriptor comes with it: a file that holds a verdict for each path.
type Resolved struct{}

func (*Refused) Type() Type  { return TypeRefused }
func (*Stop) Type() Type     { return TypeStop }
func (*Stopping) Type() Type { return TypeStopping }
func (*Ready) Type() Type    { return TypeReady }
func (*Reserve) Type() Type  { return TypeReserve }
func (*Reserved) Type() Type { return TypeReserved }
func (*Attach) Type() Type   { return TypeAttach }
func (*Attached) Type() Type { return TypeAttached }
func (*Signal) Type() Type   { return TypeSignal }
func (*Ended) Type() Type    { return TypeEnded }
func (*Resolve) Type() Type  { return TypeResolve }
func (*Resolved) Type() Type { return TypeResolved }

// Errors of Parse, for errors.Is.
var (
	ErrForeign   = errors.New("not a message of feign's")
	ErrMalformed = errors.New("malformed message")
)

// A VersionError says that a message is of another version of the protocol.
type VersionError struct{ Version int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("it speaks version %d of the protocol, and this is version %d", e.Version, Version)
}

// Marshal returns the bytes of a message. It fails if they were more than MaxSize.
func Marshal(m Message) ([]byte, error) {
	w := writer{append(make([]byte, 0, 64), magic...)}
	w.b = binary.LittleEndian.AppendUint16(w.b, Version)
	w.b = binary.LittleEndian.AppendUint16(w.b, uint16(m.Type()))
	m.put(&w)
	if len(w.b) > MaxSize {
		return nil, fmt.Errorf("a message of %d bytes is too long", len(w.b))
	}
	return w.b, nil
}

// Parse reads one message. The error is ErrForeign, a *VersionError or ErrMalformed.
func Parse(b []byte) (Message, error) {
	if len(b) < headSize || string(b[:len(magic)]) != magic || len(b) > MaxSize {
		return nil, ErrForeign
	}
	version, typ := binary.LittleEndian.Uint16(b[4:]), Type(binary.LittleEndian.Uint16(b[6:]))
	if version != Version && typ >= typeVersioned {
		return nil, &VersionError{int(version)}
	}
	m := newMessage(typ)
	if m == nil {
		return nil, fmt.Errorf("%w: type %d", ErrMalformed, typ)
	}
	r := reader{b: b[headSize:]}
	m.get(&r)
	if r.failed || len(r.b) > 0 {
		return nil, fmt.Errorf("%w: type %d", ErrMalformed, typ)
	}
	return m, nil
}

func newMessage(t Type) Message {
	switch t {
	case TypeRefused:
		return &Refused{}
	case TypeStop:
		return &Stop{}
	case TypeStopping:
		return &Stopping{}
	case TypeReady:
		return &Ready{}
	case TypeReserve:
		return &Reserve{}
	case TypeReserved:
		return &Reserved{}
	case TypeAttach:
		return &Attach{}
	case TypeAttached:
		return &Attached{}
	case TypeSignal:
		return &Signal{}
	case TypeEnded:
		return &Ended{}
	case TypeResolve:
		return &Resolve{}
	case TypeResolved:
		return &Resolved{}
	}
	return nil
}
