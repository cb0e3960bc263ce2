//go:build linux && !amd64

package ptlib

// answerOnly reports that all registers have to be read and written to answer a call.
func (t *Thread) answerOnly(int64) bool { return false }
