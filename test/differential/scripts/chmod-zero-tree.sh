mkdir -p d/e; echo text >d/e/f
chmod 0 d/e/f d/e d
cat d/e/f
echo more >>d/e/f
cat d/e/f
touch d/e/new; mv d/e/f d/e/g; every d
cp -r d copy; every copy
rm -r d copy; ls
