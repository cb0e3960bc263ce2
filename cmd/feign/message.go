package main

import (
	"errors"
	"fmt"

	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/wrapper"
)

// usageErr is a mistake on the command line: what is wrong, and what to do.
type usageErr struct{ what, hint string }

func (e *usageErr) Error() string { return e.what + " (" + e.hint + ")" }

// usageError returns the error for a mistake on the command line.
func usageError(what, hint string) error { return &usageErr{what, hint} }

// report prints an error as one message on standard error.
func (c *cli) report(err error) { c.message(messageOf(err)) }

// messageOf takes an error apart into what, why and what to do, as far as it
// can tell them.
func messageOf(err error) wrapper.Message {
	var (
		own   *wrapper.Error
		usage *usageErr
		state *store.Error
	)
	switch {
	case errors.As(err, &own):
		return own.Message()
	case errors.As(err, &state):
		return wrapper.Message{Level: wrapper.LevelError, What: state.What, Why: state.Reason(), Hint: state.Hint}
	case errors.As(err, &usage):
		return wrapper.Message{Level: wrapper.LevelError, What: usage.what, Hint: usage.hint}
	}
	return wrapper.Message{Level: wrapper.LevelError, What: err.Error()}
}

// message prints one message as one line on standard error.
func (c *cli) message(m wrapper.Message) { fmt.Fprint(c.stderr, m.Line(c.jsonLog)) }
