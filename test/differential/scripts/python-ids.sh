# needs: python3
python3 - <<'END'
import os
def ids(): print(os.getresuid(), os.getresgid(), os.getgroups())
ids()
os.setgroups([5, 6]); os.setresgid(1, 2, 3); os.setresuid(1000, 1001, 0); ids()
os.seteuid(0); ids()
os.setgroups([]); os.setgid(1000); os.setuid(1000); ids()
for call in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.chown('.', 1000, 1000), lambda: os.mkdir('d'), lambda: os.chroot('/')):
    try: print(call())
    except OSError as e: print(e.errno, e.strerror)
END
