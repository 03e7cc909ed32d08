#!/bin/sh
# exim.sh - host ex: Exim.  exim.example takes everything; notauth.exim.example
# refuses IPv6 clients after the data, in Gmail's words; the IPv6 address of
# tarpit.exim.example lets a client wait 15 s for the banner.
set -eu
. "$LABDIR/hosts.sh"
name=mx.exim.example dir=$LABROOT/mta/ex mail=$LABROOT/mail/ex
in_root="$LABDIR/root.sh in ex $name"
mkdir -p "$dir/log" "$dir/spool" "$mail"
"$LABDIR/root.sh" up ex exim
install -m 600 "$LABROOT/ca/ex.key" "$dir/tls.key"

# The compiled-in path: with -C, Exim's children lose root ("lost privilege
# for using -C option") and cannot deliver.
conf=/run/root/ex/r/etc/exim4/exim4.conf
mkdir -p "${conf%/*}"
cat > "$conf" <<END
primary_hostname = $name
domainlist local_domains = $name : $(lab_domains ex | tr '\n ' '::' |
	sed 's/:$//; s/:/ : /g')
spool_directory = $dir/spool
log_file_path = $dir/log/%slog
log_selector = +all
acl_smtp_connect = acl_connect
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
tls_advertise_hosts = *
tls_certificate = $LABROOT/ca/ex.crt
tls_privatekey = $dir/tls.key
host_lookup = *
never_users =
rfc1413_query_timeout = 0s
smtp_enforce_sync = false
smtp_accept_max = 100
keep_environment = LD_PRELOAD
begin acl
acl_connect:
  accept condition = \${if eq{\$received_ip_address}{$TARPIT6}}
         delay = 15s
  accept
acl_rcpt:
  accept domains = +local_domains
  deny message = relay not permitted
acl_data:
  deny condition = \${if and{{isip6{\$sender_host_address}}{match{\$recipients}{@notauth\\\\.}}}}
       message = 550 5.7.1 [\$sender_host_address] The IP you're using to send mail is not\\nauthorized to send email directly to our servers. Please use the SMTP\\nrelay at your service provider instead. For more information, go to\\n https://support.google.com/mail/?p=NotAuthorizedError \$message_exim_id - gsmtp
  accept
begin routers
local:
  driver = accept
  domains = +local_domains
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = $mail
  maildir_format
  delivery_date_add
  envelope_to_add
  return_path_add
  user = Debian-exim
begin retry
* * F,2h,15m
END
chmod 644 "$conf"
$in_root chown -R Debian-exim:Debian-exim "$dir" "$mail"
$in_root /usr/sbin/exim4 -bd -q30m -oP "$dir/exim.pid" \
	</dev/null >"$dir/log/start.out" 2>&1 || { cat "$dir"/log/*; exit 1; }
"$LABDIR/listening.sh" ex || { cat "$dir"/log/*; exit 1; }
