# needs: python3
mkdir -p d/e; echo text >d/f; chown 1:2 d/f; chmod 4640 d/f; setfattr -n user.a -v 1 d/f; chmod 0 d/e; mkfifo d/e/p
python3 - <<'END'
import shutil, tarfile, os
shutil.copytree('d', 'x', ignore=lambda d, n: ['p'])
shutil.copy2('d/f', 'g'); shutil.copystat('d/f', 'x'); shutil.chown('g', 5, 6)
with tarfile.open('t.tar', 'w') as t: t.add('d')
for m in tarfile.open('t.tar'): print(m.name, oct(m.mode), m.uid, m.gid, m.type)
os.mkdir('y'); tarfile.open('t.tar').extractall('y', numeric_owner=True)
shutil.move('g', 'y/g'); shutil.rmtree('d')
END
every x; every y; getfattr -d x/f; ls
