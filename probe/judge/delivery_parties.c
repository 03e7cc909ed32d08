#include "probe/judge/delivery_parties.h"

static uint32_t mark_of(const struct ip *ip)
{
	uint32_t words[4];

	memcpy(words, ip->bytes, sizeof(words));
	if (ip->family == FAMILY_IPV4)
		return words[0];
	return words[0] ^ words[1] ^ words[2] ^ words[3];
}

static struct delivery_party *find(
	const struct delivery_parties *parties, const struct ip *ip)
{
	uint32_t mark = mark_of(ip);

	for (size_t i = 0; i < parties->count; i++)
		if (parties->marks[i] == mark && ip_is(&parties->at[i].ip, ip))
			return &parties->at[i];
	return NULL;
}

static struct delivery_party *add(struct arena *arena,
	struct delivery_parties *parties, const struct ip *ip)
{
	/* Most have one. */
	if (!parties->room) {
		parties->room = 1;
		parties->at = arena_new(arena, struct delivery_party);
	}
	parties->at = arena_grow(arena, parties->at, parties->count,
		&parties->room, sizeof(*parties->at));
	parties->at[parties->count] = (struct delivery_party){ .ip = *ip };
	parties->marks[parties->count] = mark_of(ip);
	return &parties->at[parties->count++];
}

struct delivery_party *delivery_party_of(struct arena *arena,
	struct delivery_parties *parties, const struct ip *ip)
{
	struct delivery_party *party = find(parties, ip);

	if (party)
		return party;
	if (parties->count < DELIVERY_PARTIES_MAX)
		return add(arena, parties, ip);
	parties->others++;
	return NULL;
}

void delivery_parties_join(struct arena *arena, struct delivery_parties *into,
	const struct delivery_parties *from)
{
	into->others += from->others;
	for (size_t i = 0; i < from->count; i++) {
		const struct delivery_party *party = &from->at[i];
		struct delivery_party *own = find(into, &party->ip);

		if (!own && into->count == DELIVERY_PARTIES_MAX) {
			into->others += party->accepted + party->deferred +
					party->refused;
			continue;
		}
		if (!own) {
			own = add(arena, into, &party->ip);
			own->name = party->name;
		}
		own->accepted += party->accepted;
		own->deferred += party->deferred;
		own->refused += party->refused;
	}
}
