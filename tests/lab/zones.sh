#!/bin/sh
# zones.sh DIR - writes and signs every zone of the lab into DIR, from a root
# of our own down; the certificates and the DKIM key are in $LABROOT/ca.
set -eu
. "$LABDIR/hosts.sh"
mkdir -p "$1"
cd "$1"
authority='@ SOA ns.lab.example. hostmaster.lab.example. 1 3600 600 86400 60
@ NS ns.lab.example.'

# shellcheck disable=SC2046
v4() { set -- $(lab_row "$1"); echo "${2%/*}"; }
# shellcheck disable=SC2046
v6() { set -- $(lab_row "$1"); echo "${4%/*}"; }
both() # both NAME HOST: its addresses
{
	echo "$1 A $(v4 "$2")"
	[ "$(v6 "$2")" = - ] || echo "$1 AAAA $(v6 "$2")"
}

# An ordinary destination: MX, addresses, SPF, DMARC, TLSA.
destination()
{
	cat <<-END
	$1 MX 10 mx.$1
	$(both "mx.$1" "$2")
	$1 TXT "v=spf1 mx -all"
	_dmarc.$1 TXT "v=DMARC1; p=reject; rua=mailto:dmarc@$1.example"
	_25._tcp.mx.$1 TLSA 3 1 1 $(cat "$LABROOT/ca/$2.tlsa")
	END
}

# SPF of the sender and of those who got it wrong.  An envelope sender's
# domain needs an MX, or it is refused before anyone looks at its SPF.
senders()
{
	cat <<-END
	sender MX 10 eg.sender
	$(both eg.sender eg)
	e4.sender A $(v4 e4)
	e6.sender AAAA $(v6 e6)
	eg.sender TXT "v=spf1 a -all"
	e4.sender TXT "v=spf1 a -all"
	e6.sender TXT "v=spf1 a -all"
	sender TXT "v=spf1 ip4:192.0.2.25 ip6:2001:db8:1::25 ip4:$(v4 e4) ip6:$(v6 e6) -all"
	_dmarc.sender TXT "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:dmarc@sender.example"
	nofwd.sender TXT "the PTR target of 192.0.2.26 has no address"
	; nothing is wrong with these two but a PTR over IPv6
	$(both en.noptr6 en)
	en.noptr6 TXT "v=spf1 a -all"
	noptr6 TXT "v=spf1 a:en.noptr6.example -all"
	ew.badptr6 A $(v4 ew)
	badptr6 TXT "v=spf1 ip4:$(v4 ew) ip6:$(v6 ew) -all"
	; DKIM alone speaks for it behind a forwarder
	signed MX 10 mx.forward
	signed TXT "v=spf1 ip4:192.0.2.25 ip6:2001:db8:1::25 ~all"
	_dmarc.signed TXT "v=DMARC1; p=reject"
	; whoever fills in a web form may have an address here
	visitor TXT "v=spf1 mx -all"
	_dmarc.visitor TXT "v=DMARC1; p=reject"
	; pass over IPv4, fail over IPv6
	v4spf TXT "v=spf1 ip4:192.0.2.25 -all"
	_dmarc.v4spf TXT "v=DMARC1; p=reject"
	; three void lookups for IPv6 clients only (RFC 7208, 4.6.4: at most 2)
	spfvoid6 TXT "v=spf1 a:h1.spfvoid6.example a:h2.spfvoid6.example a:h3.spfvoid6.example ip4:192.0.2.25 ip6:2001:db8:1::25 -all"
	h1.spfvoid6 A 192.0.2.201
	h2.spfvoid6 A 192.0.2.202
	h3.spfvoid6 A 192.0.2.203
	spftwo TXT "v=spf1 ip4:192.0.2.25 -all"
	spftwo TXT "v=spf1 ip6:2001:db8:1::25 -all"
	; one record in three strings, cut inside a mechanism
	spfmulti TXT "v=spf1 ip4:192.0." "2.25 ip6:2001:db8:1::" "25 -all"
	; eleven lookups (RFC 7208, 4.6.4: at most 10)
	spfmany TXT "v=spf1 include:s1.spfmany.example include:s2.spfmany.example include:s3.spfmany.example include:s4.spfmany.example include:s5.spfmany.example" " include:s6.spfmany.example include:s7.spfmany.example include:s8.spfmany.example include:s9.spfmany.example include:s10.spfmany.example include:s11.spfmany.example -all"
	END
	for i in 1 2 3 4 5 6 7 8 9 10 11; do
		echo "s$i.spfmany TXT \"v=spf1 ip4:203.0.113.$((200 + i)) ?all\""
	done
	for domain in v4spf spfvoid6 spftwo spfmulti spfmany noptr6 badptr6 \
		visitor; do
		echo "$domain MX 10 eg.sender"
	done
	# 2048 bits are more than the 255 bytes of one string.
	key=$(grep -v -e ----- "$LABROOT/ca/dkim.pub" | tr -d '\n')
	for domain in sender v4spf signed; do
		printf 'lab._domainkey.%s TXT "v=DKIM1; h=sha256; k=rsa; p=%s" "%s"\n' \
			$domain "$(echo "$key" | cut -c1-200)" \
			"$(echo "$key" | cut -c201-)"
	done
	echo 'revoked._domainkey.sender TXT "v=DKIM1; k=rsa; p="'
}

