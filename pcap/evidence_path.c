#include "pcap/evidence_path.h"

/* By remote address: few paths share one, except in a long list. */
struct indexed {
	const struct evidence_path *path;
	struct indexed *next;
};

struct evidence_set {
	size_t bucket_count; /* a power of two */
	struct indexed *nodes;
	struct indexed **by_remote; /* and its port */
	struct indexed **by_both;   /* those that are connected */
	struct indexed *both_nodes;
};

struct evidence_path evidence_path_of(
	struct arena *arena, const struct visit *visit)
{
	const struct fault *fault = visit->fault;
	struct fault *copy;
	struct evidence_path path = { .is_connected = visit->source.is_known,
		.local = visit->source.ip,
		.local_port = visit->source.port,
		.remote = visit->path->remote,
		.remote_port = visit->path->port,
		.host = arena_copy(arena, visit->path->host),
		.meaning = SPAN("") };

	if (!fault)
		return path;
	path.fault = copy = arena_new(arena, struct fault);
	*copy = (struct fault){ .failure = fault->failure,
		.stage = fault->stage };
	path.is_refused = fault->reply != NULL;
	path.refused_with = fault->reply ? fault->reply->code : 0;
	return path;
}

static size_t hash_ip(size_t hash, const struct ip *ip)
{
	size_t octets = ip->family == FAMILY_IPV4 ? 4 : 16;

	for (size_t i = 0; i < octets; i++)
		hash = (hash ^ ip->bytes[i]) * 16777619;
	return hash;
}

static size_t hash_of(
	const struct ip *remote, uint16_t remote_port, uint16_t local_port)
{
	size_t hash = hash_ip(2166136261, remote);

	hash = (hash ^ remote_port) * 16777619;
	hash = (hash ^ local_port) * 16777619;
	return hash ^ hash >> 15;
}

static void put(struct indexed **buckets, size_t place, struct indexed *node,
	const struct evidence_path *path)
{
	*node = (struct indexed){ .path = path, .next = buckets[place] };
	buckets[place] = node;
}

struct evidence_set *evidence_set_make(
	struct arena *arena, const struct evidence_path *paths, size_t count)
{
	struct evidence_set *set = arena_new(arena, struct evidence_set);

	set->bucket_count = 16;
	while (set->bucket_count < 2 * count)
		set->bucket_count *= 2;
	set->by_remote = arena_take(
		arena, set->bucket_count * sizeof(*set->by_remote));
	set->by_both = arena_take(
		arena, set->bucket_count * sizeof(*set->by_both));
	set->nodes = arena_take(arena, (count + 1) * sizeof(*set->nodes));
	set->both_nodes = arena_take(
		arena, (count + 1) * sizeof(*set->both_nodes));
	for (size_t i = 0; i < count; i++) {
		const struct evidence_path *path = &paths[i];
		size_t mask = set->bucket_count - 1;

		put(set->by_remote,
			hash_of(&path->remote, path->remote_port, 0) & mask,
			&set->nodes[i], path);
		if (path->is_connected)
			put(set->by_both,
				hash_of(&path->remote, path->remote_port,
					path->local_port) &
					mask,
				&set->both_nodes[i], path);
	}
	return set;
}

static const struct evidence_path *find_from(
	const struct evidence_set *set, const struct ends *ends, bool is_ours)
{
	struct ip local = ends_ip(ends, is_ours);
	struct ip remote = ends_ip(ends, !is_ours);
	uint16_t local_port = is_ours ? ends->from_port : ends->to_port;
	uint16_t remote_port = is_ours ? ends->to_port : ends->from_port;
	const struct indexed *node =
		set->by_both[hash_of(&remote, remote_port, local_port) &
			     (set->bucket_count - 1)];

	for (; node; node = node->next)
		if (node->path->local_port == local_port &&
			node->path->remote_port == remote_port &&
			ip_is(&node->path->remote, &remote) &&
			ip_is(&node->path->local, &local))
			return node->path;
	return NULL;
}

const struct evidence_path *evidence_set_find(
	const struct evidence_set *set, const struct ends *ends)
{
	const struct evidence_path *path = find_from(set, ends, true);

	return path ? path : find_from(set, ends, false);
}

/* Of any path to this place; or only of one that was not established. */
static bool has_place(const struct evidence_set *set, const struct ip *remote,
	uint16_t port, bool is_unconnected)
{
	const struct indexed *node = set->by_remote[hash_of(remote, port, 0) &
						    (set->bucket_count - 1)];

	for (; node; node = node->next)
		if (node->path->remote_port == port &&
			ip_is(&node->path->remote, remote) &&
			!(is_unconnected && node->path->is_connected))
			return true;
	return false;
}

/* A fragment has no port: it is one of a few, and all are looked at. */
static bool has_host(const struct evidence_set *set, const struct ip *remote)
{
	for (size_t i = 0; i < set->bucket_count; i++)
		for (const struct indexed *node = set->by_remote[i]; node;
			node = node->next)
			if (ip_is(&node->path->remote, remote))
				return true;
	return false;
}

static bool is_of_unconnected(
	const struct evidence_set *set, const struct packet *packet)
{
	const struct ends *ends = &packet->ends;
	struct ip from = ends_ip(ends, true), to = ends_ip(ends, false);

	return has_place(set, &to, ends->to_port, true) ||
	       has_place(set, &from, ends->from_port, true);
}

static bool is_of_host(
	const struct evidence_set *set, const struct packet *packet)
{
	struct ip from = ends_ip(&packet->ends, true);
	struct ip to = ends_ip(&packet->ends, false);

	return has_host(set, &from) || has_host(set, &to);
}

bool evidence_set_has(
	const struct evidence_set *set, const struct packet *packet)
{
	if (!packet_may_be_tcp(packet))
		return false;
	if (packet->kind == PACKET_FRAGMENT)
		return is_of_host(set, packet);
	if (evidence_set_find(set, &packet->ends))
		return true;
	if (packet->kind == PACKET_TCP &&
		(!(packet->flags & (TCP_SYN | TCP_RST)) || packet->payload_len))
		return false;
	return is_of_unconnected(set, packet);
}
