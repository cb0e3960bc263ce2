# needs: python3
python3 - <<'END'
import os, threading
def work(i):
    for n in range(50):
        p = 'f%d-%d' % (i, n)
        open(p, 'w').close(); os.chown(p, i + 1, n + 1); os.chmod(p, 0o4700 + n); os.rename(p, 'g' + p)
ts = [threading.Thread(target=work, args=(i,)) for i in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]
bad = 0
for i in range(8):
    for n in range(50):
        s = os.stat('gf%d-%d' % (i, n))
        bad += (s.st_uid, s.st_gid, s.st_mode & 0o7777) != (i + 1, n + 1, 0o4700 + n)
print(bad)
END
