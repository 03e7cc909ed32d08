# shellcheck shell=sh disable=SC2034
# hosts.sh - the lab's hosts, addresses and domains.  Sourced by the others.

# name, IPv4 address and router, IPv6 address and router; "-" = family absent
LAB_HOSTS='
eg   192.0.2.25/24     192.0.2.1      2001:db8:1::25/64  2001:db8:1::1
e4   198.51.100.146/28 198.51.100.145 -                  -
e6   -                 -              2001:db8:6::25/64  2001:db8:6::1
en   198.51.100.178/28 198.51.100.177 2001:db8:7::25/64  2001:db8:7::1
ew   198.51.100.194/28 198.51.100.193 2001:db8:8::25/64  2001:db8:8::1
ns   203.0.113.53/24   203.0.113.1    2001:db8:53::53/64 2001:db8:53::1
gm   198.51.100.18/28  198.51.100.17  2001:db8:d1::2/64  2001:db8:d1::1
yj   198.51.100.34/28  198.51.100.33  -                  -
ex   198.51.100.50/28  198.51.100.49  2001:db8:d3::2/64  2001:db8:d3::1
os   198.51.100.66/28  198.51.100.65  2001:db8:d4::2/64  2001:db8:d4::1
pf   198.51.100.98/28  198.51.100.97  2001:db8:d6::2/64  2001:db8:d6::1
bad  198.51.100.114/28 198.51.100.113 2001:db8:d7::2/64  2001:db8:d7::1
hole 198.51.100.130/28 198.51.100.129 2001:db8:d8::2/64  2001:db8:d8::1
fw   198.51.100.162/28 198.51.100.161 2001:db8:d9::2/64  2001:db8:d9::1
web  198.51.100.210/28 198.51.100.209 2001:db8:da::2/64  2001:db8:da::1
'
RESOLVER4=203.0.113.54 RESOLVER6=2001:db8:53::54
AUTH4=203.0.113.53 AUTH6=2001:db8:53::53
TARPIT6=2001:db8:d3::15
OLDCERT6=2001:db8:d9::e

# Misbehaviours of host bad, one IPv6 address each, in this order: NAME is
# NAME.bad.example, at 2001:db8:d7::1:1 and on.  Its IPv4 is always sound.
LAB_BAD='mute=mute tarpit=tarpit:12 slow=slow:0.05 b554=b554 b421=b421
closebanner=closebanner rstbanner=rstbanner garbage=garbage notls=notls
tls454=tls454 tlshang=tlshang tlsclose=tlsclose dataclose=dataclose
datahang=datahang multi=multi r452=reject:452 r550=reject:550'

# The many targets t001.example to t200.example, and the host of each.
lab_targets()
{
	awk 'BEGIN {
		split("gm yj ex bad", host)
		for (i = 1; i <= 200; i++)
			printf "t%03d.example %s\n", i, host[(i - 1) % 4 + 1]
	}'
}

# Domains whose mail a host takes, besides the name of the host itself.
lab_domains()
{
	case $1 in
	gm)	echo gmail-like.example ok.gmail-like.example \
			ptr.gmail-like.example auth.gmail-like.example \
			rcpt.gmail-like.example v6only.example ipmx.example \
			cnamemx.example implicit.example multimx.example \
			danebad.example insecure.example \
			xn--bcher-kva.example bücher.example ;;
	yj)	echo yahoojp-like.example ;;
	ex)	echo exim.example notauth.exim.example tarpit.exim.example \
			stsbad.example stsgone.example stscert.example ;;
	os)	echo opensmtpd.example ;;
	pf)	echo policy.example greylist.example ptr.policy.example ;;
	fw)	echo forward.example signed.example expired6.example \
			danerolled.example danerolled6.example ;;
	hole)	echo hole.example ;;
	esac
	lab_targets | awk -v host="$1" '$2 == host { print $1 }'
}

# lab_row HOST: its row of LAB_HOSTS, or failure.
lab_row()
{
	echo "$LAB_HOSTS" | grep "^$1 "
}
