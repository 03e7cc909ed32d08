#ifndef MXP_PCAP_OPTION_H
#define MXP_PCAP_OPTION_H

#include "probe/verbs/program.h"

/*
 * --pcap FILE: opens the file and the capture, which needs CAP_NET_RAW, before
 * anything is sent.  Without the option all is well.  False: it was told on
 * stderr why there can be no capture.
 */
bool pcap_option_open(struct arena *arena, struct program *program);

/*
 * Behind the last thing that needs a privilege, and before the first octet that
 * somebody else has sent: they are given up for good.  Root keeps them where
 * nothing is captured.  False: they could not be, as was told.
 */
bool pcap_option_drop(const struct program *program);

/* A target that was walked, and what the judge made of it. */
void pcap_option_judged(const struct program *program,
	const struct outcome *outcome, const struct judgement *judgement);

/* When all is over: writes the file.  False: it was told why it is not whole. */
bool pcap_option_close(struct program *program);

#endif
