# needs: python3
python3 - <<'END'
import subprocess, sys, os
os.mkdir('d'); os.chmod('d', 0o777)
def run(*a, **k):
    r = subprocess.run(a, capture_output=True, text=True, **k); print(r.returncode, r.stdout.split(), r.stderr.strip())
run('id', '-u', user=1000)
run('id', '-G', user=1000, group=1001, extra_groups=[5, 6])
run('touch', 'd/f', user=1000, group=1001, extra_groups=[])
run('sh', '-c', 'echo x >d/f; umask', user=1002, umask=0o027)
run('stat', '-c', '%A %u:%g', 'd/f')
run('sh', '-c', 'kill -TERM $$')
pid = os.posix_spawn('/bin/sh', ['sh', '-c', 'exit 7'], {}); print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
