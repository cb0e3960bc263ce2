package bpf

// SeccompData is what a program sees of a call: struct seccomp_data (include/uapi/linux/seccomp.h).
type SeccompData struct {
	NR   int32
	Arch uint32 // AUDIT_ARCH_*
	IP   uint64 // address after the instruction that made the call
	Args [6]uint64
}

// Offsets in struct seccomp_data of a little-endian machine, in bytes. A 64-bit value has its low word first.
const (
	offNR   = 0
	offArch = 4
	offIP   = 8
	offArgs = 16

	dataSize = 64 // sizeof(struct seccomp_data)
)

// offset returns where w is in struct seccomp_data.
func (w Word) offset() uint32 {
	switch {
	case w < Arg0High:
		return offArgs + 8*uint32(w-Arg0)
	case w < IPLow:
		return offArgs + 8*uint32(w-Arg0High) + 4
	case w == IPLow:
		return offIP
	}
	return offIP + 4
}

// load returns the word at a valid offset, as BPF_LD|BPF_W|BPF_ABS does.
func (d *SeccompData) load(off uint32) uint32 {
	switch off {
	case offNR:
		return uint32(d.NR)
	case offArch:
		return d.Arch
	}
	v := d.IP
	if off >= offArgs {
		v = d.Args[(off-offArgs)/8]
	}
	if off%8 != 0 {
		return uint32(v >> 32)
	}
	return uint32(v)
}
