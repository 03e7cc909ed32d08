#ifndef MXP_SPF_SENDER_H
#define MXP_SPF_SENDER_H

#include "probe/policy/spf_evaluation.h"

/* Who is checked. */

/* Its domain; the macro values of the sender are filled in. */
struct spf_target spf_sender_domain(
	struct spf_evaluation *evaluation, const struct spf_query *query);

/* The address, an IPv4 one where it is mapped into IPv6. */
struct ip spf_sender_ip(const struct ip *ip);

#endif