destinations()
{
	destination gmail-like gm
	destination yahoojp-like yj
	destination exim ex
	destination opensmtpd os
	destination policy pf
	destination bad bad
	destination hole hole
	destination forward fw
	for i in ok ptr auth rcpt; do
		echo "$i.gmail-like MX 10 mx.gmail-like"
	done
	echo 'greylist MX 10 mx.policy'
	echo 'ptr.policy MX 10 mx.policy'
	echo 'notauth.exim MX 10 mx.exim'
	echo "tarpit.exim MX 10 mx.tarpit.exim
	mx.tarpit.exim A $(v4 ex)
	mx.tarpit.exim AAAA $TARPIT6" | tr -d '\t'
	i=1
	for name in $LAB_BAD; do
		echo "${name%%=*}.bad MX 10 mx.${name%%=*}.bad"
		echo "mx.${name%%=*}.bad A $(v4 bad)"
		echo "mx.${name%%=*}.bad AAAA 2001:db8:d7::1:$i"
		i=$((i + 1))
	done
	lab_targets | sed 's/\.example / MX 10 mx./
		s/mx\.gm$/mx.gmail-like/; s/mx\.yj$/mx.yahoojp-like/
		s/mx\.ex$/mx.exim/'
}

oddities()
{
	cat <<-END
	v6only MX 10 mx.v6only
	mx.v6only AAAA $(v6 gm)
	xn--bcher-kva MX 10 mx.gmail-like
	nullmx MX 0 .
	ipmx MX 10 198.51.100.18.
	cnamemx MX 10 alias.cnamemx
	alias.cnamemx CNAME mx.gmail-like.example.
	$(both implicit gm)
	multimx MX 10 mx.bad
	multimx MX 20 mx.gmail-like
	mxnx MX 10 nothing-here
	mxlocal MX 10 localhost
	localhost A 127.0.0.1
	localhost AAAA ::1
	mxprivate MX 10 mx.mxprivate
	mx.mxprivate A 10.1.2.3
	mx.mxprivate AAAA fd12:3456:789a::3
	danebad MX 10 mx.danebad
	$(both mx.danebad gm)
	_25._tcp.mx.danebad TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000
	; the certificate's key has changed, and this record has not
	danerolled MX 10 mx.danerolled
	$(both mx.danerolled fw)
	_25._tcp.mx.danerolled TLSA 3 1 1 $(cat "$LABROOT/ca/fwold.tlsa")
	; all have changed but the listener on IPv6
	danerolled6 MX 10 mx.danerolled6
	mx.danerolled6 A $(v4 fw)
	mx.danerolled6 AAAA $OLDCERT6
	_25._tcp.mx.danerolled6 TLSA 3 1 1 $(cat "$LABROOT/ca/fw.tlsa")
	expired6 MX 10 mx.expired6
	mx.expired6 A $(v4 fw)
	mx.expired6 AAAA $OLDCERT6
	_mta-sts.gmail-like TXT "v=STSv1; id=20261121T000000"
	$(both mta-sts.gmail-like web)
	_smtp._tls.gmail-like TXT "v=TLSRPTv1; rua=mailto:tlsrpt@gmail-like.example"
	; delegations
	insecure NS ns.lab
	bogus NS ns.lab
	lame NS ns.lab
	deadns NS ns.deadns
	ns.deadns A 203.0.113.99
	END
}

