#include "probe/net/source.h"

#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct own_address {
	struct ip ip;
	uint32_t flags;
	struct span interface;
};

struct source_list {
	struct arena *arena;
	struct own_address *own;
	size_t count, room;
};

enum { DUMP_ROOM = 32 * 1024, DUMPS_MAX = 256 };

static void own_add(struct source_list *list, const struct own_address *own)
{
	list->own = arena_grow(
		list->arena, list->own, list->count, &list->room, sizeof(*own));
	list->own[list->count++] = *own;
}

static struct span name_of(struct arena *arena, unsigned interface)
{
	char name[IF_NAMESIZE];

	if (!if_indextoname(interface, name))
		return SPAN("");
	return arena_copy(arena, span_of(name));
}

/* IFA_LOCAL is ours where both stand there; IFA_ADDRESS is then the peer's. */
static void take_address(struct source_list *list, struct nlmsghdr *header)
{
	struct ifaddrmsg *message = NLMSG_DATA(header);
	struct rtattr *attribute = IFA_RTA(message);
	unsigned rest = (unsigned)IFA_PAYLOAD(header);
	struct own_address own = { .flags = message->ifa_flags,
		.interface = name_of(list->arena, message->ifa_index) };
	size_t len = message->ifa_family == AF_INET ? 4 : 16;
	bool has_local = false;

	if (message->ifa_family != AF_INET && message->ifa_family != AF_INET6)
		return;
	own.ip.family = len == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
	for (; RTA_OK(attribute, rest); attribute = RTA_NEXT(attribute, rest)) {
		bool is_local = attribute->rta_type == IFA_LOCAL;

		if (attribute->rta_type == IFA_FLAGS &&
			RTA_PAYLOAD(attribute) >= sizeof(own.flags))
			memcpy(&own.flags, RTA_DATA(attribute),
				sizeof(own.flags));
		if (!is_local &&
			(attribute->rta_type != IFA_ADDRESS || has_local))
			continue;
		if (RTA_PAYLOAD(attribute) >= len)
			memcpy(own.ip.bytes, RTA_DATA(attribute), len);
		has_local |= is_local;
	}
	own_add(list, &own);
}

/* True while the dump goes on. */
static bool take_dump(struct source_list *list, void *room, size_t len)
{
	struct nlmsghdr *header = room;

	for (; NLMSG_OK(header, len); header = NLMSG_NEXT(header, len)) {
		if (header->nlmsg_type == NLMSG_DONE ||
			header->nlmsg_type == NLMSG_ERROR)
			return false;
		if (header->nlmsg_type == RTM_NEWADDR)
			take_address(list, header);
	}
	return true;
}

static void dump(struct source_list *list, int netlink)
{
	_Alignas(struct nlmsghdr) char room[DUMP_ROOM];
	struct {
		struct nlmsghdr header;
		struct ifaddrmsg message;
	} ask = {
		.header = { .nlmsg_len = sizeof(ask),
			.nlmsg_type = RTM_GETADDR,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};

	if (send(netlink, &ask, sizeof(ask), 0) != (ssize_t)sizeof(ask))
		return;
	for (unsigned i = 0; i < DUMPS_MAX; i++) {
		ssize_t len = recv(netlink, room, sizeof(room), 0);

		if (len <= 0 || !take_dump(list, room, (size_t)len))
			return;
	}
}

struct source_list *source_list_open(struct arena *arena)
{
	struct source_list *list = arena_new(arena, struct source_list);
	int netlink = socket(
		AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	list->arena = arena;
	if (netlink < 0)
		return list;
	dump(list, netlink);
	close(netlink);
	return list;
}

static bool is_usable(const struct own_address *own)
{
	enum ip_kind kind = ip_kind(&own->ip);

	return kind != IP_LOOPBACK && kind != IP_LINK_LOCAL &&
	       kind != IP_UNSPECIFIED && kind != IP_MULTICAST &&
	       !(own->flags & (IFA_F_DEPRECATED | IFA_F_TENTATIVE |
				      IFA_F_DADFAILED));
}

static bool has_public(const struct source_list *list, enum family family)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->own[i].ip.family == family &&
			is_usable(&list->own[i]) &&
			ip_kind_is_public(ip_kind(&list->own[i].ip)))
			return true;
	return false;
}

size_t source_list_usable(
	const struct source_list *list, struct arena *arena, struct ip **ips)
{
	size_t count = 0;

	*ips = arena_take(arena, (list->count + 1) * sizeof(**ips));
	for (size_t i = 0; i < list->count; i++) {
		const struct own_address *own = &list->own[i];

		if (is_usable(own) &&
			(ip_kind_is_public(ip_kind(&own->ip)) ||
				!has_public(list, own->ip.family)))
			(*ips)[count++] = own->ip;
	}
	return count;
}

void source_describe(const struct source_list *list, struct source *source)
{
	source->kind = ip_kind(&source->ip);
	source->interface = SPAN("");
	for (size_t i = 0; i < list->count; i++) {
		const struct own_address *own = &list->own[i];

		if (!ip_is(&own->ip, &source->ip))
			continue;
		/* The bit of TEMPORARY means SECONDARY on IPv4. */
		source->is_temporary = own->ip.family == FAMILY_IPV6 &&
				       own->flags & IFA_F_TEMPORARY;
		source->is_deprecated = own->flags & IFA_F_DEPRECATED;
		source->interface = own->interface;
		return;
	}
}
