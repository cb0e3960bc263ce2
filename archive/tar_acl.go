package archive

import (
	"encoding/binary"
	"strconv"
)

// aclKeywords are the PAX keywords under which star, GNU tar and bsdtar look for POSIX ACLs, by the attribute that Linux
// keeps them in. With --acls they ignore the attribute itself, which others (containerd, tar --xattrs) take; so both are
// written, as GNU tar does.
var aclKeywords = map[string]string{
	"system.posix_acl_access":  "SCHILY.acl.access",
	"system.posix_acl_default": "SCHILY.acl.default",
}

// The layout of the attribute: include/uapi/linux/posix_acl_xattr.h and posix_acl.h.
const (
	aclVersion  = 2
	aclUserObj  = 0x01
	aclUser     = 0x02
	aclGroupObj = 0x04
	aclGroup    = 0x08
	aclMask     = 0x10
	aclOther    = 0x20
)

var aclTags = map[uint16]string{aclUserObj: "user", aclUser: "user", aclGroupObj: "group", aclGroup: "group",
	aclMask: "mask", aclOther: "other"}

// aclText returns an ACL as acl(5) writes it, entries separated by commas as star does, with numbers for names: a name
// would mean another user elsewhere. It returns "" for what is no ACL; the attribute still says what that was.
func aclText(value []byte) string {
	if len(value) < 4 || len(value)%8 != 4 || binary.LittleEndian.Uint32(value) != aclVersion {
		return ""
	}
	var text []byte
	for v := value[4:]; len(v) > 0; v = v[8:] {
		tag, perm := binary.LittleEndian.Uint16(v), binary.LittleEndian.Uint16(v[2:])
		name := aclTags[tag]
		if name == "" || perm > 7 {
			return ""
		}
		if len(text) > 0 {
			text = append(text, ',')
		}
		text = append(append(text, name...), ':')
		if tag == aclUser || tag == aclGroup {
			text = strconv.AppendUint(text, uint64(binary.LittleEndian.Uint32(v[4:])), 10)
		}
		text = append(text, ':')
		for i, c := range "rwx" {
			if perm&(4>>i) == 0 {
				c = '-'
			}
			text = append(text, byte(c))
		}
	}
	return string(text)
}
