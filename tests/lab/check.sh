#!/bin/sh
# check.sh - the lab tests itself: what its README promises of each domain, by
# tools that are not mxprobe (dig, swaks).  Run by "lab check"; prints TAP.
set -u
. "$LABDIR/hosts.sh"
number=0 failures=0
big=$LABROOT/big.eml

check() # check TITLE PATTERN GOT
{
	number=$((number + 1))
	if echo "$3" | grep -aqE -e "$2"; then
		echo "ok $number - $1"
	else
		failures=$((failures + 1))
		echo "not ok $number - $1"
		printf '%s\n' "wanted: $2" "$3" | sed 's/^/# /'
	fi
}

# name NAME TYPE PATTERN [HOST [dig options]]: status, flags, data
name()
{
	host=${4:-eg}
	got=$("$LAB" on "$host" dig +time=3 +tries=1 ${5:+"$5"} "$1" "$2" |
		awk '/status:/ { sub(/,/, "", $6); status = $6 }
		/;; flags:/ { sub(/.*flags: /, ""); sub(/;.*/, ""); flags = $0 }
		/^[^;]/ { $1 = $2 = $3 = ""; data = data " | " $0 }
		END { print (status ? status : "silence"), flags, data }')
	check "$1 $2 (on $host)" "$3" "$got"
}

# mail DOMAIN FAMILY PATTERN [swaks options]: what a delivery ends in
mail()
{
	domain=$1 family=$2 pattern=$3; shift 3
	mx=$("$LAB" on eg dig +short "$domain" MX | awk 'NR == 1 { print $2 }')
	got=$("$LAB" on "${from:-eg}" timeout "${limit:-8}" swaks "-$family" \
		--server "${mx:-$domain}" --ehlo "${from:-eg}.sender.example" \
		--from a@sender.example --to "b@$domain" -tls --timeout 3 \
		"$@" </dev/null 2>&1)
	[ $? != 124 ] || got="$got
HANGS"
	got=$(echo "$got" | grep -aE '^(<|\*|HANGS)' | tail -8)
	check "$domain over IPv$family${1:+ ($*)}" "$pattern" "$got"
}

both()
{
	domain=$1 over4=$2 over6=$3; shift 3
	mail "$domain" 4 "$over4" "$@"
	mail "$domain" 6 "$over6" "$@"
}

web() # web DOMAIN PATTERN: its MTA-STS policy
{
	got=$("$LAB" on eg /usr/bin/python3 -c '
import sys, urllib.request
url = "https://mta-sts." + sys.argv[1] + "/.well-known/mta-sts.txt"
print(urllib.request.urlopen(url, timeout=5).read().decode())' "$1" 2>&1 |
		tail -n 5 | tr '\r\n' '  ')
	check "policy of $1" "$2" "$got"
}

fault() # fault FAULT HOST ARGUMENT
{
	"$LAB" fault clear
	"$LAB" fault "$@" || echo "not ok - fault $*"
}

# certificate ADDRESS PATTERN: its last day, and the hash of its key
certificate()
{
	"$LAB" on eg openssl s_client -connect "$1:25" -starttls smtp \
		</dev/null >"$LABROOT/shown.crt" 2>/dev/null
	got=$(openssl x509 -in "$LABROOT/shown.crt" -noout -enddate
		openssl x509 -in "$LABROOT/shown.crt" -noout -pubkey |
		openssl pkey -pubin -outform DER | sha256sum)
	check "certificate at $1" "$2" "$(echo "$got" | tr '\n' ' ')"
}

certificates()
{
	now=$(cat "$LABROOT/ca/fw.tlsa") before=$(cat "$LABROOT/ca/fwold.tlsa")
	certificate 198.51.100.162 " $now "
	certificate '[2001:db8:d9::2]' " $now "
	certificate '[2001:db8:d9::e]' "^notAfter=Jan  1 .* 2025 GMT $before "
	for name in danerolled:$before danerolled6:$now forward:$now; do
		name "_25._tcp.mx.${name%%:*}.example" TLSA \
			"^NOERROR .* ad .*3 1 1 $(echo "${name#*:}" |
			tr a-f A-F | sed 's/^\(.\{56\}\)/\1 ?/')"
	done
}

names()
{
	name gmail-like.example MX '^NOERROR .*ad .*mx.gmail-like.example'
	name _25._tcp.mx.gmail-like.example TLSA '^NOERROR .* ad .*3 1 1'
	name mx.yahoojp-like.example AAAA '^NOERROR .* SOA '
	name mx.v6only.example A '^NOERROR .* SOA '
	name nullmx.example MX '^NOERROR.* 0 \.$'
	name ipmx.example MX ' 10 198.51.100.18\.$'
	name alias.cnamemx.example AAAA 'CNAME mx.gmail-like.*AAAA'
	name implicit.example MX '^NOERROR .* SOA '
	name multimx.example MX ' 10 mx.bad.* 20 mx.gmail| 20 mx.gmail.* 10 mx.bad'
	name mxnx.example MX 'nothing-here.example'
	name nothing-here.example A '^NXDOMAIN'
	name localhost.example AAAA '::1$'
	name mx.mxprivate.example A '10.1.2.3$'
	name xn--bcher-kva.example MX 'mx.gmail-like'
	name insecure.example MX '^NOERROR qr rd ra '
	name bogus.example MX '^SERVFAIL'
	name bogus.example MX '^NOERROR' eg +cd
	name lame.example MX '^SERVFAIL'
	name deadns.example MX '^silence'
	name refused.example MX '^REFUSED'
	name t001.example MX 'mx.gmail-like'
	name t200.example MX 'mx.bad'
	name 25.2.0.192.in-addr.arpa PTR '^NOERROR.* eg.sender.example'
	name 28.2.0.192.in-addr.arpa PTR '^NXDOMAIN'
	for i in 4 6; do
		name gmail-like.example MX '^NOERROR.* ad ' e$i
	done
	name gmail-like.example MX '^NOERROR.* ad ' eg +tcp
}

deliveries()
{
	both gmail-like.example '250 2.0.0 Ok: queued' \
		'^<~\* 550-5\.7\.1 \[2001:db8:1::25\] The IP you'
	mail gmail-like.example 6 \
		'^<~\* 550 5\.7\.1  https://.*\?p=NotAuthorizedError .* - gsmtp'
	both ok.gmail-like.example 'Ok: queued' 'Ok: queued'
	both auth.gmail-like.example 'Ok: queued' 'Ok: queued'
	mail auth.gmail-like.example 6 'p=IPv6AuthError' \
		--local-interface 2001:db8:1::26
	both ptr.gmail-like.example 'Ok: queued' 'Ok: queued'
	mail ptr.gmail-like.example 4 '550-5.7.25 \[192.0.2.28\]' \
		--local-interface 192.0.2.28
	mail ptr.gmail-like.example 6 '550-5.7.25 \[2001:db8:1::27\]' \
		--local-interface 2001:db8:1::27
	both rcpt.gmail-like.example '250 2.1.5 Ok' '550 5.7.1 .*NotAuth' \
		--quit-after RCPT
	both xn--bcher-kva.example 'Ok: queued' 'NotAuthorizedError'
	mail v6only.example 6 'NotAuthorizedError'
	mail implicit.example 4 'Ok: queued'
	mail nothing-here.example 4 'Relay access denied' --server 198.51.100.18
	mail yahoojp-like.example 4 'Ok: queued'
	both exim.example '250 OK id' '250 OK id'
	both notauth.exim.example '250 OK id' '550-5.7.1 .*p=NotAuthorizedError'
	both tarpit.exim.example '250 OK id' 'Timeout'
	[ "$LAB_MODE" = user ] || both opensmtpd.example 'did not advertise STARTTLS' \
		'TLS startup failed.*internal error'
	both hole.example 'Ok: queued' 'Ok: queued'
	from=e4 mail policy.example 4 'Ok: queued'
	from=e6 mail policy.example 6 'Ok: queued'
	from=e4 mail policy.example 6 '[Nn]etwork is unreachable|No route'
	from=e6 mail policy.example 4 '[Nn]etwork is unreachable|No route'
}

policies()
{
	web gmail-like.example 'mode: enforce +mx: \*\.gmail-like\.example'
	web stsbad.example 'mode: enforce +mx: mx\.elsewhere\.example'
	web stsgone.example 'HTTP Error 404'
	web stscert.example 'certificate has expired'
	both policy.example 'Ok: queued' 'Ok: queued'
	mail policy.example 6 '450-4.7.1 .*cannot find your reverse hostname' \
		--local-interface 2001:db8:1::26
	mail policy.example 4 '450-4.7.1 .*cannot find your reverse hostname' \
		--local-interface 192.0.2.28
	mail policy.example 4 '550-5.7.23 .*SPF fail' \
		--local-interface 192.0.2.26
	mail policy.example 4 '550-5.7.1 .*blocked using' \
		--local-interface 192.0.2.27
	mail policy.example 6 '550-5.7.25 .*matching PTR' \
		--local-interface 2001:db8:1::27
	both policy.example 'Ok: queued' '550-5.7.23 .*SPF fail' \
		--from a@v4spf.example
	both policy.example 'Ok: queued' 'Void lookup limit of 2' \
		--from a@spfvoid6.example
	both policy.example 'Two or more type TXT' 'Two or more type TXT' \
		--from a@spftwo.example
	both policy.example 'Ok: queued' 'Ok: queued' --from a@spfmulti.example
	both policy.example 'Too many DNS' 'Too many DNS' \
		--from a@spfmany.example
	from=en mail policy.example 4 'Ok: queued' --from a@noptr6.example \
		--ehlo en.noptr6.example
	from=en mail policy.example 6 '450-4.7.1 .*cannot find your reverse' \
		--from a@noptr6.example --ehlo en.noptr6.example
	from=ew mail ptr.policy.example 4 'Ok: queued' \
		--from a@badptr6.example --ehlo ew.badptr6.example
	from=ew mail ptr.policy.example 6 '450-4.7.25 .*find your hostname' \
		--from a@badptr6.example --ehlo ew.badptr6.example
	both ptr.policy.example 'Ok: queued' 'Ok: queued'
	both policy.example '450.4.1.8' '450.4.1.8' --from a@bogus.example
	both policy.example '450.4.1.8' '450.4.1.8' --from a@nothing-here.example
	both policy.example 'rejected by DMARC' 'rejected by DMARC' \
		--header 'From: a@v4spf.example'
	both policy.example 'rejected by DMARC' 'rejected by DMARC' \
		--header 'From: visitor@visitor.example'
	signed=$LABROOT/signed.eml
	printf '%s\n' 'From: a@v4spf.example' 'To: b@policy.example' \
		'Subject: signed' "Date: $(date -R)" \
		'Message-ID: <1@v4spf.example>' '' 'hello' |
		dkimsign lab v4spf.example "$LABROOT/ca/dkim.private" |
		tr -d '\r' > "$signed"
	both policy.example 'Ok: queued' 'Ok: queued' --data "@$signed"
	sed -i 's/^hello/hullo/' "$signed"
	both policy.example 'rejected by DMARC' 'rejected by DMARC' \
		--data "@$signed"
	both greylist.example '450-4.2.0 .*Greylisted' '450-4.2.0 .*Greylisted'
	sleep 2.1
	both greylist.example 'Ok: queued' 'Ok: queued'
}

misbehaviours()
{
	both bad.example 'queued as LAB' 'queued as LAB'
	mail mute.bad.example 4 'queued as LAB'
	mail mute.bad.example 6 'Timeout'
	mail tarpit.bad.example 6 'Timeout'
	mail slow.bad.example 6 'Timeout|HANGS'
	mail b554.bad.example 6 '554 5.7.1 No SMTP'
	mail b421.bad.example 6 '421 4.7.0'
	mail closebanner.bad.example 6 'Remote host closed'
	mail rstbanner.bad.example 6 'reset|closed'
	mail garbage.bad.example 6 'HTTP/1.1 400'
	mail notls.bad.example 6 'did not advertise STARTTLS'
	mail tls454.bad.example 6 '454 4.7.0 TLS not|STARTTLS attempted but failed'
	mail tlshang.bad.example 6 'HANGS'
	mail tlsclose.bad.example 6 'TLS startup failed|220 2.0.0 Ready'
	mail dataclose.bad.example 6 'Remote host closed'
	mail datahang.bad.example 6 'Timeout'
	mail multi.bad.example 6 'XEXT199|queued as LAB'
	mail r452.bad.example 6 '452 4.7.1 refused'
	mail r550.bad.example 6 '550 5.7.1 refused|550 5 ?.7.1'
}

faults()
{
	{
		printf 'From: a@sender.example\nTo: b@hole.example\n'
		printf 'Subject: more than one segment\n\n'
		yes 'a line of a message that is long enough to stall' |
			head -n 600
	} > "$big"
	fault drop6 hole
	both hole.example 'Ok: queued' 'connect: timeout'
	fault drop4 hole
	both hole.example 'connect: timeout' 'Ok: queued'
	fault rst6 hole
	both hole.example 'Ok: queued' 'refused'
	fault adm6 hole
	both hole.example 'Ok: queued' 'Permission denied'
	fault adm4 hole
	both hole.example 'Error connecting' 'Ok: queued'
	fault unreach6 hole
	both hole.example 'Ok: queued' 'unreachable'
	fault ptbhole6 hole
	both hole.example 'Ok: queued' 'Timeout|HANGS' --data "@$big"
	fault ptbhole4 hole
	both hole.example 'Timeout|HANGS' 'Ok: queued' --data "@$big"
	fault pmtu6 hole
	both hole.example 'Ok: queued' 'Ok: queued' --data "@$big"
	fault rptbhole6 hole
	limit=4 both hole.example 'Ok: queued' 'HANGS'
	fault rptbhole4 hole
	limit=4 both hole.example 'HANGS' 'Ok: queued'
	fault stall6 hole 6000
	both hole.example 'Ok: queued' 'Timeout|HANGS' --data "@$big"
	fault loss6 hole 10
	limit=30 mail hole.example 6 'Ok: queued' --timeout 20
	fault rate hole 256kbit
	both hole.example 'Ok: queued' 'Ok: queued'
	"$LAB" fault clear
	both hole.example 'Ok: queued' 'Ok: queued' --data "@$big"
}

mailboxes()
{
	check 'gm keeps only what came over IPv4' '^0$' "$("$LAB" mail gm |
		grep '^Delivered-To: b@gmail-like' -A1 | grep -c 2001:db8:1::25)"
	for host in gm yj ex pf bad hole; do
		check "$host has mail" '^[1-9]' \
			"$("$LAB" mail $host | grep -c "^From $host")"
	done
}

for part in ${LAB_CHECK:-names certificates deliveries policies misbehaviours \
	faults mailboxes}; do
	$part
done
echo "1..$number"
[ $failures = 0 ]
