#!/bin/sh
# faults.sh FAULT HOST [ARGUMENT] - breaks the path to a host, at the router.
# The digit is the family; the other one stays sound.
#   drop4 drop6 [SOURCE] SYN to port 25 vanishes         connect times out
#   rst4 rst6            TCP reset                       ECONNREFUSED
#   adm4 adm6            ICMP: prohibited                EHOSTUNREACH, EACCES
#   unreach4 unreach6    ICMP: no route                  E(HOST|NET)UNREACH
#   ptbhole4 ptbhole6 [MTU=1280]    narrower path, the ICMP message that says so
#                                   is lost: a larger message stalls after DATA
#   rptbhole4 rptbhole6 [MTU=1280]  the same on the way back to eg: host hole's
#                                   long chain stalls in the TLS handshake
#   pmtu4 pmtu6 [MTU=1280]  narrower path, and the ICMP message arrives: works
#   loss4 loss6 PERCENT  random loss, both directions
#   stall4 stall6 BYTES  silent once BYTES have passed
#   intercept4 intercept6   host gm answers on port 25 in the host's name
#   proxy4 proxy6        the router itself does, in its own name, without TLS
#   rate RATE            both families, for example 64kbit
# Faults add up until
#   clear                no HOST: everything is sound again
set -eu
. "$LABDIR/hosts.sh"

usage()
{
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

nft() { nsenter --net=/run/netns/rt nft "$@"; }
rule() { nft add rule inet fault "$@"; }

table()
{
	nft list table inet fault >/dev/null 2>&1 || nft -f - <<-END
	table inet fault {
	 chain passing {
	  type filter hook forward priority 0
	 }
	 chain own {
	  type filter hook output priority 0
	 }
	}
	END
}

astray()
{
	nft add chain inet fault astray \
		'{ type nat hook prerouting priority -100; }'
}

# Forwarding honours a locked MTU of the router's route, while the hosts keep
# their 1500, and the MSS that follows from it.
narrow() # narrow HOST: the path to it, by this family
{
	set -- "$1" "$(address "$1")"
	ip -n rt "-$digit" route replace "$2" dev "r_$1" mtu lock "$mtu"
}

address() # address HOST: of this family
{
	# shellcheck disable=SC2046
	set -- $(lab_row "$1")
	if [ "$digit" = 4 ]; then echo "${2%/*}"; else echo "${4%/*}"; fi
}

clear()
{
	nft delete table inet fault 2>/dev/null || :
	for digit in 4 6; do
		ip -n rt "-$digit" route show | grep 'mtu lock' |
			while read -r destination _; do
				ip -n rt "-$digit" route del "$destination"
			done || :
	done
	for port in $(ip -n rt -o link show type veth |
		sed 's/^[0-9]*: \([^@:]*\).*/\1/'); do
		tc -n rt qdisc del dev "$port" root 2>/dev/null || :
	done
	# a learnt path MTU would outlive its fault
	for netns in $(ip netns list | cut -d' ' -f1); do
		ip -n "$netns" -6 route flush cache
		ip -n "$netns" route flush cache
	done
}

[ $# -gt 0 ] || usage
fault=$1 host=${2:-} argument=${3:-}
if [ "$fault" = clear ]; then
	clear
	exit
fi
lab_row "$host" >/dev/null || { echo "lab: no host \"$host\"" >&2; exit 2; }
case $fault in
*4)	digit=4 family=ip icmp='icmp type destination-unreachable icmp code frag-needed' ;;
*6)	digit=6 family=ip6 icmp='icmpv6 type packet-too-big' ;;
rate)	digit= ;;
*)	usage ;;
esac
case $fault in
loss?|stall?|rate)
	[ -n "$argument" ] || usage ;;
esac
mtu=${argument:-1280}
if [ -n "$digit" ]; then
	to=$(address "$host")
	[ "$to" != - ] || { echo "lab: $host has no IPv$digit" >&2; exit 2; }
fi
table
case $fault in
drop?)	rule passing ${argument:+"$family" saddr "$argument"} \
		"$family" daddr "$to" tcp dport 25 counter drop ;;
rst?)	rule passing "$family" daddr "$to" tcp dport 25 counter \
		reject with tcp reset ;;
adm?)	rule passing "$family" daddr "$to" tcp dport 25 counter \
		reject with icmpx type admin-prohibited ;;
unreach?)
	rule passing "$family" daddr "$to" tcp dport 25 counter \
		reject with icmpx type no-route ;;
intercept?)
	astray
	rule astray "$family" daddr "$to" tcp dport 25 counter \
		dnat "$family" to "$(address gm)" ;;
proxy?)	astray
	rule astray "$family" daddr "$to" tcp dport 25 counter redirect ;;
pmtu?)	narrow "$host" ;;
# the message is lost before there is one: what is still on its way would get it
ptbhole?)
	# shellcheck disable=SC2086
	rule own $icmp counter drop
	narrow "$host" ;;
rptbhole?)
	# the other hosts still hear of it, and adapt
	# shellcheck disable=SC2086
	rule own "$family" daddr "$to" $icmp counter drop
	narrow eg ;;
loss?)	for way in daddr saddr; do
		rule passing "$family" "$way" "$to" \
			numgen random mod 100 '<' "$argument" counter drop
	done ;;
stall?)	for way in daddr saddr; do
		rule passing "$family" "$way" "$to" \
			ct bytes '>' "$argument" counter drop
	done ;;
rate)	tc -n rt qdisc replace dev "r_$host" root \
		tbf rate "$argument" burst 3000 latency 500ms ;;
*)	usage ;;
esac
