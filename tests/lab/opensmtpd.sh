#!/bin/sh
# opensmtpd.sh - host os: OpenSMTPD.  Debian 12's 6.8.0p2 cannot do TLS as a
# server with OpenSSL 3 (OpenSMTPD issue 1171): STARTTLS is offered and answered
# 220, and the handshake ends in alert 80.  A broken STARTTLS as it is in the
# world; on IPv6 only, IPv4 stays without TLS.
set -eu
. "$LABDIR/hosts.sh"
name=mx.opensmtpd.example dir=$LABROOT/mta/os mail=$LABROOT/mail/os
root=/run/root/os/r
in_root="$LABDIR/root.sh in os $name"
mkdir -p "$dir/log" "$mail"
"$LABDIR/root.sh" up os opensmtpd
install -m 644 "$LABROOT/ca/os.crt" "$root/etc/ssl/os.crt"
install -m 600 "$LABROOT/ca/os.key" "$root/etc/ssl/os.key"
cat > "$root/etc/smtpd.conf" <<END
pki $name cert "/etc/ssl/os.crt"
pki $name key "/etc/ssl/os.key"
table everyone { "@" = mail }
listen on 0.0.0.0 port 25 hostname $name
listen on ::0 port 25 tls pki $name hostname $name
action "maildir" maildir "$mail" virtual <everyone>
match from any for domain "opensmtpd.example" action "maildir"
END
mkdir -p "$root/var/spool/smtpd" "$root/var/empty" "$root/run/opensmtpd"
# shellcheck disable=SC2016
$in_root sh -c '
	chown root:root /etc/smtpd.conf /var/spool/smtpd
	chmod 711 /var/spool/smtpd
	chown mail "$1"' sh "$mail"
$in_root /usr/sbin/smtpd -d -v -f /etc/smtpd.conf </dev/null \
	>"$dir/log/smtpd.log" 2>&1 &
"$LABDIR/listening.sh" os 25 2 || { cat "$dir"/log/*; exit 1; }
