# needs: python3
python3 - <<'END'
import os
open('f', 'w').close()
def t(f):
    try: print(f())
    except OSError as e: print(e.errno, e.strerror)
for n in ('user.a', 'trusted.a', 'security.a'):
    t(lambda: os.setxattr('f', n, b'1', os.XATTR_REPLACE))
    t(lambda: os.setxattr('f', n, b'2', os.XATTR_CREATE))
    t(lambda: os.setxattr('f', n, b'3', os.XATTR_CREATE))
    t(lambda: os.getxattr('f', n))
t(lambda: sorted(os.listxattr('f')))
fd = os.open('f', os.O_RDONLY)
t(lambda: os.setxattr(fd, 'trusted.b', b'\0' * 300)); t(lambda: len(os.getxattr(fd, 'trusted.b')))
t(lambda: os.removexattr(fd, 'trusted.b')); t(lambda: os.removexattr(fd, 'trusted.b'))
os.symlink('f', 'l'); t(lambda: os.setxattr('l', 'trusted.l', b'x', follow_symlinks=False)); t(lambda: sorted(os.listxattr('l', follow_symlinks=False)))
END
