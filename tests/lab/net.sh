#!/bin/sh
# net.sh - the wires: a router "rt" and one veth to each host, both families.
set -eu
. "$LABDIR/hosts.sh"

# writes kernel settings of a host; what the kernel does not know is left
settings()
{
	host=$1; shift
	# shellcheck disable=SC2016
	nsenter --net="/run/netns/$host" sh -c '
		for setting; do
			file=/proc/sys/$(echo "${setting%%=*}" | tr . /)
			[ ! -w "$file" ] || echo "${setting#*=}" > "$file" || :
		done 2>/dev/null' sh "$@"
}

# Whole segments and right checksums in captures.
no_offload()
{
	ip -n "$1" link set "$2" gso_max_segs 1
	nsenter --net="/run/netns/$1" ethtool -K "$2" tx off gro off \
		>/dev/null 2>&1 || :
}

join()
{
	host=$1 v4=$2 router4=$3 v6=$4 router6=$5
	ip netns add "$host"
	# Without nodad an IPv6 address is of no use for its first second.
	settings "$host" net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.all.accept_dad=0 \
		net.ipv4.ip_unprivileged_port_start=0
	ip -n "$host" link set lo up
	ip link add eth0 netns "$host" type veth peer name "r_$host" netns rt
	no_offload "$host" eth0
	no_offload rt "r_$host"
	if [ "$v6" = - ]; then
		settings "$host" net.ipv6.conf.eth0.disable_ipv6=1
	fi
	ip -n rt link set "r_$host" up
	ip -n "$host" link set eth0 up
	if [ "$v4" != - ]; then
		ip -n rt addr add "$router4/${v4#*/}" dev "r_$host"
		ip -n "$host" addr add "$v4" dev eth0
		ip -n "$host" route add default via "$router4"
	fi
	if [ "$v6" != - ]; then
		ip -n rt addr add "$router6/${v6#*/}" dev "r_$host" nodad
		ip -n "$host" addr add "$v6" dev eth0 nodad
		ip -n "$host" route add default via "$router6"
	fi
}

ip link set lo up
ip netns add rt
ip -n rt link set lo up
# No limit on ICMP errors: a second test would see less than the first.
settings rt net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
	net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 \
	net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000 \
	net.ipv6.icmp.ratelimit=0
echo "$LAB_HOSTS" | while read -r host v4 router4 v6 router6; do
	[ -z "$host" ] || join "$host" "$v4" "$router4" "$v6" "$router6"
done

# Further addresses.  An IPv6 address added later would become the default
# source: hence preferred_lft 0.
more()
{
	ip -n "$1" addr add "$2" dev eth0 nodad preferred_lft 0
}

ip -n ns addr add $RESOLVER4/24 dev eth0
more ns $RESOLVER6/64
more ex $TARPIT6/64
more fw $OLDCERT6/64
for i in 26 27 28; do
	ip -n eg addr add 192.0.2.$i/24 dev eth0
	more eg 2001:db8:1::$i/64
done
i=0
for _ in $LAB_BAD; do
	i=$((i + 1))
	more bad 2001:db8:d7::1:$i/64
done
