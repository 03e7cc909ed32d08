#include "probe/net/tcp_facts.h"

#include <netinet/in.h>
/* glibc's netinet/tcp.h lacks the newer fields. */
#include <linux/tcp.h>
#include <sys/socket.h>

void tcp_facts_read(int socket, struct tcp_facts *facts)
{
	struct tcp_info got = { 0 };
	socklen_t len = sizeof(got);

	if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &got, &len) != 0)
		return;
	*facts = (struct tcp_facts){ .is_known = true,
		.rtt_us = got.tcpi_rtt,
		.rtt_var_us = got.tcpi_rttvar,
		.retransmits = got.tcpi_total_retrans,
		.send_mss = got.tcpi_snd_mss,
		.receive_mss = got.tcpi_rcv_mss,
		.path_mtu = got.tcpi_pmtu,
		.unacked = got.tcpi_unacked,
		.unsent = got.tcpi_notsent_bytes,
		.backoff = got.tcpi_backoff,
		.acked = got.tcpi_bytes_acked };
}
