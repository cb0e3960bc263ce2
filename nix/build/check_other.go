//go:build !linux

package main

import "errors"

var errLinux = errors.New("check: feign runs on Linux")

func check(_, _ string) error { return errLinux }

func act() error { return errLinux }
