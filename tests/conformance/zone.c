#include "tests/conformance/zone.h"

#include "probe/base/ip.h"
#include "probe/dns/name.h"

enum { CNAMES_MAX = 16 };

/* One object of the list. */
struct row {
	struct span name; /* normalised; empty: no DNS could hold it */
	struct span type;
	struct span status; /* empty: it has a value */
	struct span value;  /* as answers.h wants it; empty: unusable */
};

struct zone {
	struct row *rows;
	size_t count;
};

static struct span text_of(const json_t *value)
{
	if (!json_is_string(value))
		return SPAN("");
	return (struct span){ json_string_value(value),
		json_string_length(value) };
}

/* "" stands for the root, as on the wire. */
static struct span name_of(struct arena *arena, struct span text)
{
	struct span name;
	const char *why;

	if (!text.len)
		return SPAN(".");
	return name_normalise(arena, text, &name, &why) ? name : SPAN("");
}

static int hex_digit(char c)
{
	c = ascii_lower(c);
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

static struct span from_hex(struct arena *arena, struct span hex)
{
	char *room = arena_take(arena, hex.len / 2 + 1);

	for (size_t i = 0; i < hex.len / 2; i++)
		room[i] = (char)(hex_digit(hex.at[2 * i]) << 4 |
				 hex_digit(hex.at[2 * i + 1]));
	return (struct span){ room, hex.len / 2 };
}

static struct span join(struct arena *arena, struct span a, struct span b)
{
	char *room = arena_take(arena, a.len + b.len + 1);

	if (a.len)
		memcpy(room, a.at, a.len);
	if (b.len)
		memcpy(room + a.len, b.at, b.len);
	return (struct span){ room, a.len + b.len };
}

/* The strings of one record joined; `hex` has the bytes where it is there. */
static struct span txt_value(struct arena *arena, const json_t *row)
{
	const json_t *hex = json_object_get(row, "hex");
	const json_t *list = hex ? hex : json_object_get(row, "values");
	struct span all = SPAN("");

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct span part = text_of(json_array_get(list, i));

		all = join(arena, all, hex ? from_hex(arena, part) : part);
	}
	return all;
}

/* A preference may be written as a number or as its text. */
static struct span mx_value(struct arena *arena, const json_t *values)
{
	const json_t *preference = json_array_get(values, 0);
	struct span host = name_of(arena, text_of(json_array_get(values, 1)));

	if (!host.len)
		return SPAN("");
	if (json_is_integer(preference))
		return arena_print(arena, "%d %.*s",
			(int)json_integer_value(preference), SPAN_ARG(host));
	return arena_print(arena, "%.*s %.*s", SPAN_ARG(text_of(preference)),
		SPAN_ARG(host));
}

static struct span joined_value(struct arena *arena, const json_t *values)
{
	struct span all = text_of(json_array_get(values, 0));

	for (size_t i = 1; i < json_array_size(values); i++)
		all = arena_print(arena, "%.*s %.*s", SPAN_ARG(all),
			SPAN_ARG(text_of(json_array_get(values, i))));
	return all;
}

static struct span address_value(struct arena *arena, struct span text)
{
	struct ip ip;

	return ip_parse(text, &ip) ? ip_text(arena, &ip) : SPAN("");
}

static struct span value_of(
	struct arena *arena, const json_t *row, struct span type)
{
	const json_t *values = json_object_get(row, "values");
	struct span first = text_of(json_array_get(values, 0));

	if (span_is(type, SPAN("TXT")))
		return txt_value(arena, row);
	if (span_is(type, SPAN("MX")))
		return mx_value(arena, values);
	if (span_is(type, SPAN("A")) || span_is(type, SPAN("AAAA")))
		return address_value(arena, first);
	if (span_is(type, SPAN("PTR")) || span_is(type, SPAN("CNAME")))
		return name_of(arena, first);
	return joined_value(arena, values);
}

struct zone *zone_open(struct arena *arena, const json_t *list)
{
	struct zone *zone = arena_new(arena, struct zone);

