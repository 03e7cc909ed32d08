#include "probe/rehearsal.h"

#include <string.h>
#include <unistd.h>

#include "probe/base/clock.h"
#include "probe/dns/name.h"

enum { HOSTS_MAX = 64 /* exchangers of a domain: PLAN_EXCHANGERS_MAX */ };

/* A record that is to be, before all are known. */
struct record {
	struct span name;
	enum rr_type type;
	struct answer *answer;
	struct span *values;
	size_t room;
};

/* A script's part: its member of the cast, for each of its families. */
struct part {
	const struct server_script *script;
	bool has_member[FAMILY_COUNT];
	size_t member[FAMILY_COUNT];
	struct span *names; /* that it goes by; for its certificate */
	size_t name_count, name_room;
	struct span first_name;
};

struct making {
	struct arena *arena;
	const struct play *play;
	const struct matrix *matrix;
	struct performance *performance;
	struct part *parts;
	size_t part_count;
	struct scripted_member *members;
	size_t member_count, member_room;
	struct scripted_address *addresses;
	size_t address_count, address_room;
	struct record *records;
	size_t record_count, record_room;
	struct span why; /* empty: all is well so far */
};

/* ---- the matrix */

/* One for each egress of the matrix, so that each is made once. */
struct dressing {
	struct arena *arena;
	struct dressed {
		const struct egress *from, *to;
	} * list;
	size_t count, room;
};

static void dress_family(struct egress *egress, enum family family)
{
	static const struct ip sources[FAMILY_COUNT] = {
		{ .family = FAMILY_IPV4, .bytes = { 192, 0, 2, 25 } },
		{ .family = FAMILY_IPV6,
			.bytes = { 0x20, 0x01, 0x0d, 0xb8, 0,
				0x25, [15] = 0x25 } },
	};

	egress->binds[family] = true;
	egress->source[family] = sources[family];
}

static const struct egress *dress(
	struct dressing *dressing, const struct egress *from)
{
	struct egress *to;

	for (size_t i = 0; i < dressing->count; i++)
		if (dressing->list[i].from == from)
			return dressing->list[i].to;
	to = arena_new(dressing->arena, struct egress);
	*to = *from;
	to->interface = SPAN("");
	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		if (!from->binds[FAMILY_IPV4] && !from->binds[FAMILY_IPV6])
			dress_family(to, (enum family)i);
		if (!to->ehlo[i].len)
			to->ehlo[i] = SPAN("mail.example.org");
	}
	dressing->list = arena_grow(dressing->arena, dressing->list,
		dressing->count, &dressing->room, sizeof(*dressing->list));
	dressing->list[dressing->count++] = (struct dressed){ from, to };
	return to;
}

const struct matrix *rehearsal_matrix(
	struct arena *arena, const struct matrix *matrix)
{
	struct dressing dressing = { .arena = arena };
	struct matrix *copy = arena_new(arena, struct matrix);
	struct matrix_cell *cells = arena_take(
		arena, (matrix->cell_count + 1) * sizeof(*cells));
	struct matrix_identity *identities = arena_take(
		arena, (matrix->identity_count + 1) * sizeof(*identities));

	*copy = *matrix;
	copy->requirement_count = copy->limit_count = copy->baseline_count = 0;
	copy->every_ms = 0;
	copy->on_failure = NULL;
	for (size_t i = 0; i < matrix->cell_count; i++) {
		cells[i] = matrix->cells[i];
		cells[i].egress = dress(&dressing, cells[i].egress);
	}
	for (size_t i = 0; i < matrix->identity_count; i++) {
		identities[i] = matrix->identities[i];
		identities[i].egress = dress(&dressing, identities[i].egress);
	}
	copy->cells = cells;
	copy->identities = identities;
	return copy;
}

/* ---- records */

static struct span normal(struct making *making, struct span name)
{
	struct span normal;
	const char *why;

	if (name_to_ascii(making->arena, name, &normal, &why))
		return normal;
	if (!making->why.len)
		making->why = arena_print(
			making->arena, "%.*s: %s", SPAN_ARG(name), why);
	return name;
}

static struct record *record_of(
	struct making *making, struct span name, enum rr_type type)
{
	struct record *record;

	name = normal(making, name);
	for (size_t i = 0; i < making->record_count; i++)
		if (making->records[i].type == type &&
			span_is(making->records[i].name, name))
			return &making->records[i];
	making->records = arena_grow(making->arena, making->records,
		making->record_count, &making->record_room,
		sizeof(*making->records));
	record = &making->records[making->record_count++];
	*record = (struct record){ .name = name,
		.type = type,
		.answer = arena_new(making->arena, struct answer) };
	*record->answer = (struct answer){ .kind = ANSWER_NONE,
		.ttl = 300,
		.canonical = SPAN(""),
		.server = SPAN("the rehearsal"),
		.why = SPAN("") };
	return record;
}

