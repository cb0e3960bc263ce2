package wrapper

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/feign-build/feign/lies"
)

// Level is the weight of a [Message].
type Level string

// The levels of a [Message].
const (
	LevelError   Level = "error"   // feign could not do its work
	LevelWarning Level = "warning" // the result may differ from what was asked for
	LevelInfo    Level = "info"    // statistics and other answers
	LevelLie     Level = "lie"     // a lie was told (RunOptions.Verbose)
)

// Message is one line for the user: what, why, and what to do about it.
type Message struct {
	Level Level  `json:"level"`
	What  string `json:"what"`
	Why   string `json:"why,omitempty"`
	Hint  string `json:"hint,omitempty"`
}

// String returns "what: why (hint)" without the parts that are empty, in one
// line.
func (m Message) String() string {
	s := m.What
	if m.Why != "" {
		s += ": " + m.Why
	}
	if m.Hint != "" {
		s += " (" + m.Hint + ")"
	}
	return strings.ReplaceAll(s, "\n", "; ")
}

// Line returns the message as feign prints it, with its newline: as text, or as a JSON object with the members level, what, why
// and hint.
func (m Message) Line(asJSON bool) string {
	if asJSON {
		line, err := json.Marshal(m)
		if err == nil { // strings alone: it cannot fail
			return string(line) + "\n"
		}
	}
	text := m.String()
	if m.Level == LevelWarning {
		text = "warning: " + text
	}
	return "feign: " + text + "\n"
}

// Error is an error of feign's own, as distinct from the action's failing.
type Error struct {
	What string
	Why  string // "" uses Err's text
	Hint string
	Err  error // the cause, or nil
	// Status is the exit status that a command should end with: 127 or 126 for
	// a command that is not there or cannot be run, else 0, which stands for
	// [StatusOwn].
	Status int
}

// The exit statuses that are not the action's.
const (
	StatusOwn      = 125 // an error of feign's own
	StatusNoExec   = 126 // the command is there and cannot be executed
	StatusNotFound = 127 // the command was not found
)

// Message returns the error as a line for the user.
func (e *Error) Message() Message {
	m := Message{Level: LevelError, What: e.What, Why: e.Why, Hint: e.Hint}
	if m.Why == "" && e.Err != nil {
		m.Why = e.Err.Error()
	}
	return m
}

// Error returns "what: why (hint)".
func (e *Error) Error() string { return e.Message().String() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrorStatus returns the exit status that stands for err: 0 for nil, the
// Status of an [*Error], [StatusOwn] for everything else.
func ErrorStatus(err error) int {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) && e.Status != 0 {
		return e.Status
	}
	return StatusOwn
}

// RunOptions are the parts of a run that do not change what the action sees.
type RunOptions struct {
	Stats   bool          // send statistics as LevelInfo messages at the end
	Verbose bool          // send each lie as it is told
	Log     func(Message) // gets every message, from one goroutine at a time; nil drops them
	// Lies are what the action starts with, and afterwards what it leaves; nil starts with none. Its owner hears of
	// mismatches. It is not used where the plan names a state, which has its own.
	Lies *lies.Index

	// What follows is for [Detach] alone.

	// Daemon is the command, without options, that begins a daemon: this program, such that it calls [Serve] with the
	// arguments that follow.
	Daemon []string
	// Foreground leaves the daemon that is started in the session and the directory of the caller, with its standard streams.
	Foreground bool
	// JSON says how the daemon writes messages about the action to standard error, see [Message.Line].
	JSON bool
}

// log sends m to o.Log, if there is one.
func (o RunOptions) log(m Message) {
	if o.Log != nil {
		o.Log(m)
	}
}
