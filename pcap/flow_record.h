#ifndef MXP_FLOW_RECORD_H
#define MXP_FLOW_RECORD_H

#include "pcap/flow.h"

/*
 * What a flow tells when it is over: the record of its session, with what was
 * wrong with its path and what became of its messages.  It borrows from the
 * flow.  Its number, the name of the server and whether there are times at all
 * are for those to fill in who know the whole file.
 *
 * now_ns: the file has come this far.
 */
void flow_record(const struct flow *flow, int64_t now_ns,
	struct session_record *record);

/* How its connection stands by the packets that are here. */
enum session_end flow_end(const struct flow *flow);

#endif
