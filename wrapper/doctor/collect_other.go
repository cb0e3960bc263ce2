//go:build !linux

package doctor

// collect does nothing: where there is no tracer, nothing needs to be known.
func (*Facts) collect() {}
