#!/bin/sh
# policy.sh - host pf, the strict destination: reverse DNS, a table of client
# addresses, SPF, DKIM and DMARC milters; greylisting for greylist.example, a
# way back from the reverse name for ptr.policy.example.
set -eu
. "$LABDIR/hosts.sh"
name=mx.policy.example dir=$LABROOT/mta/pf
in_root="$LABDIR/root.sh in pf $name"

files()
{
	mkdir -p "$dir/etc" "$dir/grey" "$dir/log"
	cat > "$dir/etc/clients" <<-END
	192.0.2.27      550 5.7.1 Service unavailable, Client host [192.0.2.27] blocked using Lab; S3150
	2001:db8:1::27  550 5.7.25 [2001:db8:1::27] The IP address sending this message does not have a matching PTR record
	END
	cat > "$dir/etc/recipients" <<-'END'
	/@greylist\.example$/    greylisting
	/@ptr\.policy\.example$/ forward_confirmed
	END
	cat > "$dir/etc/policyd-spf.conf" <<-END
	debugLevel = 1
	TestOnly = 1
	HELO_reject = Fail
	Mail_From_reject = Fail
	PermError_reject = True
	TempError_Defer = True
	skip_addresses = 127.0.0.0/8,::ffff:127.0.0.0/104,::1
	Hide_Receiver = Yes
	Header_Type = AR
	Authserv_Id = $name
	END
	cat > "$dir/etc/opendkim.conf" <<-END
	Syslog yes
	SyslogSuccess yes
	LogResults yes
	Mode v
	Socket local:$dir/opendkim.sock
	UMask 000
	ResolverConfiguration $dir/etc/resolver.conf
	TrustAnchorFile $LABROOT/dns/zones/trust.key
	AuthservID $name
	AlwaysAddARHeader yes
	RequireSafeKeys no
	END
	# opendkim resolves by libunbound, which asks the Internet's root
	cat > "$dir/etc/resolver.conf" <<-END
	server:
	  trust-anchor-file: "$LABROOT/dns/zones/trust.key"
	forward-zone:
	  name: "."
	  forward-addr: $RESOLVER4
	END
	cat > "$dir/etc/opendmarc.conf" <<-END
	Syslog true
	SoftwareHeader true
	Socket local:$dir/opendmarc.sock
	UMask 000
	AuthservID $name
	TrustedAuthservIDs $name
	RejectFailures true
	SPFIgnoreResults true
	SPFSelfValidate true
	FailureReports false
	END
	suffixes=/usr/share/publicsuffix/public_suffix_list.dat
	[ ! -e $suffixes ] ||
		echo "PublicSuffixList $suffixes" >> "$dir/etc/opendmarc.conf"
}

daemon() # daemon NAME COMMAND...
{
	log=$dir/log/$1.out; shift
	$in_root "$@" </dev/null >"$log" 2>&1 &
}

daemons()
{
	chown postgrey "$dir/grey"
	daemon opendkim opendkim -f -x "$dir/etc/opendkim.conf"
	daemon opendmarc opendmarc -f -c "$dir/etc/opendmarc.conf"
	daemon postgrey postgrey --inet=127.0.0.1:10023 \
		--delay="${LAB_GREYLIST_DELAY:-2}" --dbdir="$dir/grey" \
		--whitelist-clients=/dev/null --whitelist-recipients=/dev/null \
		--auto-whitelist-clients=0
}

if [ "${1:-}" = daemons ]; then
	daemons
	exit
fi
files
"$LABDIR/postfix.sh" pf $name "$0" daemons <<END
smtpd_delay_reject = yes
smtpd_client_restrictions = check_client_access cidr:$dir/etc/clients, reject_unknown_reverse_client_hostname
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_non_fqdn_helo_hostname
smtpd_sender_restrictions = reject_unknown_sender_domain
smtpd_restriction_classes = greylisting, forward_confirmed
greylisting = check_policy_service inet:127.0.0.1:10023
forward_confirmed = reject_unknown_client_hostname
smtpd_recipient_restrictions = reject_unauth_destination, check_policy_service unix:private/policyd-spf, check_recipient_access regexp:$dir/etc/recipients
policyd-spf_time_limit = 3600
smtpd_reject_footer = \c. For assistance, call 0120-000-000.\nPlease provide: date (\$localtime), client address (\$client_address).
smtpd_milters = unix:$dir/opendkim.sock, unix:$dir/opendmarc.sock
milter_default_action = tempfail
milter_connect_timeout = 5s
END
"$LABDIR/listening.sh" pf 10023
i=0
until [ -S "$dir/opendkim.sock" ] && [ -S "$dir/opendmarc.sock" ]; do
	i=$((i + 1))
	[ $i -lt 250 ] || { cat "$dir"/log/open*; exit 1; }
	sleep 0.02
done