	zone->count = json_array_size(list);
	zone->rows = arena_take(arena, (zone->count + 1) * sizeof(*zone->rows));
	for (size_t i = 0; i < zone->count; i++) {
		const json_t *one = json_array_get(list, i);
		struct row *row = &zone->rows[i];

		row->name = name_of(
			arena, text_of(json_object_get(one, "name")));
		row->type = text_of(json_object_get(one, "type"));
		row->status = text_of(json_object_get(one, "status"));
		if (!row->status.len)
			row->value = value_of(arena, one, row->type);
	}
	return zone;
}

static enum answer_kind kind_of(struct span status)
{
	static const struct {
		const char *word;
		enum answer_kind kind;
	} rows[] = {
		{ "TIMEOUT", ANSWER_TIMEOUT },
		{ "SERVFAIL", ANSWER_SERVFAIL },
		{ "NXDOMAIN", ANSWER_NO_NAME },
		{ "NODATA", ANSWER_NONE },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (span_is_nocase(status, span_of(rows[i].word)))
			return rows[i].kind;
	return ANSWER_MALFORMED;
}

/* Also the ancestors of a name exist, without a record of their own. */
static bool is_there(const struct zone *zone, struct span name)
{
	for (size_t i = 0; i < zone->count; i++)
		if (zone->rows[i].name.len &&
			name_is_under(zone->rows[i].name, name))
			return true;
	return false;
}

/* The status that a name has for a type, or for "*": all the others. */
static const struct row *find_status(
	const struct zone *zone, struct span name, struct span type)
{
	const struct row *any = NULL;

	for (size_t i = 0; i < zone->count; i++) {
		const struct row *row = &zone->rows[i];

		if (!row->status.len || !span_is(row->name, name))
			continue;
		if (span_is(row->type, type))
			return row;
		if (span_is(row->type, SPAN("*")))
			any = row;
	}
	return any;
}

/* A record may have no text in it and is a record still: all but TXT need a
 * value that the wire could carry. */
static bool is_usable(const struct row *row)
{
	return !row->status.len &&
	       (row->value.len || span_is(row->type, SPAN("TXT")));
}

static size_t find_values(const struct zone *zone, struct span name,
	struct span type, struct span *values)
{
	size_t count = 0;

	for (size_t i = 0; i < zone->count; i++) {
		const struct row *row = &zone->rows[i];

		if (is_usable(row) && span_is(row->type, type) &&
			span_is(row->name, name))
			values[count++] = row->value;
	}
	return count;
}

static void answer_at(const struct zone *zone, struct arena *arena,
	struct span name, struct span type, struct answer *answer)
{
	struct span *values = arena_take(
		arena, (zone->count + 1) * sizeof(*values));
	const struct row *status;

	answer->value_count = find_values(zone, name, type, values);
	answer->values = values;
	if (answer->value_count)
		answer->kind = ANSWER_DATA;
	else if ((status = find_status(zone, name, type)))
		answer->kind = kind_of(status->status);
	else if (is_there(zone, name))
		answer->kind = ANSWER_NONE;
	else
		answer->kind = ANSWER_NO_NAME;
}

static const struct answer *look_up(const struct zone *zone,
	struct arena *arena, struct span name, struct span type)
{
	struct answer *answer = arena_new(arena, struct answer);
	struct span *target = arena_take(
		arena, (zone->count + 1) * sizeof(*target));

	for (unsigned steps = 0; steps < CNAMES_MAX; steps++) {
		answer_at(zone, arena, name, type, answer);
		if (answer->kind == ANSWER_DATA ||
			!find_values(zone, name, SPAN("CNAME"), target))
			return answer;
		name = target[0];
		answer->canonical = name;
	}
	answer->kind = ANSWER_SERVFAIL;
	return answer;
}

bool zone_settle(const struct zone *zone, struct answers *answers)
{
	struct question *question = answers_open_question(answers);
	bool was_open = question != NULL;

	for (; question; question = question_next_open(question))
		question_settle(question,
			look_up(zone, answers_arena(answers), question->name,
				span_of(rr_type_word(question->type))));
	return was_open;
}
