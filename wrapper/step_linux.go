//go:build !feigndelay

package wrapper

// step marks a place where another process may come in between. Tests build with the tag feigndelay, and dawdle there.
func step(string) {}
