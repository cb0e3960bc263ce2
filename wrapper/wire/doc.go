// Package wire is what an invocation of feign and the daemon of a state say to each other.
//
// # Promise
//
// A message is one packet of a SOCK_SEQPACKET socket of at most MaxSize bytes, with descriptors beside it where its type says
// so. It begins with four letters, the version of the protocol and the type. Any sequence of bytes is parsed or refused
// with an error, and costs no more memory than its own size a few times over. Refused, Stop, Stopping and Ready are the same
// in all versions, so that programs of different versions can tell each other that they do not fit, and any of them can end
// any daemon. Every other type is understood by its own version alone.
//
// # In a nutshell
//
// The order is that of fakeroot-ng: Reserve, then Attach, then execve(2).
//
//	invocation                          daemon
//	Reserve (namespaces, scope)   ->
//	                              <-    Reserved (its pid), or Refused, or it hangs up: start over
//	Attach (thread), 2 descriptors ->
//	                              <-    Attached: the thread is traced; or Refused
//	execve(2), which closes the socket
//
// Between Reserved and Attached the daemon does not leave unless the connection ends. An invocation that is to work after the
// command (Attach.Stay) keeps the connection; then it may send Signal, and Ended comes at last.
//
//	Stop                          ->
//	                              <-    Stopping; it hangs up when it is gone
//
// # Locks
//
// None. A Conn may be read by one goroutine and written by another.
package wire
