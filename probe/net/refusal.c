#include "probe/net/refusal.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void set_queue(int socket, enum family family, int is_on)
{
	if (family == FAMILY_IPV4)
		setsockopt(
			socket, IPPROTO_IP, IP_RECVERR, &is_on, sizeof(is_on));
	else
		setsockopt(socket, IPPROTO_IPV6, IPV6_RECVERR, &is_on,
			sizeof(is_on));
}

void refusal_watch(int socket, enum family family)
{
	set_queue(socket, family, 1);
}

void refusal_unwatch(int socket, enum family family)
{
	set_queue(socket, family, 0);
}

static void take_error(const struct cmsghdr *header, struct icmp_error *icmp)
{
	const unsigned char *bytes = CMSG_DATA(header);
	struct sock_extended_err extended;
	struct sockaddr_storage offender;
	size_t len = header->cmsg_len - CMSG_LEN(0);
	uint16_t port;

	if (len < sizeof(extended))
		return;
	memcpy(&extended, bytes, sizeof(extended));
	if (extended.ee_origin != SO_EE_ORIGIN_ICMP &&
		extended.ee_origin != SO_EE_ORIGIN_ICMP6)
		return;
	icmp->is_known = true;
	icmp->family = extended.ee_origin == SO_EE_ORIGIN_ICMP ? FAMILY_IPV4
							       : FAMILY_IPV6;
	icmp->type = extended.ee_type;
	icmp->code = extended.ee_code;
	/* SO_EE_OFFENDER: a sockaddr behind the error, as far as it is there. */
	memset(&offender, 0, sizeof(offender));
	len -= sizeof(extended);
	memcpy(&offender, bytes + sizeof(extended),
		len < sizeof(offender) ? len : sizeof(offender));
	icmp->has_offender = ip_from_sockaddr(
		(struct sockaddr *)&offender, &icmp->offender, &port);
}

static void read_queue(int socket, struct icmp_error *icmp)
{
	char quoted[512], control[512];
	struct iovec part = { quoted, sizeof(quoted) };

	for (unsigned i = 0; i < 8; i++) {
		struct msghdr message = { .msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };
		struct cmsghdr *header;

		if (recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		for (header = CMSG_FIRSTHDR(&message); header;
			header = CMSG_NXTHDR(&message, header))
			if ((header->cmsg_level == IPPROTO_IP &&
				    header->cmsg_type == IP_RECVERR) ||
				(header->cmsg_level == IPPROTO_IPV6 &&
					header->cmsg_type == IPV6_RECVERR))
				take_error(header, icmp);
	}
}

/* RFC 792, RFC 1812 section 5.2.7.1; RFC 4443 section 3.1. */
static const struct meaning {
	enum family family;
	unsigned type, code;
	enum failure failure;
	const char *text;
} meanings[] = {
	{ FAMILY_IPV4, 3, 0, FAILURE_NETWORK_UNREACHABLE,
		"network unreachable" },
	{ FAMILY_IPV4, 3, 1, FAILURE_HOST_UNREACHABLE, "host unreachable" },
	{ FAMILY_IPV4, 3, 3, FAILURE_PORT_UNREACHABLE, "port unreachable" },
	{ FAMILY_IPV4, 3, 9, FAILURE_ADMIN_PROHIBITED,
		"network administratively prohibited" },
	{ FAMILY_IPV4, 3, 10, FAILURE_ADMIN_PROHIBITED,
		"host administratively prohibited" },
	{ FAMILY_IPV4, 3, 13, FAILURE_ADMIN_PROHIBITED,
		"communication administratively prohibited" },
	{ FAMILY_IPV4, 11, 0, FAILURE_HOST_UNREACHABLE,
		"time to live exceeded: a routing loop" },
	{ FAMILY_IPV6, 1, 0, FAILURE_NETWORK_UNREACHABLE, "no route" },
	{ FAMILY_IPV6, 1, 1, FAILURE_ADMIN_PROHIBITED,
		"communication administratively prohibited" },
	{ FAMILY_IPV6, 1, 2, FAILURE_HOST_UNREACHABLE,
		"beyond the scope of the source address" },
	{ FAMILY_IPV6, 1, 3, FAILURE_HOST_UNREACHABLE, "address unreachable" },
	{ FAMILY_IPV6, 1, 4, FAILURE_PORT_UNREACHABLE, "port unreachable" },
	{ FAMILY_IPV6, 1, 5, FAILURE_ADMIN_PROHIBITED,
		"source address failed the ingress or egress policy" },
	{ FAMILY_IPV6, 1, 6, FAILURE_ADMIN_PROHIBITED,
		"reject route to the destination" },
	{ FAMILY_IPV6, 3, 0, FAILURE_HOST_UNREACHABLE,
		"hop limit exceeded: a routing loop" },
};

static const struct meaning *meaning_of(const struct icmp_error *icmp)
{
	for (size_t i = 0; i < COUNT_OF(meanings); i++)
		if (meanings[i].family == icmp->family &&
			meanings[i].type == icmp->type &&
			meanings[i].code == icmp->code)
			return &meanings[i];
	return NULL;
}

static enum failure failure_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return FAILURE_CONNECTION_REFUSED;
	case ECONNRESET:
	case EPIPE:
	case ECONNABORTED:
		return FAILURE_CONNECTION_RESET;
	case ETIMEDOUT:
		return FAILURE_TIMEOUT;
	case ENETUNREACH:
	case ENETDOWN:
		return FAILURE_NETWORK_UNREACHABLE;
	case EHOSTUNREACH:
	case EHOSTDOWN:
		return FAILURE_HOST_UNREACHABLE;
	case EACCES:
	case EPERM:
		return FAILURE_ADMIN_PROHIBITED;
	default: /* not an enum of ours */
		return FAILURE_LOCAL;
	}
}

