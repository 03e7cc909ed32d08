#!/bin/sh
# forward.sh - host fw: a Postfix that forwards for forward.example, over both
# families, and rewraps what goes to rewrap@ (rewrap_milter.py).  It is also
# home to signed.example, whose bounces it gets, and shows the certificate of
# before, which has expired, at a second IPv6 address.
set -eu
. "$LABDIR/hosts.sh"
dir=$LABROOT/mta/fw
mkdir -p "$dir/etc"

milter()
{
	nsenter --net=/run/netns/fw /usr/bin/python3 -B \
		"$LABDIR/rewrap_milter.py" "$dir/milter.sock" \
		</dev/null >"$dir/log/milter.out" 2>&1 &
	until [ -S "$dir/milter.sock" ]; do sleep 0.01; done
}

# lab_row's fields 2 and 4, without the prefix length
address()
{
	lab_row "$1" | awk -v column="$2" '{ sub("/.*", "", $column)
		print $column }'
}

if [ "${1:-}" = milter ]; then
	milter
	exit
fi
cat > "$dir/etc/aliases" <<END
plain@forward.example   plain4@policy.example plain6@policy.example
rewrap@forward.example  rewrap4@policy.example rewrap6@policy.example rewrapped@yahoojp-like.example
END
# The user's digit is the family to go by.  The transport "relay" sends one
# message at a time: opendkim may crash over two signatures at once.
for user in plain rewrap; do
	echo "${user}4@policy.example relay:[$(address pf 2)]"
	echo "${user}6@policy.example relay:[$(address pf 4)]"
done > "$dir/etc/transport"
LAB_LISTENERS="$(address fw 2):25 inet n - n - - smtpd
[$(address fw 4)]:25 inet n - n - - smtpd
[$OLDCERT6]:25 inet n - n - - smtpd
  -o smtpd_tls_cert_file=$LABROOT/ca/fwold.crt
  -o smtpd_tls_key_file=$LABROOT/ca/fwold.key"
export LAB_LISTENERS
"$LABDIR/postfix.sh" fw mx.forward.example "$0" milter <<END
virtual_alias_maps = texthash:$dir/etc/aliases
transport_maps = texthash:$dir/etc/transport
smtpd_milters = unix:$dir/milter.sock
milter_default_action = tempfail
END