static void record_add(
	struct making *making, struct record *record, struct span value)
{
	struct answer *answer = record->answer;

	for (size_t i = 0; i < answer->value_count; i++)
		if (span_is(record->values[i], value))
			return;
	record->values = arena_grow(making->arena, record->values,
		answer->value_count, &record->room, sizeof(*record->values));
	record->values[answer->value_count++] = value;
	answer->values = record->values;
	answer->kind = ANSWER_DATA;
}

static void add(struct making *making, struct span name, enum rr_type type,
	struct span value)
{
	record_add(making, record_of(making, name, type), value);
}

static enum rr_type address_type(enum family family)
{
	return family == FAMILY_IPV4 ? RR_A : RR_AAAA;
}

/* ---- who stands where */

static bool is_same_name(struct span a, struct span b)
{
	return span_is_nocase(name_without_dot(a), name_without_dot(b));
}

static bool plays(const struct server_script *script, const struct aim *aim)
{
	for (size_t i = 0; i < script->role_count; i++) {
		const struct script_role *role = &script->roles[i];

		if (role->kind != aim->kind)
			continue;
		if (aim->kind == AIM_ADDRESS
				? ip_is(&role->ip, &aim->ip)
				: is_same_name(role->name, aim->name))
			return true;
	}
	return false;
}

/* The host that a script is, for a target. */
static struct span host_of(struct making *making,
	const struct server_script *script, const struct aim *aim)
{
	if (aim->kind == AIM_HOST)
		return aim->name;
	if (script->called.len)
		return script->called;
	return aim->kind == AIM_MX ? arena_print(making->arena, "mx.%.*s",
					     SPAN_ARG(aim->name))
				   : SPAN("");
}

static bool is_in_this(const struct making *making,
	const struct server_script *script, bool is_of_twin)
{
	struct span twin = making->performance->twin;

	if (!script->twin.len)
		return !is_of_twin;
	return is_of_twin && span_is(script->twin, twin);
}

/* In a twin, its servers stand in place of those of the same host. */
static bool is_displaced(struct making *making,
	const struct server_script *script, const struct aim *aim,
	enum family family)
{
	struct span host = host_of(making, script, aim);

	for (size_t i = 0; i < making->part_count; i++) {
		const struct server_script *other = making->parts[i].script;

		if (is_in_this(making, other, true) && other->on[family] &&
			(plays(other, aim) ||
				(!other->role_count && !script->role_count)) &&
			is_same_name(host_of(making, other, aim), host))
			return true;
	}
	return false;
}

static bool is_taken(
	struct making *making, const struct aim *aim, enum family family)
{
	for (size_t i = 0; i < making->part_count; i++) {
		const struct server_script *script = making->parts[i].script;

		if (script->on[family] && plays(script, aim) &&
			(is_in_this(making, script, true) ||
				is_in_this(making, script, false)))
			return true;
	}
	return false;
}

static bool stands_for(struct making *making,
	const struct server_script *script, const struct aim *aim,
	enum family family)
{
	bool is_of_twin = script->twin.len != 0;

	if (!script->on[family] || !is_in_this(making, script, is_of_twin))
		return false;
	if (script->role_count ? !plays(script, aim)
			       : is_taken(making, aim, family))
		return false;
	return is_of_twin || !is_displaced(making, script, aim, family);
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
	struct making *making, const struct ip *ip, size_t member)
{
	for (size_t i = 0; i < making->address_count; i++)
		if (ip_is(&making->addresses[i].ip, ip))
			return;
	making->addresses = arena_grow(making->arena, making->addresses,
		making->address_count, &making->address_room,
		sizeof(*making->addresses));
	making->addresses[making->address_count++] =
		(struct scripted_address){ .ip = *ip, .member = member };
}

static size_t member_of(
	struct making *making, struct part *part, enum family family)
{
	struct ip ip;

	if (part->has_member[family])
		return part->member[family];
	making->members = arena_grow(making->arena, making->members,
		making->member_count, &making->member_room,
		sizeof(*making->members));
	part->has_member[family] = true;
	part->member[family] = making->member_count;
	making->members[making->member_count] = (struct scripted_member){
		.script = part->script, .family = family
	};
	ip = made_up(family, making->member_count);
	address_add(making, &ip, making->member_count);
	return making->member_count++;
}

static void name_add(struct making *making, struct part *part, struct span name)
{
	for (size_t i = 0; i < part->name_count; i++)
		if (span_is(part->names[i], name))
			return;
	part->names = arena_grow(making->arena, part->names, part->name_count,
		&part->name_room, sizeof(*part->names));
	part->names[part->name_count++] = name;
}

/* Does the DNS lead to an address of its own, or to the one that is asked
 * for? */
