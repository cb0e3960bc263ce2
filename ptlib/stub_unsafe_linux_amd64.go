package ptlib

import (
	"bytes"
	"unsafe"
)

// stub is the code in stub_linux_amd64.s.
//
//lint:ignore U1000 it is copied, not called
func stub()

func stubAddress() unsafe.Pointer

// stubEnd stands after the last instruction.
const stubEnd = "\xfeignstub"

// stubText returns the stub as it was assembled.
func stubText() []byte {
	text := unsafe.Slice((*byte)(stubAddress()), stubHeader-stubBase)
	return text[:bytes.Index(text, []byte(stubEnd))]
}
