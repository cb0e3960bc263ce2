//go:build !linux

package manifest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

// walk needs statx(2) and openat(2) with their Linux meaning.
func walk(context.Context, string, Options, hooks) ([]*node, *names, error) {
	return nil, nil, fmt.Errorf("reading trees on %s: %w (use Linux; manifests can be read and written everywhere)", runtime.GOOS, errors.ErrUnsupported)
}
