#!/bin/sh
# postfix.sh HOST NAME [COMMAND...] - a Postfix on a lab host, in a root of its
# own; main.cf lines on standard input.  COMMAND runs before it starts.  The
# lines of master.cf in LAB_LISTENERS take the place of one smtpd on port 25.
# Needs no systemd, no syslogd, and nothing of the machine's /etc/postfix.
set -eu
. "$LABDIR/hosts.sh"
host=$1 name=$2; shift 2
dir=$LABROOT/mta/$host mail=$LABROOT/mail/$host
in_root="$LABDIR/root.sh in $host $name"
mkdir -p "$dir/etc" "$dir/spool" "$dir/lib" "$dir/log" "$mail"
chown postfix "$dir/lib"
chown mail "$mail"
cp /etc/postfix/dynamicmaps.cf "$dir/etc/" 2>/dev/null || :

{
	cat <<-END
	compatibility_level = 3.6
	queue_directory = $dir/spool
	data_directory = $dir/lib
	command_directory = /usr/sbin
	daemon_directory = /usr/lib/postfix/sbin
	maillog_file = $dir/log/maillog
	maillog_file_prefixes = $LABROOT
	myhostname = $name
	mydomain = ${name#*.}
	mydestination =
	virtual_mailbox_domains = $name localhost $(lab_domains "$host" |
		tr '\n' ' ')
	virtual_mailbox_base = $LABROOT/mail
	virtual_mailbox_maps = static:$host/
	virtual_minimum_uid = 1
	virtual_uid_maps = static:$(id -u mail)
	virtual_gid_maps = static:$(id -g mail)
	mynetworks = 127.0.0.0/8 [::1]/128
	inet_interfaces = all
	inet_protocols = all
	alias_maps =
	alias_database =
	smtpd_client_connection_rate_limit = 0
	smtpd_error_sleep_time = 0
	smtpd_tls_security_level = may
	smtpd_tls_cert_file = $LABROOT/ca/$host.crt
	smtpd_tls_key_file = $LABROOT/ca/$host.key
	smtpd_tls_loglevel = 1
	smtpd_tls_received_header = yes
	smtp_tls_security_level = may
	smtp_tls_CAfile = $LABROOT/ca/trust.pem
	END
	# The children's environment is emptied; one uid needs its shim there.
	[ "$LAB_MODE" != user ] || echo "import_environment = MAIL_CONFIG" \
		"MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_PRELOAD=$LD_PRELOAD"
	cat
} > "$dir/etc/main.cf"
cat > "$dir/etc/master.cf" <<END
${LAB_LISTENERS:-25 inet n - n - - smtpd}
postlog   unix-dgram n - n - 1 postlogd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - 1 smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
policyd-spf unix - n n - 0 spawn user=nobody argv=/usr/bin/policyd-spf $dir/etc/policyd-spf.conf
END
# Each Postfix program waits in steps of 0.3 s until main.cf is more than a
# second old, for it might still be being written.
touch -d '1 minute ago' "$dir/etc/main.cf" "$dir/etc/master.cf"

# "postfix start" makes the queue in 1 to 3 s; by hand it takes 30 ms.
(
	cd "$dir/spool"
	queues='active bounce corrupt defer deferred flush hold incoming
	private saved trace'
	# shellcheck disable=SC2086
	mkdir -p $queues maildrop public pid
	# shellcheck disable=SC2086
	chown postfix $queues
	chown postfix:postdrop maildrop public
	# shellcheck disable=SC2086
	chmod 700 $queues
	chmod 730 maildrop
	chmod 710 public
)
"$LABDIR/root.sh" up "$host" none
# milters, policy daemons and spawn(8) children log to /dev/log
$in_root /usr/bin/python3 "$LABDIR/syslog.py" "$dir/log/syslog" "${name%%.*}" \
	</dev/null >"$dir/log/syslog.out" 2>&1 &
until [ -S "/run/root/$host/r/dev/log" ]; do sleep 0.01; done
[ $# = 0 ] || "$@"
$in_root env MAIL_CONFIG="$dir/etc" /usr/lib/postfix/sbin/master \
	-c "$dir/etc" -w </dev/null >"$dir/log/start.out" 2>&1 ||
	{ cat "$dir"/log/*; exit 1; }
"$LABDIR/listening.sh" "$host" || { cat "$dir"/log/*; exit 1; }