# What web_server.py makes of these domains' policies.
policies()
{
	for domain in stsbad stsgone stscert; do
		cat <<-END
		$domain MX 10 mx.exim
		_mta-sts.$domain TXT "v=STSv1; id=1;"
		$(both mta-sts.$domain web)
		END
	done
}

zone() # zone NAME < records
{
	{
		# shellcheck disable=SC2016
		printf '$ORIGIN %s.\n$TTL 300\n%s\n' "$1" "$authority"
		cat
	} > "$1.zone"
}

sign() # sign ZONE FILE
{
	key=$(ldns-keygen -k -a ECDSAP256SHA256 "$1")
	ldns-signzone -n -i 20200101000000 -e 20361231000000 \
		-f "$2.signed" "$2.zone" "$key"
	mv "$key.ds" "$2.ds"
	mv "$key.key" "$2.key"
}

pointers() # pointers 4|6: PTR records of the lab's mail exchangers
{
	for pair in gm:gmail-like yj:yahoojp-like ex:exim os:opensmtpd \
		pf:policy bad:bad hole:hole fw:forward; do
		address=$("v$1" "${pair%%:*}")
		[ "$address" = - ] || echo "$address mx.${pair#*:}.example."
	done
}

nibbles() # ADDRESS TARGET lines to PTR records
{
	/usr/bin/python3 -c '
import ipaddress, sys
for line in sys.stdin:
    address, target = line.split()
    print(ipaddress.ip_address(address).reverse_pointer + ". PTR", target)'
}

{
	# 26 has no way back, 27 names a host with another address, 28 nothing
	zone 2.0.192.in-addr.arpa <<-END
	25 PTR eg.sender.example.
	26 PTR nofwd.sender.example.
	27 PTR eg.sender.example.
	END
	{
		pointers 4
		echo "$(v4 e4) e4.sender.example."
		echo "$(v4 en) en.noptr6.example."
		echo "$(v4 ew) ew.badptr6.example."
	} | nibbles | zone 100.51.198.in-addr.arpa
	echo '53 PTR ns.lab.example.' | zone 113.0.203.in-addr.arpa
	{
		# ::26, ::28 and host en have none, ::27 has the name of ::25,
		# and host ew one that is known over IPv4 only
		pointers 6
		echo "2001:db8:1::25 eg.sender.example."
		echo "2001:db8:1::27 eg.sender.example."
		echo "$(v6 e6) e6.sender.example."
		echo "$(v6 ew) ew.badptr6.example."
	} | nibbles | zone 8.b.d.0.1.0.0.2.ip6.arpa
	for domain in insecure bogus; do
		zone $domain.example <<-END
		@ MX 10 mx
		$(both mx gm)
		@ TXT "v=spf1 -all"
		END
	done
}
reverse='2.0.192.in-addr.arpa 100.51.198.in-addr.arpa 113.0.203.in-addr.arpa
8.b.d.0.1.0.0.2.ip6.arpa'
for name in bogus.example $reverse; do
	sign "$name." "$name" &
done
wait
cp insecure.example.zone insecure.example.signed
{
	cat <<-END
	ns.lab A $AUTH4
	ns.lab AAAA $AUTH6
	resolver.lab A $RESOLVER4
	resolver.lab AAAA $RESOLVER6
	END
	senders
	destinations
	oddities
	policies
	# bogus.example is published with the digest of a key it never had
	sed 's/\(DS[[:space:]]*\)[0-9]*/\112345/' bogus.example.ds
} | zone example
sign example. example
{
	echo 'example. NS ns.lab.example.'
	echo "ns.lab.example. A $AUTH4"
	echo "ns.lab.example. AAAA $AUTH6"
	for name in $reverse; do
		echo "$name. NS ns.lab.example."
		cat "$name.ds"
	done
	cat example.ds
} | zone ''
mv .zone root.zone
sign . root
cp root.key trust.key
