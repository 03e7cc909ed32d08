#!/bin/sh
# listening.sh HOST [PORT [COUNT]] - waits until COUNT sockets listen there.
i=0
until [ "$(nsenter --net="/run/netns/$1" ss -Hltn "sport = :${2:-25}" |
	wc -l)" -ge "${3:-1}" ]; do
	i=$((i + 1))
	[ $i -lt 500 ] || { echo "$1: nothing listens on port ${2:-25}"; exit 1; }
	sleep 0.02
done
