package ptlib

import "unsafe"

// wordsOf is a view of memory that begins at a page, as 64-bit words.
func wordsOf(b []byte) []uint64 { return unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), len(b)/8) }
