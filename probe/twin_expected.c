#include "probe/rehearsal.h"

#include "probe/casting.h"

static bool is_to(const struct aim *aim, struct span to)
{
	struct ip ip;

	if (!to.len)
		return true;
	if (aim->kind == AIM_ADDRESS)
		return ip_parse(to, &ip) && ip_is(&ip, &aim->ip);
	return casting_is_same_name(aim->name, to);
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
