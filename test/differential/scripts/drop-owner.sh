mkdir -m 777 d
as 1000 sh -c 'cd d; echo a >f; chmod 400 f; echo b >f'; echo "status $?"
as 1000 sh -c 'cd d; chmod 600 f; echo c >f; cat f; chmod 0 f; cat f'; echo "status $?"
cat d/f
as 1001 rm -f d/f; echo "status $?"; ls d
