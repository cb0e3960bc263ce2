mkdir -p d/e/f; touch d/e/f/g; chmod -R a-w d; chmod 0 d/e/f
rm -r d </dev/null; echo "status $?"; ls
mkdir d; touch d/x; chown -R 9:9 d; chmod 1755 d; rm -r d; ls
