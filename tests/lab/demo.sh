#!/bin/sh
# demo.sh - one delivery with mxprobe over both families to a real Postfix that
# refuses as Gmail does, and the proof in its mailbox.  Run by "lab demo".
# Ends 0 if mxprobe told the refusal (exit status 1) and one message is there.
set -u
case $MXPROBE in
/*)	;;
*)	MXPROBE=$PWD/$MXPROBE ;;
esac
[ -x "$MXPROBE" ] || { echo "lab demo: no program $MXPROBE" >&2; exit 2; }

count() { "$LAB" mail gm | grep -c "$1"; }

meaning()
{
	case $1 in
	0)	echo 'all expectations met' ;;
	1)	echo 'the mail was refused' ;;
	2)	echo 'usage' ;;
	3)	echo 'does not parse' ;;
	4)	echo 'could not be decided' ;;
	5)	echo 'the budget refused' ;;
	*)	echo 'not one that mxprobe promises' ;;
	esac
}

cat <<'END'
The lab stands: a router, name servers and mail servers in network namespaces
of this machine.  Host eg (192.0.2.25 and 2001:db8:1::25) writes to
postmaster@gmail-like.example.  The Postfix there takes mail over IPv4; over
IPv6 it refuses every client after the end of the message, in Gmail's words.

END
set -- gmail-like.example -f probe@sender.example \
	-t postmaster@gmail-like.example --deliver --ehlo eg.sender.example
echo "$ mxprobe $*"
COLUMNS=100 "$LAB" on eg timeout 120 "$MXPROBE" "$@" </dev/null
status=$?
echo "exit status $status ($(meaning $status))"
echo
messages=$(count '^From gm ')
over4=$(count '^Received: from .*\[192\.0\.2\.25\]')
over6=$(count '^Received: from .*\[IPv6:\|^Received: from .*\[2001:')
echo "The mailbox of that Postfix holds $messages message(s): $over4 came" \
	"over IPv4, $over6 over IPv6."
"$LAB" mail gm |
	grep -iE '^(From gm|Received:|Subject:|Message-ID:)' | sed 's/^/    /'
echo
if [ $status = 1 ] && [ "$messages" = 1 ] && [ "$over4" = 1 ]; then
	echo "As it should be: refused over IPv6 and said so; delivered once" \
		"over IPv4."
	exit 0
fi
echo "Not as it should be: wanted exit status 1 and exactly one message," \
	"over IPv4."
exit 1
