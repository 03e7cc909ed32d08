#!/bin/sh
# bad.sh - host bad: one misbehaviour an IPv6 address, sound over IPv4.
set -eu
. "$LABDIR/hosts.sh"
dir=$LABROOT/mta/bad mail=$LABROOT/mail/bad
mkdir -p "$dir" "$mail/new" "$mail/tmp"
set -- 198.51.100.114=norm 2001:db8:d7::2=norm
i=1
for behaviour in $LAB_BAD; do
	set -- "$@" "2001:db8:d7::1:$i=${behaviour#*=}"
	i=$((i + 1))
done
nsenter --net=/run/netns/bad /usr/bin/python3 "$LABDIR/bad_server.py" \
	"$LABROOT/ca/bad.crt" "$LABROOT/ca/bad.key" "$mail" "$@" \
	</dev/null >"$dir/out" 2>&1 &
"$LABDIR/listening.sh" bad 25 $# || { cat "$dir/out"; exit 1; }
