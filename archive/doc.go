// Package archive turns a manifest and the tree that it describes into an archive.
//
// # Promise
//
// The same manifest, the same contents and the same options give the same bytes: whatever the machine, user, umask, time
// zone, locale, order of directory entries and number of processors. What an entry is (type, mode, owner, device number,
// link target, times, extended attributes) comes from the manifest alone; only the contents of regular files are read from
// the tree, and each is checked against the manifest's size and sha256 on its way. A tree that is not the one described
// ends the work with a [ChangedError] that names the path, and [WriteFile] then leaves nothing behind.
//
// The promise for a compressed archive holds for one version of the compressor only: a new version may find a better
// encoding. Digests that are to last are taken over the uncompressed archive. The bytes of tar and cpio themselves are
// pinned by golden tests; a change of them is an incompatible change of this package.
//
// # In a nutshell
//
//	manifest ── plan: checked, times clamped, hard links grouped ── encoder (tar, cpio) ── compressor ── file, renamed
//	tree ─────── contents, read and verified ahead ─────────────────────┘
//
// A container is one file of this package: an encoder, a decoder for Options.Check, and a line in the table of formats.
//
// What a format cannot carry is never dropped silently: Options.Lost is told of every such thing. A tar archive has no
// sockets. A cpio archive (newc, what the kernel reads as initramfs) has no extended attributes, no hard links between
// symbolic links, no fractions of a second and no names of users and groups; file sizes and times have 32 bits, and what
// does not fit is an error.
//
// # Names in tar
//
// Entries are called "etc/passwd", not "./etc/passwd" as after `tar -C root -c .`: bsdtar, Docker and rules_pkg name them
// so, and looking a file up by its name (`tar -x etc/passwd`) works. The root is kept, as "./", since its mode and owner are
// part of the tree; no reader takes that name for anything else. Directories end in a slash. Entries have the manifest's
// order, in which a directory always stands before what it holds.
//
// The format is ustar wherever ustar says everything, and a PAX header precedes the entry otherwise: SCHILY.xattr.* for
// extended attributes ('%' and '=' in their names as %25 and %3D, like GNU tar), SCHILY.acl.* for POSIX ACLs beside them, hdrcharset=BINARY where a name is not
// UTF-8, mtime where the manifest has fractions of a second, size, uid and gid where octal fields are too small. The first
// path of a group of hard links is the file, the others are links to it.
//
// # Images
//
// Formats oci and oci.tar are an OCI image layout, as a directory and as a tar: one gzip'ed layer, which is the tar above, a
// configuration with the processor, [Options.Epoch] and what [Image] says, and an index that calls it "latest". All JSON is sorted and
// without blanks, so that the digest of the image is that of the tree. The processor is the only thing that
// the machine decides, unless the caller does. Names that begin with .wh. and devices 0:0 stay what they are: in a layer upon
// others they are whiteouts.
//
// # Locks
//
// There are none. A call of Write writes and calls back from the calling goroutine. Other goroutines read and verify files ahead
// of it, 32 of them and 16 MiB at most, and compress; the bytes do not depend on their number, and they have ended when Write
// returns. The manifest is not changed and must not be while a call runs.
package archive