static void lead(struct making *making, struct part *part,
	const struct aim *aim, enum family family)
{
	size_t member = member_of(making, part, family);
	struct ip ip = made_up(family, member);
	struct span host = host_of(making, part->script, aim);

	if (aim->kind == AIM_ADDRESS) {
		address_add(making, &aim->ip, member);
		name_add(making, part, ip_text(making->arena, &aim->ip));
		return;
	}
	if (aim->has_only && aim->only.family == family) {
		ip = aim->only;
		address_add(making, &ip, member);
	}
	name_add(making, part, normal(making, host));
	add(making, host, address_type(family), ip_text(making->arena, &ip));
}

/* The best exchanger is the one that is written first. */
static void add_exchanger(
	struct making *making, const struct aim *aim, struct span host)
{
	struct record *mx = record_of(making, aim->name, RR_MX);
	size_t count = mx->answer->value_count;

	host = normal(making, host);
	for (size_t i = 0; i < count; i++) {
		struct span rest = mx->values[i];

		span_cut(&rest, ' ');
		if (span_is(rest, host))
			return;
	}
	record_add(making, mx,
		arena_print(making->arena, "%zu %.*s", 10 * (count + 1),
			SPAN_ARG(host)));
}

/* Both families of a host have an answer, if only that there is none. */
static void cast_for(struct making *making, const struct aim *aim)
{
	bool is_played = false;

	for (size_t i = 0; i < making->part_count; i++)
		for (unsigned f = 0; f < FAMILY_COUNT; f++) {
			struct part *part = &making->parts[i];

			if (!stands_for(making, part->script, aim,
				    (enum family)f) ||
				(aim->kind == AIM_ADDRESS &&
					(unsigned)aim->ip.family != f))
				continue;
			is_played = true;
			if (aim->kind == AIM_MX)
				add_exchanger(making, aim,
					host_of(making, part->script, aim));
			lead(making, part, aim, (enum family)f);
		}
	if (is_played || making->why.len)
		return;
	making->why = arena_print(making->arena,
		"no server stands for %.*s: a \"server\" is wanted",
		SPAN_ARG(aim_text(making->arena, aim)));
}

static bool is_same_aim(const struct aim *a, const struct aim *b)
{
	return a->kind == b->kind &&
	       (a->kind == AIM_ADDRESS ? ip_is(&a->ip, &b->ip)
				       : is_same_name(a->name, b->name)) &&
	       a->has_only == b->has_only &&
	       (!a->has_only || ip_is(&a->only, &b->only));
}

static bool was_cast(const struct making *making, size_t cell)
{
	for (size_t i = 0; i < cell; i++)
		if (is_same_aim(making->matrix->cells[i].aim,
			    making->matrix->cells[cell].aim))
			return true;
	return false;
}

/* ---- who we are */

static void make_path(struct making *making, const struct egress *egress)
{
	for (unsigned f = 0; f < FAMILY_COUNT; f++) {
		const struct ip *source = &egress->source[f];
		struct span name = egress->ehlo[f];

		if (!egress->binds[f] || !name.len || name.at[0] == '[')
			continue;
		add(making, ip_reverse_name(making->arena, source), RR_PTR,
			normal(making, name));
		add(making, name, address_type((enum family)f),
			ip_text(making->arena, source));
	}
}

/* ---- what the scenario says of the DNS */

static void say(struct making *making, const struct script_dns *dns)
{
	struct record *record;
	enum rr_type type;

	if (!rr_type_parse(dns->type, &type))
		return;
	record = record_of(making, dns->name, type);
	record->answer->value_count = 0;
	record->answer->kind = dns->kind == SCRIPT_DNS_FAILED ? ANSWER_SERVFAIL
							      : ANSWER_NONE;
	for (size_t i = 0; i < dns->value_count; i++)
		record_add(making, record, dns->values[i]);
}

static void say_all(struct making *making, struct span twin)
{
	for (size_t i = 0; i < making->play->dns_count; i++)
		if (span_is(making->play->dns[i].twin, twin))
			say(making, &making->play->dns[i]);
}

static const struct saved_answers *world_of(struct making *making)
{
	struct answers *answers = answers_open(making->arena);

	for (size_t i = 0; i < making->record_count; i++)
		answers_put(answers, making->records[i].name,
			making->records[i].type, making->records[i].answer);
	return saved_answers_of(making->arena, answers);
}

/* ---- certificates */

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

static void certify(struct making *making, struct throwaway *throwaway,
	const struct part *part, struct scripted_member *member)
{
	struct throwaway_wish wish = { .names = part->names,
		.name_count = part->name_count,
		.flaw = flaw_of(part->script->certificate),
		.days = (unsigned)part->script->certificate_days,
		.now = clock_wall_ms() / 1000 };

	member->name = part->script->called.len ? part->script->called
						: part->names[0];
	member->tls = throwaway_context(throwaway, making->arena, &wish);
	if (!member->tls && !making->why.len)
		making->why = SPAN("OpenSSL cannot make a certificate");
}

