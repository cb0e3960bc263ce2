#!/usr/bin/env python3
"""Lists the files of an archive, or of a directory that is a root directory: everything but times, sorted by path. Digests of
contents go to a file of their own.

usage: entries.py ARCHIVE|DIRECTORY ENTRIES CONTENTS"""
import hashlib
import os
import stat
import sys
import tarfile


def of_archive(path):
    """Yields (names, type, mode, ids, names of owners, device, target, attributes, content)."""
    with tarfile.open(path) as archive:
        members, names = [], {}
        for e in archive:
            name = e.name.removeprefix("./").strip("/") or "."
            if e.islnk():
                names[e.linkname.removeprefix("./")].append(name)
            else:
                names[name] = [name]
                members.append((name, e))
        for name, e in members:
            kind = {tarfile.DIRTYPE: "dir", tarfile.SYMTYPE: "link", tarfile.CHRTYPE: "char", tarfile.BLKTYPE: "block",
                    tarfile.FIFOTYPE: "fifo"}.get(e.type, "file")
            xattrs = {k.removeprefix("SCHILY.xattr."): v.encode("utf-8", "surrogateescape")
                      for k, v in e.pax_headers.items() if k.startswith("SCHILY.xattr.")}
            data = archive.extractfile(e).read() if e.isreg() else b""
            yield names[name], kind, e.mode, f"{e.uid}:{e.gid}", f"{e.uname}:{e.gname}", f"{e.devmajor}:{e.devminor}", e.linkname, xattrs, data


def of_directory(root):
    """The same of a directory, with the names of owners that its own files have for them."""
    def ids(file):
        with open(os.path.join(root, "etc", file), encoding="utf-8") as lines:
            pairs = [line.split(":")[:3:2] for line in lines]
        return {int(number): name for name, number in reversed(pairs)}

    users, groups, seen = ids("passwd"), ids("group"), {}
    paths = ["."]
    for top, dirs, files in os.walk(root):
        paths += [os.path.relpath(os.path.join(top, name), root) for name in dirs + files]
    for path in paths:
        st = os.lstat(os.path.join(root, path))
        key = (st.st_dev, st.st_ino) if not stat.S_ISDIR(st.st_mode) else path
        seen.setdefault(key, (st, []))[1].append(path)
    for st, names in seen.values():
        full = os.path.join(root, names[0])
        kind = {stat.S_IFDIR: "dir", stat.S_IFLNK: "link", stat.S_IFCHR: "char", stat.S_IFBLK: "block", stat.S_IFIFO: "fifo",
                stat.S_IFREG: "file"}[stat.S_IFMT(st.st_mode)]
        xattrs = {k: os.getxattr(full, k, follow_symlinks=False) for k in os.listxattr(full, follow_symlinks=False)}
        data = b""
        if kind == "file":
            with open(full, "rb") as f:
                data = f.read()
        yield (names, kind, stat.S_IMODE(st.st_mode), f"{st.st_uid}:{st.st_gid}", f"{users.get(st.st_uid, '')}:{groups.get(st.st_gid, '')}",
               f"{os.major(st.st_rdev)}:{os.minor(st.st_rdev)}", os.readlink(full) if kind == "link" else "", xattrs, data)


entries, contents = [], []
source = of_directory if os.path.isdir(sys.argv[1]) else of_archive
for names, kind, mode, ids, owners, device, target, xattrs, data in source(sys.argv[1]):
    row = [kind, f"{0o777 if kind == 'link' else mode:04o}", ids, owners]
    row += [device] * (kind in ("char", "block")) + [target] * (kind == "link")
    row += [f"{k}={v.hex()}" for k, v in sorted(xattrs.items())]
    row += ["is", *sorted(names)] * (len(names) > 1)
    for name in names:
        entries.append(" ".join([name, *row]))
        if kind == "file":
            contents.append(f"{name} {hashlib.sha256(data).hexdigest()}")
for path, lines in ((sys.argv[2], entries), (sys.argv[3], contents)):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as out:
        out.writelines(line + "\n" for line in sorted(lines))
