package manifest

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// The layout of security.capability: include/uapi/linux/capability.h, struct vfs_cap_data.
const (
	capRevisionMask = 0xff000000
	capRevision2    = 0x02000000
	capEffective    = 0x000001
	capSize2        = 20
)

// capNames are the capabilities by number, as include/uapi/linux/capability.h names them.
var capNames = [...]string{"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
	"setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
	"sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource",
	"sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin",
	"syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore"}

// capabilityText returns a file's capabilities as cap_from_text(3) reads them, in one word, or "" for what it cannot say:
// other revisions (3 belongs to a user namespace), and clauses of several words.
func capabilityText(value []byte) string {
	if len(value) != capSize2 {
		return ""
	}
	word := func(i int) uint64 { return uint64(binary.LittleEndian.Uint32(value[4*i:])) }
	magic := word(0)
	if magic&capRevisionMask != capRevision2 || magic&^capRevisionMask&^capEffective != 0 {
		return ""
	}
	permitted, inheritable := word(1)|word(3)<<32, word(2)|word(4)<<32
	effective := uint64(0)
	if magic&capEffective != 0 {
		effective = permitted | inheritable
	}
	// A set is named once with flags. What is permitted, inheritable, or both would need a clause each, and a line has one.
	flags := ""
	for _, s := range []struct {
		set  uint64
		flag string
	}{{effective, "e"}, {inheritable, "i"}, {permitted, "p"}} {
		switch s.set {
		case 0:
		case permitted | inheritable:
			flags += s.flag
		default:
			return ""
		}
	}
	var names []string
	for i := range 64 {
		if (permitted|inheritable)>>i&1 == 0 {
			continue
		}
		if i < len(capNames) {
			names = append(names, "cap_"+capNames[i])
		} else {
			names = append(names, strconv.Itoa(i))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, ",") + "+" + flags
}
