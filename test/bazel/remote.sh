# shellcheck shell=bash disable=SC2154 # sourced by run, which sets these
# Bazel's own remote worker, from Debian's sources. It listens on all addresses, and so it gets a network of its own.

"$top/test/scripts/install.sh" iproute2 openjdk-17-jdk-headless
(
	cd "$work"
	apt-get -qq download bazel-bootstrap-source
	dpkg -x bazel-bootstrap-source_*.deb worker-src
	find worker-src/usr/src/bazel-bootstrap/src/tools/remote/src/main/java -name '*.java' >worker-src/list
	javac -nowarn -d worker -cp /usr/share/bazel/A-server.jar @worker-src/list
	rm -rf worker-src bazel-bootstrap-source_*.deb
) >"$work/log" 2>&1 || {
	bad "the remote worker does not compile" "$work/log"
	return 0
}

unshare --net sleep infinity &
network=$!
# The holder of the namespace has left ours when its link says so.
for _ in {1..600}; do
	[ "$(readlink "/proc/$network/ns/net")" = "$(readlink /proc/self/ns/net)" ] || break
	sleep 0.1
done
inside=(nsenter --net="/proc/$network/ns/net" --)
"${inside[@]}" ip link set lo up

# The worker runs actions as whoever has started it. It has a cache that is asked by gRPC, and one by HTTP.
for who in root user; do
	bazel4 "$who" shutdown # a server outside does not reach the worker
	as "$who" mkdir -p "$work/$who/files" "$work/$who/store"
	as_words "$who"
	"${words[@]}" java -Xmx512m -cp "$work/worker:/usr/share/bazel/A-server.jar" com.google.devtools.build.remote.worker.RemoteWorker \
		--work_path="$work/$who/files" --cas_path="$work/$who/store" --listen_port=18980 --http_listen_port=18981 \
		</dev/null >"$work/$who/worker.log" 2>&1 &
	worker=$!
	for _ in {1..1200}; do
		! grep -q 'Started HTTP cache server' "$work/$who/worker.log" || break
		sleep 0.1
	done

	# The actions' results from a cache, and from there to a consumer in a sandbox.
	for cache in grpc://127.0.0.1:18980 http://127.0.0.1:18981; do
		name="$who, cache by ${cache%%:*}"
		bazel4 "$who" clean
		built "$name" bazel4 "$who" build --remote_cache="$cache" //rootfs:tree //rootfs:rootfs || continue
		bazel4 "$who" clean
		built "$name" bazel4 "$who" build --remote_cache="$cache" //rootfs:tree //rootfs:rootfs //cases:plain || continue
		holds "$name: taken from there" ran '2 remote cache hit.* 1 linux-sandbox'
		is "$name: the archive" "$(bin "$who")/rootfs/rootfs.tar.zst" "$want"
		is "$name: of a tree" "$(bin "$who")/cases/plain.tar" "$work/plain/root.tar"
	done

	# Cases 1 and 4.
	remote=(--remote_executor=grpc://127.0.0.1:18980 --noremote_accept_cached)
	cells 4 "$who" remote '' "${remote[@]}"
	cells 4 "$who" remote ', fake user name' "${remote[@]}" --sandbox_fake_username
	built "$who, remote: other cases" bazel4 "$who" build "${remote[@]}" --spawn_strategy=remote //cases:all &&
		is "$who, remote: a tree" "$(bin "$who")/cases/plain.tar" "$work/plain/root.tar"
	fails_with "$who, remote: a byte changed" 'bin/hello: sha256 is [0-9a-f]+, the manifest says' \
		bazel4 "$who" build "${remote[@]}" --spawn_strategy=remote //cases:of_tampered_byte

	bazel4 "$who" shutdown
	kill "$worker"
	wait "$worker" || :
	worker=''
done
kill "$network"
network='' inside=()
