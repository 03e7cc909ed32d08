#!/bin/sh
# ca.sh DIR - the lab's CA, a P-256 certificate for each host, the DKIM key,
# for hosts fw and web also one that has expired, and for host hole
# a chain of more than one packet (RSA 4096, twice), for faults of the path's
# MTU.  Toys: whoever can read the cache may use them.
set -eu
mkdir -p "$1"
cd "$1"
exec 3>&2 2>openssl.log
trap '[ $? = 0 ] || cat openssl.log >&3' EXIT

self_signed()
{
	name=$1 file=$2; shift 2
	openssl req -x509 -newkey "$@" -nodes -days 3650 \
		-subj "/CN=$name" -keyout "$file.key" -out "$file.crt"
}

# request FILE NAME[,DNS:NAME...] KEY-TYPE...
request()
{
	file=$1 name=$2; shift 2
	openssl req -newkey "$@" -nodes -subj "/CN=${name%%,*}" \
		-keyout "$file.key" -out "$file.csr"
	printf 'subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\n' "$name" \
		> "$file.ext"
}

tlsa()
{
	openssl x509 -in "$1.crt" -noout -pubkey |
		openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1 \
		> "$1.tlsa"
	rm "$1.csr" "$1.ext"
}

# certificate FILE NAMES CA KEY-TYPE...
certificate()
{
	file=$1 name=$2 ca=$3; shift 3
	request "$file" "$name" "$@"
	openssl x509 -req -in "$file.csr" -CA "$ca.crt" -CAkey "$ca.key" \
		-CAcreateserial -days 825 -extfile "$file.ext" \
		-out "$file.crt"
	tlsa "$file"
}

# The same, but its days are over; x509(1) cannot date one back.
expired()
{
	file=$1 name=$2 ca=$3; shift 3
	request "$file" "$name" "$@"
	mkdir "$file.db"
	: > "$file.db/index"
	printf '%s\n' '[ca]' 'default_ca=lab' '[lab]' \
		"new_certs_dir=$file.db" "database=$file.db/index" \
		rand_serial=yes policy=names '[names]' 'commonName=supplied' > "$file.db/conf"
	openssl ca -batch -notext -config "$file.db/conf" \
		-md sha256 -startdate 20240101000000Z -enddate 20250101000000Z \
		-cert "$ca.crt" -keyfile "$ca.key" -in "$file.csr" \
		-extfile "$file.ext" -out "$file.crt"
	rm -r "$file.db"
	tlsa "$file"
}

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
forward=mx.forward.example
for name in expired6 danerolled danerolled6; do
	forward=$forward,DNS:mx.$name.example
done
# shellcheck disable=SC2086
certificate fw $forward ca $p256
# shellcheck disable=SC2086
expired fwold $forward ca $p256
policies=mta-sts.gmail-like.example
for name in stsbad stsgone; do
	policies=$policies,DNS:mta-sts.$name.example
done
# shellcheck disable=SC2086
certificate web $policies ca $p256
# shellcheck disable=SC2086
expired webold mta-sts.stscert.example ca $p256
wait $!
cat ca.crt bigca.crt > trust.pem
rm -f openssl.log ./*.srl
chmod 644 ./*
