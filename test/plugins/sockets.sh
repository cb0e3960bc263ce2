# shellcheck shell=bash
# shellcheck disable=SC2154 # work is of run
# Sourced by run: who would ask nscd or systemd-userdb for accounts. Without the policy they are asked; with it they are not there.

user=1543 # nobody else on the machine, whose programs ask too
sockets=(/run/nscd/socket /run/systemd/userdb/io.systemd.NameServiceSwitch /run/systemd/userdb/io.systemd.Multiplexer)
for socket in "${sockets[@]}"; do
	if [ -e "$socket" ]; then
		echo "test-plugins: $socket is there already (stop its service)" >&2
		exit 1
	fi
done

cat >"$work/listen.py" <<'EOF'
import os, socket, struct, sys, threading

def serve(path):
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    os.chmod(path, 0o777)
    s.listen(100)
    while True:
        c, _ = s.accept()
        _, uid, _ = struct.unpack("3i", c.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if uid == int(sys.argv[2]):
            with open(sys.argv[1], "a") as f:
                f.write(path + "\n")
        c.close()

for path in sys.argv[3:]:
    threading.Thread(target=serve, args=[path], daemon=True).start()
sys.stdin.read()
EOF
cat >"$work/connect.py" <<'EOF'
import os, socket, sys

for path in sys.argv[1:]:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("connected")
    except OSError as e:
        print(os.strerror(e.errno))
EOF

made=()
for dir in /run/nscd /run/systemd /run/systemd/userdb; do
	[ -d $dir ] || { mkdir $dir && made=("$dir" "${made[@]}"); }
done
: >"$work/asked"
mkfifo "$work/end"
python3 "$work/listen.py" "$work/asked" $user "${sockets[@]}" <"$work/end" &
exec 8>"$work/end"
for _ in $(seq 300); do
	[ -S "${sockets[2]}" ] && [ -S "${sockets[0]}" ] && break
	sleep 0.1
done

echo '[action]' >"$work/none.toml"
expect "nscd: asked where nothing says otherwise" /run/nscd/socket "$(as "$work/none.toml" -- getent passwd nobody >/dev/null; sort -u "$work/asked")"
expect "sockets: there where nothing says otherwise" "connected connected connected" \
	"$(as "$work/none.toml" -- python3 "$work/connect.py" "${sockets[@]}" | xargs)"
for config in inline files; do
	c=$work/$config.toml
	sleep 0.5 # until what came before has been written down
	: >"$work/asked"
	expect "$config: nobody else knows of more" 2 "$(as "$c" -- sh -c 'getent passwd daemon; echo $?; id www >/dev/null; getent group crew >/dev/null; su -s /bin/sh www -c :')"
	expect "$config: nobody else is asked" "" "$(sort -u "$work/asked")"
	none="No such file or directory"
	expect "$config: their sockets are not there" "$none $none $none $none" \
		"$(as "$c" -- python3 "$work/connect.py" "${sockets[@]}" /var/run/nscd/socket | xargs)"
done
exec 8>&-
wait
rm -f "${sockets[@]}"
[ ${#made[@]} = 0 ] || rmdir "${made[@]}"
user=1500