static void certify_all(struct making *making, struct throwaway *throwaway)
{
	for (size_t i = 0; i < making->part_count; i++)
		for (unsigned f = 0; f < FAMILY_COUNT; f++) {
			const struct part *part = &making->parts[i];

			if (part->has_member[f])
				certify(making, throwaway, part,
					&making->members[part->member[f]]);
		}
}

/* ---- */

static void make_parts(struct making *making)
{
	making->part_count = making->play->server_count;
	making->parts = arena_take(making->arena,
		(making->part_count + 1) * sizeof(*making->parts));
	for (size_t i = 0; i < making->part_count; i++)
		making->parts[i].script = &making->play->servers[i];
}

static uint64_t slowest_of(const struct script_turn *turns, size_t count)
{
	uint64_t slowest = 0;

	for (size_t i = 0; i < count; i++)
		if (turns[i].delay_ms > slowest)
			slowest = turns[i].delay_ms;
	return slowest;
}

static void find_slowest(struct making *making)
{
	uint64_t slowest = 0;

	for (size_t i = 0; i < making->member_count; i++) {
		const struct server_script *script = making->members[i].script;
		uint64_t one = slowest_of(script->turns, SCRIPT_STAGES);
		uint64_t other = slowest_of(
			script->particular, script->particular_count);

		slowest = one > slowest ? one : slowest;
		slowest = other > slowest ? other : slowest;
	}
	making->performance->slowest_ms = slowest;
}

static void make_cast(struct making *making)
{
	for (size_t i = 0; i < making->matrix->cell_count; i++) {
		const struct matrix_cell *cell = &making->matrix->cells[i];

		if (!was_cast(making, i))
			cast_for(making, cell->aim);
		make_path(making, cell->egress);
	}
	for (size_t i = 0; i < making->matrix->identity_count; i++)
		make_path(making, making->matrix->identities[i].egress);
	if (making->member_count > SCRIPTED_SERVERS_MAX)
		making->why = arena_print(making->arena,
			"there are more than %d servers", SCRIPTED_SERVERS_MAX);
}

bool performance_make(struct arena *arena, struct throwaway *throwaway,
	const struct play *play, const struct matrix *matrix, struct span twin,
	struct performance *performance, struct span *why)
{
	struct making making = { .arena = arena,
		.play = play,
		.matrix = matrix,
		.performance = performance,
		.why = SPAN("") };

	*performance = (struct performance){ .twin = twin };
	make_parts(&making);
	make_cast(&making);
	say_all(&making, SPAN(""));
	if (twin.len)
		say_all(&making, twin);
	if (!making.why.len)
		certify_all(&making, throwaway);
	find_slowest(&making);
	performance->cast = (struct scripted_cast){ .members = making.members,
		.member_count = making.member_count,
		.addresses = making.addresses,
		.address_count = making.address_count };
	performance->answers = world_of(&making);
	*why = making.why;
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

/* ---- what a twin wants */

static bool is_to(const struct aim *aim, struct span to)
{
	struct ip ip;

	if (!to.len)
		return true;
	if (aim->kind == AIM_ADDRESS)
		return ip_parse(to, &ip) && ip_is(&ip, &aim->ip);
	return is_same_name(aim->name, to);
}

/* "identity office", "compare 4 6 of transport" */
static bool is_last_word(struct span subject, struct span word)
{
	struct span last = SPAN("");

	while (subject.len)
		last = span_cut(&subject, ' ');
	return span_is(last, word);
}

static bool is_wanted(
	const struct twin_expected *expected, const struct result_row *row)
{
	if (expected->has_family &&
		(!row->has_family || row->family != expected->family))
		return false;
	switch (expected->row) {
	case TWIN_CELL:
		return row->kind == ROW_CELL &&
		       span_is(row->cell->probe, expected->name) &&
		       is_to(row->cell->aim, expected->to);
	case TWIN_IDENTITY:
		return row->kind == ROW_IDENTITY &&
		       is_last_word(row->subject, expected->name);
	case TWIN_COMPARE:
		break;
	}
	return row->kind == ROW_COMPARISON &&
	       is_last_word(row->subject, expected->name) &&
	       (!row->cell || is_to(row->cell->aim, expected->to));
}

const struct twin_expected *twin_wants(
	const struct twin *twin, const struct result_row *row)
{
	const struct twin_expected *found = NULL;

	for (size_t i = 0; i < twin->expected_count; i++)
		if (is_wanted(&twin->expected[i], row))
			found = &twin->expected[i];
	return found;
}
