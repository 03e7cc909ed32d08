#!/bin/sh
# web.sh - host web: MTA-STS policies by HTTPS (web_server.py).
set -eu
dir=$LABROOT/mta/web
mkdir -p "$dir"
nsenter --net=/run/netns/web /usr/bin/python3 -B "$LABDIR/web_server.py" \
	"$LABROOT/ca" </dev/null >"$dir/out" 2>&1 &
"$LABDIR/listening.sh" web 443 || { cat "$dir/out"; exit 1; }
