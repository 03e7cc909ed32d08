#!/bin/sh
# gmail.sh - host gm: a Postfix that refuses as Gmail does (gmail_milter.py).
set -eu
dir=$LABROOT/mta/gm
mkdir -p "$dir"

milter()
{
	nsenter --net=/run/netns/gm /usr/bin/python3 -B \
		"$LABDIR/gmail_milter.py" "$dir/milter.sock" \
		</dev/null >"$dir/log/milter.out" 2>&1 &
	until [ -S "$dir/milter.sock" ]; do sleep 0.01; done
}

case ${1:-} in
milter)	milter ;;
*)	"$LABDIR/postfix.sh" gm mx.gmail-like.example "$0" milter <<-END
	smtpd_milters = unix:$dir/milter.sock
	smtpd_banner = \$myhostname ESMTP \$mail_name
	milter_default_action = tempfail
	END
esac
