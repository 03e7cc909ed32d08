#include "probe/dns/answer_section.h"

#include "probe/dns/record_value.h"

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Where a name leads on to. */
struct step {
	enum { STEP_NONE, STEP_DNAME, STEP_CNAME } kind;
	char room[NAME_TEXT_MAX];
	struct span name;
	uint32_t ttl;
};

static void add_value(struct answer_section *section,
	const struct wire_record *record, enum rr_type type)
{
	struct span value;

	if (section->value_count == ANSWER_SECTION_VALUES_MAX) {
		section->dropped++;
		return;
	}
	if (!record_value_print(section->arena, record->body, type, &value)) {
		section->bad++;
		return;
	}
	section->values = arena_grow(section->arena, section->values,
		section->value_count, &section->value_room, sizeof(value));
	section->values[section->value_count++] = value;
	section->ttl = lesser(section->ttl, record->ttl);
}

static void step_to(struct step *step, struct span name)
{
	memcpy(step->room, name.at, name.len);
	step->name = (struct span){ step->room, name.len };
}

/* The step is left alone until the record has proved whole. */
static bool step_by_cname(struct step *step, struct cursor body)
{
	char room[NAME_TEXT_MAX];
	struct span name;

	if (step->kind == STEP_CNAME)
		return true;
	if (!cursor_take_name(&body, room, &name) || body.at != body.len)
		return false;
	step_to(step, name);
	step->kind = STEP_CNAME;
	return true;
}

/* The end of the name that is the DNAME's owner gives way to its target. */
static bool step_by_dname(
	struct step *step, const struct wire_record *record, struct span name)
{
	char target_room[NAME_TEXT_MAX], long_room[2 * NAME_TEXT_MAX];
	char room[NAME_TEXT_MAX];
	struct cursor body = record->body;
	struct span target;
	const char *why;
	size_t keep, len;

	if (step->kind != STEP_NONE)
		return true;
	if (!cursor_take_name(&body, target_room, &target) ||
		body.at != body.len)
		return false;
	keep = name.len;
	if (!span_is(record->owner, SPAN(".")))
		keep -= record->owner.len + 1;
	memcpy(long_room, name.at, keep);
	len = keep;
	if (!span_is(target, SPAN("."))) {
		long_room[len++] = '.';
		memcpy(long_room + len, target.at, target.len);
		len += target.len;
	}
	len = name_print((struct span){ long_room, len }, room, &why);
	if (!len)
		return false;
	step_to(step, (struct span){ room, len });
	step->kind = STEP_DNAME;
	return true;
}

static void visit(struct answer_section *section,
	const struct wire_record *record, struct span name, enum rr_type type,
	struct step *step)
{
	bool is_good = true;

	if (record->class != WIRE_CLASS_IN)
		return;
	if (span_is(record->owner, name)) {
		if (record->type == (unsigned)type)
			add_value(section, record, type);
		else if (record->type == RR_CNAME)
			is_good = step_by_cname(step, record->body);
		else
			return;
	} else if (record->type == WIRE_TYPE_DNAME &&
		   name_is_under(name, record->owner)) {
		is_good = step_by_dname(step, record, name);
	} else {
		return;
	}
	step->ttl = lesser(step->ttl, record->ttl);
	if (!is_good)
		section->bad++;
}

static void pass(struct answer_section *section, struct span name,
	enum rr_type type, struct step *step)
{
	struct cursor cursor = section->records;
	struct wire_record record;

	step->kind = STEP_NONE;
	step->ttl = UINT32_MAX;
	for (unsigned i = 0; i < section->count && i < CURSOR_RECORDS_MAX;
		i++) {
		if (!cursor_take_record(&cursor, &record))
			return;
		visit(section, &record, name, type, step);
	}
}

bool answer_section_follow(
	struct answer_section *section, struct span name, enum rr_type type)
{
	char room[NAME_TEXT_MAX];
	struct span now = name;
	struct step step;
	unsigned steps = 0;

	for (;;) {
		pass(section, now, type, &step);
		if (section->value_count || step.kind == STEP_NONE)
			break;
		if (++steps > ANSWER_SECTION_CHAIN_MAX)
			return false;
		memcpy(room, step.name.at, step.name.len);
		now = (struct span){ room, step.name.len };
		section->ttl = lesser(section->ttl, step.ttl);
	}
	if (steps)
		section->canonical = arena_copy(section->arena, now);
	return true;
}
