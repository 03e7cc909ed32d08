#!/bin/sh
# root.sh up HOST PACKAGE   - gives a host its own root: own /etc, /usr, /var
#                             (with PACKAGE's files, or "none"), /dev, /run
# root.sh in HOST NAME CMD  - runs CMD there, under the host name NAME
#
# Three overlays and not one over "/": in an ordinary user's namespace that is
# EINVAL, for there are locked mounts below it.
set -eu
. "$LABDIR/hosts.sh"

# Whatever will be written must be in the upper layer beforehand: in a user
# namespace the machine's files belong to nobody we know and cannot be copied.
upper()
{
	mkdir -p "$tmp/upper/etc/ssl" "$tmp/upper/var/spool" \
		"$tmp/upper/var/lib" "$tmp/upper/var/mail" \
		"$tmp/upper/var/log" "$tmp/upper/var/empty"
	cp /etc/passwd /etc/group "$tmp/upper/etc/"
	cat "$LABROOT/resolv.conf" > "$tmp/upper/etc/resolv.conf"
	for dir in etc usr var; do
		mkdir -p "$tmp/upper/$dir" "$tmp/work/$dir" "$root/$dir"
		[ ! -d "$1/$dir" ] || cp -dR --preserve=mode,timestamps "$1/$dir/." "$tmp/upper/$dir/"
		mount -t overlay overlay -o "lowerdir=/$dir,upperdir=$tmp/upper/$dir,workdir=$tmp/work/$dir" "$root/$dir"
	done
}

devices()
{
	mount -t tmpfs -o mode=755 tmpfs "$root/dev"
	for device in null zero full random urandom; do
		: > "$root/dev/$device"
		mount --bind /dev/$device "$root/dev/$device"
	done
	ln -s /proc/self/fd "$root/dev/fd"
}

users()
{
	id=2000
	for user in Debian-exim opensmtpd opensmtpq postfix postdrop; do
		grep -q "^$user:" "$root/etc/passwd" ||
			echo "$user:x:$id:$id::/nonexistent:/usr/sbin/nologin" \
			>> "$root/etc/passwd"
		grep -q "^$user:" "$root/etc/group" ||
			echo "$user:x:$id:" >> "$root/etc/group"
		id=$((id + 1))
	done
}

case $1 in
up)
	tmp=/run/root/$2 root=/run/root/$2/r
	mkdir -p "$tmp"
	mount -t tmpfs -o mode=755 tmpfs "$tmp"
	mkdir -p "$root/proc" "$root/dev" "$root/run" "$root/tmp" "$root/root"
	upper "$LAB_CACHE/packages/$3"
	for link in bin sbin lib lib32 lib64 libx32; do
		[ ! -L /$link ] || ln -s usr/$link "$root/$link"
	done
	chmod 1777 "$root/tmp"
	mount --rbind /proc "$root/proc"
	devices
	for dir in "$LABROOT" "$LABDIR"; do
		mkdir -p "$root$dir"
		mount --bind "$dir" "$root$dir"
	done
	users ;;
in)
	host=$2 name=$3; shift 3
	# shellcheck disable=SC2016
	exec nsenter --net="/run/netns/$host" unshare --uts sh -c '
		hostname "$1"; root=$2; shift 2; exec chroot "$root" "$@"' \
		sh "$name" "/run/root/$host/r" "$@" ;;
esac
