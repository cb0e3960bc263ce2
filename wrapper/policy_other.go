//go:build !linux

package wrapper

import "errors"

// confinePlugin fails: on this operating system no plugin can be a program.
func confinePlugin() error { return errors.New("only Linux denies it") }

func (ps *policies) rootMethod() (string, error) { return "", nil }
