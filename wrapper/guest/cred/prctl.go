package cred

import "syscall"

// Securebits (include/uapi/linux/securebits.h). Each has a lock one bit higher,
// which is never cleared and keeps the bit from changing.
const (
	SECBIT_NOROOT                uint32 = 1 << 0  // user 0 gains nothing by execve
	SECBIT_NO_SETUID_FIXUP       uint32 = 1 << 2  // capabilities do not follow user 0
	SECBIT_KEEP_CAPS             uint32 = 1 << 4  // permitted ones survive leaving user 0
	SECBIT_NO_CAP_AMBIENT_RAISE  uint32 = 1 << 6  // no ambient capability may be added
	SECBIT_EXEC_RESTRICT_FILE    uint32 = 1 << 8  // a request to interpreters
	SECBIT_EXEC_DENY_INTERACTIVE uint32 = 1 << 10 // a request to interpreters

	secbits = SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS | SECBIT_NO_CAP_AMBIENT_RAISE |
		secbitsUnprivileged
	secbitsUnprivileged = SECBIT_EXEC_RESTRICT_FILE | SECBIT_EXEC_DENY_INTERACTIVE
	secbitLocks         = secbits << 1
)

// Options of prctl(2) that concern credentials (include/uapi/linux/prctl.h).
const (
	prGetKeepcaps   = 7
	prSetKeepcaps   = 8
	prCapbsetRead   = 23
	prCapbsetDrop   = 24
	prGetSecurebits = 27
	prSetSecurebits = 28
	prSetNoNewPrivs = 38
	prGetNoNewPrivs = 39
	prCapAmbient    = 47

	ambientIsSet    = 1
	ambientRaise    = 2
	ambientLower    = 3
	ambientClearAll = 4
)

// Prctl is prctl(2) with the arguments as the registers hold them; known is
// false for options that have nothing to do with credentials, which it leaves to
// others. ret is the answer where errno is 0 (security/commoncap.c
// cap_task_prctl, kernel/sys.c sys_prctl).
func (c *Cred) Prctl(option int32, arg2, arg3, arg4, arg5 uint64) (next *Cred, ret int, errno syscall.Errno, known bool) {
	next, known = c, true
	switch option {
	case prCapbsetRead:
		ret, errno = c.read(c.s.Bounding, arg2)
	case prCapbsetDrop:
		next, errno = c.dropBounding(arg2)
	case prGetSecurebits:
		ret = int(c.s.Securebits)
	case prSetSecurebits:
		next, errno = c.setSecurebits(arg2)
	case prGetKeepcaps:
		ret = number(c.secure(SECBIT_KEEP_CAPS))
	case prSetKeepcaps:
		next, errno = c.setKeepCaps(arg2)
	case prCapAmbient:
		next, ret, errno = c.ambient(arg2, arg3, arg4|arg5)
	case prSetNoNewPrivs:
		if arg2 != 1 || arg3|arg4|arg5 != 0 {
			return c, 0, syscall.EINVAL, true
		}
		next = c.with(func(n *State) { n.NoNewPrivs = true })
	case prGetNoNewPrivs:
		if arg2|arg3|arg4|arg5 != 0 {
			return c, 0, syscall.EINVAL, true
		}
		ret = number(c.s.NoNewPrivs)
	default:
		known = false
	}
	return next, ret, errno, known
}

// read is whether a set holds a capability whose number is an argument.
func (c *Cred) read(set Caps, arg uint64) (int, syscall.Errno) {
	if arg > uint64(c.s.LastCap) {
		return 0, syscall.EINVAL
	}
	return number(set.Has(Cap(arg))), ok
}

// dropBounding is PR_CAPBSET_DROP (security/commoncap.c cap_prctl_drop), which
// asks for the privilege before it looks at the argument.
func (c *Cred) dropBounding(arg uint64) (*Cred, syscall.Errno) {
	if !c.Capable(CAP_SETPCAP) {
		return c, syscall.EPERM
	}
	if arg > uint64(c.s.LastCap) {
		return c, syscall.EINVAL
	}
	return c.with(func(n *State) { n.Bounding &^= CapsOf(Cap(arg)) }), ok
}

// setSecurebits is PR_SET_SECUREBITS: locked bits stay, locks stay, unknown bits
// are refused, and without CAP_SETPCAP only the bits that mean nothing to the
// kernel may change, but something must.
func (c *Cred) setSecurebits(arg uint64) (*Cred, syscall.Errno) {
	if arg&^uint64(secbits|secbitLocks) != 0 {
		return c, syscall.EPERM
	}
	old, bits := c.s.Securebits, uint32(arg)
	changed := old ^ bits
	locked := old & secbitLocks
	if locked>>1&changed != 0 || locked&^bits != 0 {
		return c, syscall.EPERM
	}
	const free = secbitsUnprivileged | secbitsUnprivileged<<1
	if !c.Capable(CAP_SETPCAP) && (changed == 0 || changed&^free != 0) {
		return c, syscall.EPERM
	}
	return c.with(func(n *State) { n.Securebits = bits }), ok
}

// setKeepCaps is PR_SET_KEEPCAPS.
func (c *Cred) setKeepCaps(arg uint64) (*Cred, syscall.Errno) {
	if arg > 1 {
		return c, syscall.EINVAL
	}
	if c.secure(SECBIT_KEEP_CAPS << 1) {
		return c, syscall.EPERM
	}
	return c.with(func(n *State) {
		n.Securebits &^= SECBIT_KEEP_CAPS
		if arg == 1 {
			n.Securebits |= SECBIT_KEEP_CAPS
		}
	}), ok
}

// ambient is PR_CAP_AMBIENT with its own operation, a capability, and the
// arguments that must be zero.
func (c *Cred) ambient(op, arg, rest uint64) (next *Cred, ret int, errno syscall.Errno) {
	if op == ambientClearAll {
		if arg|rest != 0 {
			return c, 0, syscall.EINVAL
		}
		return c.with(func(n *State) { n.Ambient = 0 }), 0, ok
	}
	if arg > uint64(c.s.LastCap) || rest != 0 {
		return c, 0, syscall.EINVAL
	}
	cp := Cap(arg)
	switch op {
	case ambientIsSet:
		return c, number(c.s.Ambient.Has(cp)), ok
	case ambientRaise:
		if !c.s.Permitted.Has(cp) || !c.s.Inheritable.Has(cp) || c.secure(SECBIT_NO_CAP_AMBIENT_RAISE) {
			return c, 0, syscall.EPERM
		}
		return c.with(func(n *State) { n.Ambient |= CapsOf(cp) }), 0, ok
	case ambientLower:
		return c.with(func(n *State) { n.Ambient &^= CapsOf(cp) }), 0, ok
	}
	return c, 0, syscall.EINVAL
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
