#!/bin/sh
# proxy.sh - at the router: it hears nothing until faults.sh leads it astray.
set -eu
mkdir -p "$LABROOT/mta/rt"
nsenter --net=/run/netns/rt /usr/bin/python3 "$LABDIR/proxy_server.py" \
	</dev/null >"$LABROOT/mta/rt/out" 2>&1 &
"$LABDIR/listening.sh" rt 25 2 || { cat "$LABROOT/mta/rt/out"; exit 1; }
