# needs: python3
python3 - <<'END'
import os, stat
def show(p, **k):
    s = os.stat(p, follow_symlinks=False, **k)
    print(oct(s.st_mode), s.st_uid, s.st_gid, s.st_nlink, os.major(s.st_rdev), os.minor(s.st_rdev))
open('f', 'w').close()
os.chown('f', 1, 2); show('f')
os.chmod('f', 0o6711); show('f')
os.symlink('f', 'l'); os.lchown('l', 3, 4); show('l')
os.chown('l', 5, 6, follow_symlinks=False); show('l')
os.mknod('c', 0o20640, os.makedev(5, 7)); show('c')
os.mkfifo('p', 0o600); show('p')
os.mkdir('d', 0o3777); show('d')
fd = os.open('d', os.O_RDONLY)
os.mknod('b', 0o60600, os.makedev(7, 3), dir_fd=fd); show('b', dir_fd=fd)
os.chown('b', 8, 9, dir_fd=fd); os.link('b', 'b2', src_dir_fd=fd, dst_dir_fd=fd); show('b2', dir_fd=fd)
os.rename('b', 'b3', src_dir_fd=fd, dst_dir_fd=fd); show('b3', dir_fd=fd)
os.fchown(fd, 10, 11); os.fchmod(fd, 0o1700); show('d')
print(sorted((e.name, stat.filemode(e.stat(follow_symlinks=False).st_mode), e.is_file()) for e in os.scandir('.')))
os.replace('f', 'p'); show('p')
os.chmod('d', 0); print(os.access('d', os.R_OK | os.W_OK | os.X_OK), os.listdir('d') != [])
END
