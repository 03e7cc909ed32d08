#!/bin/sh
# ca.sh DIR - the lab's CA, a P-256 certificate for each host, the DKIM key,
# and for host hole a chain of more than one packet (RSA 4096, twice), for
# faults of the path's MTU.  Toys: whoever can read the cache may use them.
set -eu
mkdir -p "$1"
cd "$1"

self_signed()
{
	name=$1 file=$2; shift 2
	openssl req -x509 -newkey "$@" -nodes -days 3650 \
		-subj "/CN=$name" -keyout "$file.key" -out "$file.crt"
}

certificate()
{
	file=$1 name=$2 ca=$3; shift 3
	openssl req -newkey "$@" -nodes -subj "/CN=$name" \
		-keyout "$file.key" -out "$file.csr"
	printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\n' "$name" \
		> "$file.ext"
	openssl x509 -req -in "$file.csr" -CA "$ca.crt" -CAkey "$ca.key" \
		-CAcreateserial -days 825 -extfile "$file.ext" \
		-out "$file.crt"
	openssl x509 -in "$file.crt" -noout -pubkey |
		openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1 \
		> "$file.tlsa"
	rm "$file.csr" "$file.ext"
}

{
	# The slow one first, beside the others.
	(
		self_signed 'mxprobe lab big CA' bigca rsa:4096
		certificate hole mx.hole.example bigca rsa:4096
		cat bigca.crt >> hole.crt
	) &
	openssl genrsa -out dkim.private 2048
	openssl rsa -in dkim.private -pubout -out dkim.pub
	p256='ec -pkeyopt ec_paramgen_curve:P-256'
	# shellcheck disable=SC2086
	self_signed 'mxprobe lab CA' ca $p256
	for pair in eg:eg.sender gm:mx.gmail-like yj:mx.yahoojp-like \
		ex:mx.exim os:mx.opensmtpd pf:mx.policy bad:mx.bad; do
		# shellcheck disable=SC2086
		certificate "${pair%%:*}" "${pair#*:}.example" ca $p256
	done
	wait $!
	cat ca.crt bigca.crt > trust.pem
} 2>openssl.log || { cat openssl.log >&2; exit 1; }
rm -f openssl.log ./*.srl
chmod 644 ./*
