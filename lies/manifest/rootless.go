package manifest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// rootlessXattr is the attribute in which umoci, PRoot's fork and others keep the owner of a file of somebody who may not
// change owners: https://github.com/rootless-containers/proto. Its value is a protobuf message with uint32 uid = 1, gid = 2.
const rootlessXattr = "user.rootlesscontainers"

// rootlessNoop is the id that says nothing about the owner (rootlesscontainers.NoopID).
const rootlessNoop = math.MaxUint32

// FromRootless returns m with the owners that user.rootlesscontainers says, and without these attributes: what an image is
// that umoci unpacked for an ordinary user. m is not changed. Names of owners are those that m has.
func FromRootless(m *Manifest) (*Manifest, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	names := knownNames(m)
	out := &Manifest{Header: m.Header, Entries: slices.Clone(m.Entries)}
	for i := range out.Entries {
		e := &out.Entries[i]
		at := slices.IndexFunc(e.Xattrs, func(x Xattr) bool { return x.Name == rootlessXattr })
		if at < 0 {
			continue
		}
		uid, gid, err := parseRootless(e.Xattrs[at].Value)
		if err != nil {
			return nil, atPath(e.Path, fmt.Errorf("%s: %w", rootlessXattr, err))
		}
		if uid != rootlessNoop {
			e.UID = uid
		}
		if gid != rootlessNoop {
			e.GID = gid
		}
		e.Xattrs = slices.Delete(slices.Clone(e.Xattrs), at, at+1)
		if len(e.Xattrs) == 0 {
			e.Xattrs = nil
		}
	}
	names.apply(out.Entries, nil, nil)
	return out, out.Validate()
}

// rootless writes a manifest in which everything belongs to root, and user.rootlesscontainers says to whom else: the kernel
// lets files and directories have such an attribute, and nothing else (fs/xattr.c xattr_permission).
func (c *conversion) rootless() error {
	names := knownNames(c.m)
	out := &Manifest{Header: c.m.Header, Entries: slices.Clone(c.m.Entries)}
	for i := range out.Entries {
		e := &out.Entries[i]
		e.Xattrs = slices.DeleteFunc(slices.Clone(e.Xattrs), func(x Xattr) bool { return x.Name == rootlessXattr })
		if e.UID == 0 && e.GID == 0 {
			continue
		}
		if e.Type == TypeFile || e.Type == TypeDir {
			e.Xattrs = append(e.Xattrs, Xattr{rootlessXattr, appendRootless(nil, e.UID, e.GID)})
			slices.SortFunc(e.Xattrs, func(a, b Xattr) int { return strings.Compare(a.Name, b.Name) })
		} else {
			c.lose(e.Path, "owner", "only files and directories can have the attribute")
		}
		e.UID, e.GID = 0, 0
	}
	names.apply(out.Entries, nil, nil)
	_, err := out.WriteTo(&c.text)
	return err
}

// knownNames returns the names of owners that a manifest has.
func knownNames(m *Manifest) *names {
	n := &names{users: map[uint32]string{}, groups: map[uint32]string{}}
	for i := range m.Entries {
		e := &m.Entries[i]
		n.users[e.UID], n.groups[e.GID] = e.Uname, e.Gname
	}
	return n
}

// appendRootless appends a message as umoci writes it: of root it says nothing.
func appendRootless(dst []byte, uid, gid uint32) []byte {
	for i, id := range []uint32{uid, gid} {
		if id == 0 {
			id = rootlessNoop
		}
		dst = binary.AppendUvarint(append(dst, byte(i+1)<<3), uint64(id)) // wire type 0: varint
	}
	return dst
}

// parseRootless reads a message. Fields that nobody knows could mean anything, so they are errors.
func parseRootless(b []byte) (uid, gid uint32, err error) {
	for len(b) > 0 {
		tag := b[0]
		id, n := binary.Uvarint(b[1:])
		switch {
		case n <= 0 || id > math.MaxUint32:
			return 0, 0, errors.New("no message with a uid and a gid")
		case tag == 1<<3:
			uid = uint32(id)
		case tag == 2<<3:
			gid = uint32(id)
		default:
			return 0, 0, fmt.Errorf("unknown field %d", tag>>3)
		}
		b = b[1+n:]
	}
	return uid, gid, nil
}