void refusal_read(
	struct arena *arena, int socket, int error, struct fault *fault)
{
	const struct meaning *meaning;
	char room[IP_TEXT_MAX];

	if (socket >= 0)
		read_queue(socket, &fault->icmp);
	meaning = fault->icmp.is_known ? meaning_of(&fault->icmp) : NULL;
	fault->failure = meaning ? meaning->failure : failure_of(error);
	if (!fault->icmp.is_known && error == ECONNREFUSED)
		fault->why = SPAN(
			"the host itself refused the connection: "
			"nothing listens on the port, or a firewall sends RST");
	else if (!fault->icmp.is_known)
		fault->why = arena_copy(arena, span_of(strerror(error)));
	else
		fault->why = arena_print(arena,
			"%s (ICMP%s type %u code %u%s"
			"%s)",
			meaning ? meaning->text : strerror(error),
			fault->icmp.family == FAMILY_IPV6 ? "v6" : "",
			fault->icmp.type, fault->icmp.code,
			fault->icmp.has_offender ? " from " : "",
			fault->icmp.has_offender
				? ip_print(&fault->icmp.offender, room)
				: "");
}

bool refusal_is_not_applicable(enum family family, int error, struct span *why)
{
	bool is_six = family == FAMILY_IPV6;

	switch (error) {
	case ENETUNREACH:
	case ENETDOWN:
		*why = is_six ? SPAN("no IPv6 route") : SPAN("no IPv4 route");
		return true;
	case EHOSTUNREACH:
	case EACCES:
	case EINVAL:
		*why = is_six ? SPAN("the routing table has no way for IPv6")
			      : SPAN("the routing table has no way for IPv4");
		return true;
	case EADDRNOTAVAIL:
		*why = is_six ? SPAN("no IPv6 source address")
			      : SPAN("no IPv4 source address");
		return true;
	case EAFNOSUPPORT:
		*why = is_six ? SPAN("no IPv6 in this kernel")
			      : SPAN("no IPv4 in this kernel");
		return true;
	default: /* not an enum of ours */
		return false;
	}
}

/* UDP wants the same address of its own, and has other ports. */
bool refusal_is_of_ports(int error, const struct sockaddr_storage *to,
	const char *interface, struct span *why)
{
	bool has_address;
	int fd;

	if (error != EADDRNOTAVAIL)
		return false;
	fd = socket(to->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	if (interface)
		setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
			(socklen_t)strlen(interface));
	has_address = connect(fd, (const struct sockaddr *)to, sizeof(*to)) ==
		      0;
	close(fd);
	if (has_address)
		*why = SPAN("no local port is left for another connection to "
			    "this server (net.ipv4.ip_local_port_range)");
	return has_address;
}
