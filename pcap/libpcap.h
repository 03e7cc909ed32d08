#ifndef MXP_LIBPCAP_H
#define MXP_LIBPCAP_H

#include <pcap/pcap.h>
#include <stdbool.h>

#include "probe/base/attr.h"

/*
 * libpcap brings those of D-Bus and systemd along, and few runs capture.  So it
 * is loaded when the first one does, and called through here
 * (probe/base/library.h).  Captures that are read need none of it.
 */
#define LIBPCAP_FUNCTIONS(row)                                                 \
	row(create) row(close) row(set_snaplen) row(set_timeout)               \
	row(set_buffer_size) row(set_tstamp_precision) row(activate)           \
	row(set_datalink) row(setnonblock) row(setfilter) row(compile)         \
	row(freecode) row(dispatch) row(stats) row(get_selectable_fd)          \
	row(geterr) row(statustostr)

struct libpcap {
#define LIBPCAP_MEMBER(name) __typeof__(&pcap_##name) name;
	LIBPCAP_FUNCTIONS(LIBPCAP_MEMBER)
#undef LIBPCAP_MEMBER
};

/* False: this machine has none; *why lives until the next one is loaded. */
bool libpcap_load(struct libpcap *libpcap, const char **why) MXP_MUST_USE;

#endif
