(exit 3); echo $?
sh -c 'kill -KILL $$'; echo $?
sh -c 'sleep 20 & kill $!; wait $!; echo $?' 2>/dev/null
for i in 1 2 3 4 5 6 7 8; do (touch f$i; chown $i:$i f$i) & done; wait; every .
i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i + 1)); done; echo $i
echo a | tr a b | cat | sed s/b/c/
sh -c 'trap "echo term; exit 4" TERM; kill -TERM $$; sleep 1'; echo $?
