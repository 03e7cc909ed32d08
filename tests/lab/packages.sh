#!/bin/sh
# packages.sh DIR - the mail servers that Debian does not let stand beside
# Postfix: fetched with apt-get, unpacked, never installed.
set -eu
mkdir -p "$1"
cd "$1"
exim='exim4-base exim4-daemon-light libidn12 libgnutls-dane0'
opensmtpd='opensmtpd'

# shellcheck disable=SC2086
apt-get -qq -o APT::Sandbox::User="$(id -un)" download $exim $opensmtpd
for package in $exim; do
	dpkg -x "${package}"_*.deb exim
done
for package in $opensmtpd; do
	dpkg -x "${package}"_*.deb opensmtpd
done
rm -f ./*.deb

# An upper layer's directory lib would hide the symbolic link /lib to usr/lib,
# and with it the dynamic linker.
for tree in exim opensmtpd; do
	for dir in lib bin sbin; do
		if [ ! -d "$tree/$dir" ] || [ -L "$tree/$dir" ]; then
			continue
		fi
		mkdir -p "$tree/usr/$dir"
		cp -a "$tree/$dir/." "$tree/usr/$dir/"
		rm -rf "${tree:?}/$dir"
	done
done
