#include "probe/casting.h"

#include <string.h>

/* ---- who stands where */

static bool plays(const struct server_script *script, const struct aim *aim)
{
	for (size_t i = 0; i < script->role_count; i++) {
		const struct script_role *role = &script->roles[i];

		if (role->kind != aim->kind)
			continue;
		if (aim->kind == AIM_ADDRESS
				? ip_is(&role->ip, &aim->ip)
				: casting_is_same_name(role->name, aim->name))
			return true;
	}
	return false;
}

/* The host that a script is, for a target. */
static struct span host_of(struct casting *casting,
	const struct server_script *script, const struct aim *aim)
{
	if (aim->kind == AIM_HOST)
		return aim->name;
	if (script->called.len)
		return script->called;
	return aim->kind == AIM_MX ? arena_print(casting->arena, "mx.%.*s",
					     SPAN_ARG(aim->name))
				   : SPAN("");
}

static bool is_in_this(const struct casting *casting,
	const struct server_script *script, bool is_of_twin)
{
	struct span twin = casting->twin;

	if (!script->twin.len)
		return !is_of_twin;
	return is_of_twin && span_is(script->twin, twin);
}

/* In a twin, its servers stand in place of those of the same host. */
static bool is_displaced(struct casting *casting,
	const struct server_script *script, const struct aim *aim,
	enum family family)
{
	struct span host = host_of(casting, script, aim);

	for (size_t i = 0; i < casting->part_count; i++) {
		const struct server_script *other = casting->parts[i].script;

		if (is_in_this(casting, other, true) && other->on[family] &&
			(plays(other, aim) ||
				(!other->role_count && !script->role_count)) &&
			casting_is_same_name(
				host_of(casting, other, aim), host))
			return true;
	}
	return false;
}

static bool is_taken(
	struct casting *casting, const struct aim *aim, enum family family)
{
	for (size_t i = 0; i < casting->part_count; i++) {
		const struct server_script *script = casting->parts[i].script;

		if (script->on[family] && plays(script, aim) &&
			(is_in_this(casting, script, true) ||
				is_in_this(casting, script, false)))
			return true;
	}
	return false;
}

static bool stands_for(struct casting *casting,
	const struct server_script *script, const struct aim *aim,
	enum family family)
{
	bool is_of_twin = script->twin.len != 0;

	if (!script->on[family] || !is_in_this(casting, script, is_of_twin))
		return false;
	if (script->role_count ? !plays(script, aim)
			       : is_taken(casting, aim, family))
		return false;
	return is_of_twin || !is_displaced(casting, script, aim, family);
}

/* ---- the cast */

/* 198.51.100.N and 203.0.113.N (RFC 5737), 2001:db8:5::N (RFC 3849). */
static struct ip made_up(enum family family, size_t n)
{
	struct ip ip = { .family = family };

	if (family == FAMILY_IPV4) {
		memcpy(ip.bytes, n < 254 ? "\xc6\x33\x64" : "\xcb\x00\x71", 3);
		ip.bytes[3] = (uint8_t)(n % 254 + 1);
		return ip;
	}
	memcpy(ip.bytes, "\x20\x01\x0d\xb8\0\x05", 6);
	ip.bytes[14] = (uint8_t)((n + 1) >> 8);
	ip.bytes[15] = (uint8_t)(n + 1);
	return ip;
}

static void address_add(
	struct casting *casting, const struct ip *ip, size_t member)
{
	for (size_t i = 0; i < casting->address_count; i++)
		if (ip_is(&casting->addresses[i].ip, ip))
			return;
	casting->addresses = arena_grow(casting->arena, casting->addresses,
		casting->address_count, &casting->address_room,
		sizeof(*casting->addresses));
	casting->addresses[casting->address_count++] =
		(struct scripted_address){ .ip = *ip, .member = member };
}

static size_t member_of(
	struct casting *casting, struct casting_part *part, enum family family)
{
	struct ip ip;

	if (part->has_member[family])
		return part->member[family];
	casting->members = arena_grow(casting->arena, casting->members,
		casting->member_count, &casting->member_room,
		sizeof(*casting->members));
	part->has_member[family] = true;
	part->member[family] = casting->member_count;
	casting->members[casting->member_count] = (struct scripted_member){
		.script = part->script, .family = family
	};
	ip = made_up(family, casting->member_count);
	address_add(casting, &ip, casting->member_count);
	return casting->member_count++;
}

static void name_add(
	struct casting *casting, struct casting_part *part, struct span name)
{
	for (size_t i = 0; i < part->name_count; i++)
		if (span_is(part->names[i], name))
			return;
	part->names = arena_grow(casting->arena, part->names, part->name_count,
		&part->name_room, sizeof(*part->names));
	part->names[part->name_count++] = name;
}

/* Does the DNS lead to an address of its own, or to the one that is asked
 * for? */
static void lead(struct casting *casting, struct casting_part *part,
	const struct aim *aim, enum family family)
{
	size_t member = member_of(casting, part, family);
	struct ip ip = made_up(family, member);
	struct span host = host_of(casting, part->script, aim);

	if (aim->kind == AIM_ADDRESS) {
		address_add(casting, &aim->ip, member);
		name_add(casting, part, ip_text(casting->arena, &aim->ip));
		return;
	}
	if (aim->has_only && aim->only.family == family) {
		ip = aim->only;
		address_add(casting, &ip, member);
	}
	name_add(casting, part, made_up_dns_name(&casting->dns, host));
	made_up_dns_add_address(&casting->dns, host, &ip);
}

/* The best exchanger is the one that is written first. */
static void add_exchanger(
	struct casting *casting, const struct aim *aim, struct span host)
{
	struct made_up_record *mx = made_up_dns_record(
		&casting->dns, aim->name, RR_MX);
	size_t count = mx->answer->value_count;

	host = made_up_dns_name(&casting->dns, host);
	for (size_t i = 0; i < count; i++) {
		struct span rest = mx->values[i];

		span_cut(&rest, ' ');
		if (span_is(rest, host))
			return;
	}
	made_up_record_add(&casting->dns, mx,
		arena_print(casting->arena, "%zu %.*s", 10 * (count + 1),
			SPAN_ARG(host)));
}

void casting_open(struct casting *casting, struct arena *arena,
	const struct play *play, struct span twin)
{
	*casting = (struct casting){ .arena = arena,
		.twin = twin,
		.dns = { .arena = arena, .why = &casting->why },
		.part_count = play->server_count,
		.why = SPAN("") };
	casting->parts = arena_take(
		arena, (casting->part_count + 1) * sizeof(*casting->parts));
	for (size_t i = 0; i < casting->part_count; i++)
		casting->parts[i].script = &play->servers[i];
}

/* Both families of a host have an answer, if only that there is none. */
void casting_add(struct casting *casting, const struct aim *aim)
{
	bool is_played = false;

	for (size_t i = 0; i < casting->part_count; i++)
		for (unsigned f = 0; f < FAMILY_COUNT; f++) {
			struct casting_part *part = &casting->parts[i];

			if (!stands_for(casting, part->script, aim,
				    (enum family)f) ||
				(aim->kind == AIM_ADDRESS &&
					(unsigned)aim->ip.family != f))
				continue;
			is_played = true;
			if (aim->kind == AIM_MX)
				add_exchanger(casting, aim,
					host_of(casting, part->script, aim));
			lead(casting, part, aim, (enum family)f);
		}
	if (is_played || casting->why.len)
		return;
	casting->why = arena_print(casting->arena,
		"no server stands for %.*s: a \"server\" is wanted",
		SPAN_ARG(aim_text(casting->arena, aim)));
}
