#include "pcap/egress_route.h"

#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* rtnetlink(7): one question, one answer. */
struct route_question {
	struct nlmsghdr head;
	struct rtmsg route;
	char attributes[64];
};

enum { ANSWER_MAX = 4096 };

static size_t octets_of(const struct ip *ip)
{
	return ip->family == FAMILY_IPV4 ? 4 : 16;
}

static void add_address(struct route_question *question, unsigned short type,
	const struct ip *ip)
{
	size_t at = NLMSG_ALIGN(question->head.nlmsg_len);
	struct rtattr attribute = { .rta_len = (unsigned short)RTA_LENGTH(
					    octets_of(ip)),
		.rta_type = type };
	char *room = (char *)question + at;

	memcpy(room, &attribute, sizeof(attribute));
	memcpy(room + RTA_LENGTH(0), ip->bytes, octets_of(ip));
	question->head.nlmsg_len = (unsigned)(at + attribute.rta_len);
}

static void ask(struct route_question *question, const struct ip *to,
	const struct ip *from)
{
	unsigned char bits = (unsigned char)(8 * octets_of(to));

	*question = (struct route_question){
		.head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
			.nlmsg_type = RTM_GETROUTE,
			.nlmsg_flags = NLM_F_REQUEST },
		.route = { .rtm_family = to->family == FAMILY_IPV4 ? AF_INET
								   : AF_INET6,
			.rtm_dst_len = bits,
			.rtm_src_len = from ? bits : 0 }
	};
	add_address(question, RTA_DST, to);
	if (from)
		add_address(question, RTA_SRC, from);
}

/* The number of the interface in the answer, or 0. */
static unsigned interface_in(const char *answer, size_t len)
{
	struct nlmsghdr head;
	struct rtattr attribute;
	size_t at = NLMSG_LENGTH(sizeof(struct rtmsg));
	unsigned interface;

	if (len < at)
		return 0;
	memcpy(&head, answer, sizeof(head));
	if (head.nlmsg_type != RTM_NEWROUTE || head.nlmsg_len > len)
		return 0;
	for (; at + sizeof(attribute) <= head.nlmsg_len;
		at += RTA_ALIGN(attribute.rta_len)) {
		memcpy(&attribute, answer + at, sizeof(attribute));
		if (attribute.rta_len < sizeof(attribute) ||
			attribute.rta_len > head.nlmsg_len - at)
			return 0;
		if (attribute.rta_type != RTA_OIF ||
			attribute.rta_len < RTA_LENGTH(sizeof(interface)))
			continue;
		memcpy(&interface, answer + at + RTA_LENGTH(0),
			sizeof(interface));
		return interface;
	}
	return 0;
}

unsigned egress_route(const struct ip *to, const struct ip *from)
{
	int netlink = socket(
		AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct route_question question;
	char answer[ANSWER_MAX];
	unsigned interface = 0;
	ssize_t len;

	if (netlink < 0)
		return 0;
	if (from && from->family != to->family)
		from = NULL;
	ask(&question, to, from);
	if (send(netlink, &question, question.head.nlmsg_len, 0) > 0) {
		len = recv(netlink, answer, sizeof(answer), 0);
		if (len > 0)
			interface = interface_in(answer, (size_t)len);
	}
	close(netlink);
	return interface;
}
