package ptlib

import (
	"bytes"
	"unsafe"
)

// stub and bootCode are the code in stub_linux_amd64.s.
//
//lint:ignore U1000 it is copied, not called
func stub()

//lint:ignore U1000 it is copied, not called
func bootCode()

func stubAddress() unsafe.Pointer
func bootAddress() unsafe.Pointer

// stubEnd stands after the last instruction of each.
const stubEnd = "\xfeignstub"

// stubText returns the stub as it was assembled, and bootText what maps it.
func stubText() []byte { return textAt(stubAddress()) }
func bootText() []byte { return textAt(bootAddress()) }

func textAt(code unsafe.Pointer) []byte {
	text := unsafe.Slice((*byte)(code), stubHeader-stubBase)
	return text[:bytes.Index(text, []byte(stubEnd))]
}
