// Package foreign reads and writes what other tools keep of faked files: fakeroot's save file in both of its variants and
// fakeroot-ng's state. pseudo's database is in a package of its own, below.
//
// # Promise
//
// What is read is all that the file says, or an error with the line that is not understood: fakeroot itself stops at the first
// bad line, and forgets the rest. What is written is what the tool would have written. What a format cannot carry is the
// caller's to tell: Format says what that is.
//
// # In a nutshell
//
//	entries, err := foreign.Read(foreign.Fakeroot, file)
//	for _, e := range entries {
//		ix.Set(e.Lie(saved)) // saved: when the file was written
//	}
//	err = foreign.Write(foreign.Fakeroot, out, entries)
//
// # Locks
//
// No locks. Everything belongs to one goroutine.
package foreign
