//go:build !linux

package unroot

// Reexec returns at once: only on Linux does feign run anything that the
// tests' privileges could matter to.
func Reexec() {}
