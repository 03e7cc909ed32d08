#!/bin/sh
# leader.sh [COMMAND...] - process 1 of a lab: brings everything up, and runs
# COMMAND or waits.  When it ends, the kernel ends every process of the lab and
# forgets the namespaces, the mounts, and the files, which are on a tmpfs.
set -u
. "$LABDIR/hosts.sh"
trap 'exit 143' TERM INT HUP

failed()
{
	echo "lab: $1 did not come up:" >&2
	tail -n 12 "$LABROOT/log/$1" >&2
	exit 1
}

part() # part NAME COMMAND...: quiet, unless it fails
{
	part=$1; shift
	"$@" </dev/null >"$LABROOT/log/$part" 2>&1 || failed "$part"
}

# Which names answer, whatever the machine's /etc/resolv.conf is: a file, a
# link into the /run that ours now hides, or nothing at all.
resolv_conf()
{
	{
		[ "$1" = 6 ] || echo "nameserver $RESOLVER4"
		[ "$1" = 4 ] || echo "nameserver $RESOLVER6"
		echo 'options edns0 trust-ad timeout:2 attempts:2'
	} > "$2"
}

names()
{
	resolv_conf both "$LABROOT/resolv.conf"
	resolv_conf 4 "$LABROOT/resolv.conf.e4"
	resolv_conf 6 "$LABROOT/resolv.conf.e6"
	file=$(readlink -m /etc/resolv.conf)
	case $file in
	/run/*)	mkdir -p "${file%/*}"
		: > "$file" ;;
	*)	if [ ! -e "$file" ]; then
			mkdir -p /run/etc/upper /run/etc/work
			: > /run/etc/upper/resolv.conf
			mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work /etc
		fi ;;
	esac
	mount --bind "$LABROOT/resolv.conf" /etc/resolv.conf
}

files()
{
	mount -t tmpfs -o mode=755 tmpfs /run &&
		mkdir -p /run/netns /run/lock "$LABROOT/log" "$LABROOT/mta" \
		"$LABROOT/mail" "$LABROOT/dns" "$LABROOT/home" &&
		cp -R "$LAB_CACHE/ca" "$LAB_CACHE/fakeids.so" "$LABROOT/" &&
		echo "$LAB_MODE" > "$LABROOT/mode" &&
		chmod 600 "$LABROOT"/ca/*.key "$LABROOT/ca/dkim.private" &&
		names
}

with_shim()
{
	[ "$LAB_MODE" != user ] || export LD_PRELOAD="$LABROOT/fakeids.so"
	"$@"
}

servers()
{
	waiting=
	for server in gmail exim bad policy forward web proxy \
		'postfix yj mx.yahoojp-like.example' \
		'postfix hole mx.hole.example' opensmtpd; do
		# shellcheck disable=SC2086
		set -- $server
		# OpenSMTPD insists on changing user: not with a single one.
		[ "$1$LAB_MODE" != opensmtpduser ] || continue
		script=$LABDIR/$1.sh; shift
		with_shim part "$(echo "$server" | cut -d' ' -f1-2 | tr ' ' -)" \
			"$script" "$@" &
		waiting="$waiting $!"
	done
	for job in $waiting; do
		wait "$job" || exit 1
	done
}

files || { echo "lab: no room of its own under /run" >&2; exit 1; }
part zones "$LABDIR/zones.sh" "$LABROOT/dns/zones" &
zones=$!
part net "$LABDIR/net.sh"
wait $zones || exit 1
part dns "$LABDIR/dns.sh"
servers
cd "$LAB_CWD" || exit 1
if [ $# -gt 0 ]; then
	# A shell hears a signal while it waits, not while a command is in
	# front; and without fd 3 a background job's input is /dev/null.
	exec 3<&0
	"$@" <&3 3<&- &
	wait $!
	exit
fi
exec </dev/null >/dev/null 2>&1
: > "$LABROOT/ready"
while :; do
	sleep 3600 &
	wait $!
done
