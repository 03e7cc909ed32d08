#!/bin/sh
# dns.sh - on host ns: NSD for every zone up to the root, and a validating
# Unbound.  Neither changes user, so both run in any user namespace.
set -eu
. "$LABDIR/hosts.sh"
dir=$LABROOT/dns
mkdir -p "$dir/run"

{
	cat <<-END
	server:
	  ip-address: $AUTH4
	  ip-address: $AUTH6
	  username: ""
	  server-count: 1
	  zonesdir: "$dir/zones"
	  database: ""
	  pidfile: "$dir/run/nsd.pid"
	  xfrdfile: "$dir/run/xfrd.state"
	  xfrdir: "$dir/run"
	  zonelistfile: "$dir/run/zone.list"
	  logfile: "$dir/run/nsd.log"
	  hide-version: yes
	remote-control:
	  control-enable: no
	END
	for file in "$dir"/zones/*.signed; do
		zone=$(basename "$file" .signed)
		[ "$zone" != root ] || zone=.
		printf 'zone:\n  name: "%s"\n  zonefile: "%s"\n' \
			"$zone" "$(basename "$file")"
	done
	# No such file: NSD answers SERVFAIL.
	printf 'zone:\n  name: "lame.example"\n  zonefile: "missing"\n'
} > "$dir/nsd.conf"

cat > "$dir/root.hints" <<END
. 3600 IN NS ns.lab.example.
ns.lab.example. 3600 IN A $AUTH4
ns.lab.example. 3600 IN AAAA $AUTH6
END

# Unbound answers for the documentation prefixes' reverse zones from built-in
# empty ones unless it is told not to; also for test. and invalid., which is
# why our top level is example.
cat > "$dir/unbound.conf" <<END
server:
  interface: $RESOLVER4
  interface: $RESOLVER6
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  username: ""
  chroot: ""
  directory: "$dir"
  pidfile: "$dir/run/unbound.pid"
  logfile: "$dir/run/unbound.log"
  use-syslog: no
  log-queries: yes
  log-replies: yes
  num-threads: 1
  outgoing-range: 64
  so-sndbuf: 0
  so-rcvbuf: 0
  root-hints: "$dir/root.hints"
  trust-anchor-file: "$dir/zones/trust.key"
  module-config: "validator iterator"
  val-log-level: 2
  ede: yes
  unblock-lan-zones: yes
  insecure-lan-zones: no
  do-not-query-localhost: no
  cache-max-ttl: 60
  cache-max-negative-ttl: 5
  qname-minimisation: no
  rrset-roundrobin: no
  local-zone: "refused.example." refuse
remote-control:
  control-enable: no
END

on_ns="nsenter --net=/run/netns/ns"
$on_ns nsd -d -c "$dir/nsd.conf" </dev/null >"$dir/run/nsd.out" 2>&1 &
$on_ns unbound -d -c "$dir/unbound.conf" </dev/null \
	>"$dir/run/unbound.out" 2>&1 &
i=0
until $on_ns dig +time=1 +tries=1 +short @$RESOLVER4 example. SOA |
	grep -q ns.lab; do
	i=$((i + 1))
	[ $i -lt 100 ] || { cat "$dir"/run/*.out "$dir"/run/*.log; exit 1; }
	sleep 0.05
done
