#include "pcap/capture_plan.h"

#include <string.h>

static size_t bucket_of(const struct ip *ip)
{
	size_t octets = ip->family == FAMILY_IPV4 ? 4 : 16;
	size_t hash = 0;

	for (size_t i = 0; i < octets; i++)
		hash = hash * 31 + ip->bytes[i];
	return hash % PLAN_BUCKETS;
}

/* Port 0: any. */
static const struct planned_place *find(const struct capture_plan *plan,
	const struct ip *ip, uint16_t port, unsigned interface)
{
	const struct planned_place *place = plan->buckets[bucket_of(ip)];

	while (place &&
		!(ip_is(&place->ip, ip) && (!port || place->port == port) &&
			(!place->interface || !interface ||
				place->interface == interface)))
		place = place->next;
	return place;
}

static void add_port(struct capture_plan *plan, uint16_t port)
{
	size_t i = 0;

	while (i < plan->port_count && plan->ports[i] != port)
		i++;
	if (i == plan->port_count && i < PLAN_PORTS_MAX)
		plan->ports[plan->port_count++] = port;
}

bool capture_plan_add(struct capture_plan *plan, const struct ip *ip,
	uint16_t port, unsigned interface)
{
	struct planned_place **bucket = &plan->buckets[bucket_of(ip)];
	struct planned_place *place;

	if (find(plan, ip, port, interface))
		return false;
	place = arena_new(plan->arena, struct planned_place);
	*place = (struct planned_place){
		.ip = *ip, .port = port, .interface = interface, .next = *bucket
	};
	*bucket = place;
	if (plan->count < PLAN_NARROW_MAX)
		plan->places[plan->count] = place;
	plan->count++;
	add_port(plan, port);
	return true;
}

bool capture_plan_has(const struct capture_plan *plan,
	const struct packet *packet, unsigned interface)
{
	struct ip from = ends_ip(&packet->ends, true);
	struct ip to = ends_ip(&packet->ends, false);

	if (!packet_may_be_tcp(packet))
		return false;
	if (packet->kind == PACKET_FRAGMENT)
		return find(plan, &to, 0, interface) ||
		       find(plan, &from, 0, interface);
	if (find(plan, &to, packet->ends.to_port, interface))
		return true;
	return packet->kind == PACKET_TCP &&
	       find(plan, &from, packet->ends.from_port, interface);
}

/* ---- the filter */

/*
 * "tcp port" sees neither the later fragments of a datagram nor what is behind
 * an extension header of IPv6.
 */
static const char also_four[] = "ip[6:2] & 0x1fff != 0";
static const char also_six[] = "(ip6 and not tcp and not udp and not icmp6)";

static struct span narrow(
	struct arena *arena, const struct planned_place *place)
{
	bool is_four = place->ip.family == FAMILY_IPV4;
	struct span text = ip_text(arena, &place->ip);
	struct span at = SPAN("");

	if (place->interface)
		at = arena_print(arena, "ifindex %u and ", place->interface);
	return arena_print(arena, "(%.*s%s host %.*s and (tcp port %u or %s))",
		SPAN_ARG(at), is_four ? "ip" : "ip6", SPAN_ARG(text),
		place->port, is_four ? also_four : also_six);
}

/* Errors that quote what was sent: unreachable, too big, out of hops, wrong
 * (RFC 792, RFC 4443 section 2.1). */
static const char errors[] = " or (icmp and (icmp[0] = 3 or icmp[0] = 11 or "
			     "icmp[0] = 12)) or (icmp6 and ip6[40] < 128)";

struct span capture_plan_filter(
	struct arena *arena, const struct capture_plan *plan, bool is_narrow)
{
	struct span filter = SPAN("");
	size_t count = plan->port_count;

	is_narrow &= plan->count <= PLAN_NARROW_MAX;
	if (is_narrow)
		count = plan->count;
	else if (count == PLAN_PORTS_MAX)
		return arena_print(arena, "tcp%s", errors);
	for (size_t i = 0; i < count; i++) {
		struct span one = is_narrow ? narrow(arena, plan->places[i])
					    : arena_print(arena, "tcp port %u",
						      plan->ports[i]);

		filter = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(filter),
			i ? " or " : "", SPAN_ARG(one));
	}
	return arena_print(arena, "%.*s%s", SPAN_ARG(filter), errors);
}
