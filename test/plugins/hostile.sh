# shellcheck shell=bash
# shellcheck disable=SC2154 # work is of run
# Sourced by run: plugins that misbehave. Each is one line and status 125, the action does not begin, nothing is left running, and nobody
# waits for long.

# hostile NAME LINE <SCRIPT: a plugin that is a script, all at the same time.
hostile() {
	local dir=$work/hostile/$1 want="feign: plugin \"hostile\": $2" status=0 start=$SECONDS
	mkdir -p "$dir"
	{ echo '#!/bin/sh' && cat; } >"$dir/plugin"
	chmod 755 "$dir/plugin"
	chown -R 1500:1500 "$dir"
	printf '[[plugin]]\nname = "hostile"\npath = "plugin"\nsha256 = "%s"\n' "$(sha256sum <"$dir/plugin" | cut -d' ' -f1)" >"$dir/feign.toml"
	(cd "$dir" && timeout 60 setpriv --reuid 1500 --regid 1500 --clear-groups -- env -i PATH=/usr/bin:/bin \
		"$work/feign" run -c feign.toml -- touch began) >"$dir/out" 2>"$dir/err" || status=$?
	{
		echo "status $status"
		while read -r line; do
			case $line in
			"$want"*) echo "as expected" ;;
			*) echo "$line" ;;
			esac
		done <"$dir/err"
		[ ! -e "$dir/began" ] || echo "the action began"
		[ $((SECONDS - start)) -lt 45 ] || echo "it took $((SECONDS - start)) s"
	} >"$dir/result"
}

mkdir "$work/hostile"
hostile garbage 'its first line is "hello, world", not go-plugin' <<<'echo hello, world; sleep 4242' &
hostile silent 'not ready within 10s of its start' <<<'sleep 4242' &
hostile dies 'it ended with status 3, its last words "no luck", at its start; it was started twice' <<<'echo no luck >&2; exit 3' &
# shellcheck disable=SC2016 # what the plugin expands
hostile killed 'it was ended by signal 9 (SIGKILL) at its start; it was started twice' <<<'kill -9 $$' &
hostile closes 'it closed its standard output without a word' <<<'exec >&-; sleep 4242' &
hostile endless 'its first line has no end' <<<'while :; do printf 0123456789012345678901234567890123456789; done' &
hostile version 'it speaks version 7 of the messages, this feign speaks 1' <<<'echo "1|7|unix|/tmp/s|grpc|"; sleep 4242' &
hostile tcp 'it listens on "tcp", not on a unix socket' <<<'echo "1|1|tcp|127.0.0.1:1|grpc|"; sleep 4242' &
hostile nobody 'cannot connect to it' <<<'echo "1|1|unix|/nonexistent|grpc|AAAA"; sleep 4242' &
hostile stubborn 'its first line is "never", not go-plugin' <<<"trap '' TERM HUP INT; sleep 4242 & echo never; wait" &
wait
for name in garbage silent dies killed closes endless version tcp nobody stubborn; do
	expect "hostile: $name" "$(printf 'status 125\nas expected')" "$(cat "$work/hostile/$name/result")"
done
expect "hostile: nothing runs any more" "" "$(pgrep -u 1500 -fa 'sleep 4242')"
