# needs: python3
python3 - <<'END'
import os, sys
os.mkdir('d'); os.chmod('d', 0o777)
for uid in (1000, 1001):
    pid = os.fork()
    if pid == 0:
        os.setgroups([]); os.setgid(uid + 5); os.setuid(uid)
        open('d/%d' % uid, 'w').close()
        try: open('d/0', 'w').close()
        except OSError as e: print(e)
        sys.stdout.flush(); os._exit(uid - 999)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])); sys.stdout.flush()
    open('d/0', 'w').close(); os.chmod('d/0', 0o600)
for n in sorted(os.listdir('d')):
    s = os.stat('d/' + n); print(n, oct(s.st_mode), s.st_uid, s.st_gid)
print(os.getuid())
END
