#include "probe/rehearsal.h"

#include <string.h>
#include <unistd.h>

#include "probe/base/clock.h"
#include "probe/casting.h"

static bool is_same_aim(const struct aim *a, const struct aim *b)
{
	return a->kind == b->kind &&
	       (a->kind == AIM_ADDRESS
			       ? ip_is(&a->ip, &b->ip)
			       : casting_is_same_name(a->name, b->name)) &&
	       a->has_only == b->has_only &&
	       (!a->has_only || ip_is(&a->only, &b->only));
}

static bool was_cast(const struct matrix *matrix, size_t cell)
{
	for (size_t i = 0; i < cell; i++)
		if (is_same_aim(matrix->cells[i].aim, matrix->cells[cell].aim))
			return true;
	return false;
}

static void make_path(struct made_up_dns *dns, const struct egress *egress)
{
	for (unsigned f = 0; f < FAMILY_COUNT; f++) {
		const struct ip *source = &egress->source[f];
		struct span name = egress->ehlo[f];

		if (!egress->binds[f] || !name.len || name.at[0] == '[')
			continue;
		made_up_dns_add(dns, ip_reverse_name(dns->arena, source),
			RR_PTR, made_up_dns_name(dns, name));
		made_up_dns_add_address(dns, name, source);
	}
}

static void say_all(
	struct made_up_dns *dns, const struct play *play, struct span twin)
{
	for (size_t i = 0; i < play->dns_count; i++)
		if (span_is(play->dns[i].twin, twin))
			made_up_dns_say(dns, &play->dns[i]);
}

static enum throwaway_flaw flaw_of(enum script_certificate certificate)
{
	switch (certificate) {
	case SCRIPT_CERT_GOOD:
		break;
	case SCRIPT_CERT_EXPIRED:
		return THROWAWAY_EXPIRED;
	case SCRIPT_CERT_OTHER_NAME:
		return THROWAWAY_OTHER_NAME;
	case SCRIPT_CERT_SELF_SIGNED:
		return THROWAWAY_SELF_SIGNED;
	}
	return THROWAWAY_GOOD;
}

static void certify(struct casting *casting, struct throwaway *throwaway,
	const struct casting_part *part, struct scripted_member *member)
{
	struct throwaway_wish wish = { .names = part->names,
		.name_count = part->name_count,
		.flaw = flaw_of(part->script->certificate),
		.days = (unsigned)part->script->certificate_days,
		.now = clock_wall_ms() / 1000 };

	member->name = part->script->called.len ? part->script->called
						: part->names[0];
	member->tls = throwaway_context(throwaway, casting->arena, &wish);
	if (!member->tls && !casting->why.len)
		casting->why = SPAN("OpenSSL cannot make a certificate");
}

static void certify_all(struct casting *casting, struct throwaway *throwaway)
{
	for (size_t i = 0; i < casting->part_count; i++)
		for (unsigned f = 0; f < FAMILY_COUNT; f++) {
			const struct casting_part *part = &casting->parts[i];

			if (part->has_member[f])
				certify(casting, throwaway, part,
					&casting->members[part->member[f]]);
		}
}

static uint64_t slowest_of(const struct script_turn *turns, size_t count)
{
	uint64_t slowest = 0;

	for (size_t i = 0; i < count; i++)
		if (turns[i].delay_ms > slowest)
			slowest = turns[i].delay_ms;
	return slowest;
}

static uint64_t slowest_in(const struct casting *casting)
{
	uint64_t slowest = 0;

	for (size_t i = 0; i < casting->member_count; i++) {
		const struct server_script *script = casting->members[i].script;
		uint64_t one = slowest_of(script->turns, SCRIPT_STAGES);
		uint64_t other = slowest_of(
			script->particular, script->particular_count);

		slowest = one > slowest ? one : slowest;
		slowest = other > slowest ? other : slowest;
	}
	return slowest;
}

static void cast_all(struct casting *casting, const struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->cell_count; i++) {
		const struct matrix_cell *cell = &matrix->cells[i];

		if (!was_cast(matrix, i))
			casting_add(casting, cell->aim);
		make_path(&casting->dns, cell->egress);
	}
	for (size_t i = 0; i < matrix->identity_count; i++)
		make_path(&casting->dns, matrix->identities[i].egress);
	if (casting->member_count > SCRIPTED_SERVERS_MAX)
		casting->why = arena_print(casting->arena,
			"there are more than %d servers", SCRIPTED_SERVERS_MAX);
}

bool performance_make(struct arena *arena, struct throwaway *throwaway,
	const struct play *play, const struct matrix *matrix, struct span twin,
	struct performance *performance, struct span *why)
{
	struct casting casting;

	casting_open(&casting, arena, play, twin);
	cast_all(&casting, matrix);
	say_all(&casting.dns, play, SPAN(""));
	if (twin.len)
		say_all(&casting.dns, play, twin);
	if (!casting.why.len)
		certify_all(&casting, throwaway);
	*performance = (struct performance){ .twin = twin,
		.cast = { .members = casting.members,
			.member_count = casting.member_count,
			.addresses = casting.addresses,
			.address_count = casting.address_count },
		.answers = made_up_dns_answers(&casting.dns),
		.slowest_ms = slowest_in(&casting) };
	*why = casting.why;
	if (!why->len)
		return true;
	performance_close(performance);
	return false;
}

void performance_close(struct performance *performance)
{
	for (size_t i = 0; i < performance->cast.member_count; i++)
		if (performance->cast.members[i].tls)
			tls_context_close(performance->cast.members[i].tls);
	performance->cast.member_count = 0;
}

bool rehearsal_has_loopback(enum family family)
{
	struct ip ip = { .family = family };
	struct sockaddr_storage address;
	int fd, status;

	if (family == FAMILY_IPV4)
		memcpy(ip.bytes, "\x7f\0\0\1", 4);
	else
		ip.bytes[15] = 1;
	ip_to_sockaddr(&ip, 0, &address);
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	status = bind(fd, (struct sockaddr *)&address,
		family == FAMILY_IPV4 ? sizeof(struct sockaddr_in)
				      : sizeof(struct sockaddr_in6));
	close(fd);
	return status == 0;
}
