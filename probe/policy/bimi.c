#include "probe/policy/bimi.h"

#include "probe/policy/tag_list.h"
#include "probe/policy/txt_record.h"

const char *bimi_word(enum bimi state)
{
	switch (state) {
	case BIMI_OPEN:
		return "open";
	case BIMI_NONE:
		return "none";
	case BIMI_FOUND:
		return "found";
	case BIMI_DECLINED:
		return "declined";
	case BIMI_BROKEN:
		return "broken";
	case BIMI_SEVERAL:
		return "several";
	case BIMI_UNKNOWN:
		return "unknown";
	}
	return "";
}

static bool is_one(struct span text)
{
	struct span tag = span_cut(&text, ';'), value = tag;
	struct span name = span_trim(span_cut(&value, '='));

	return span_is(name, SPAN("v")) &&
	       span_is(span_trim(value), SPAN("BIMI1"));
}

/* An empty value is no URI, and allowed. */
static bool read_uri(struct arena *arena, const struct tag *tag,
	struct uri *uri, struct span *why)
{
	const char *fault = "is no https: URI";

	if (!tag || !tag->value.len)
		return true;
	if (uri_parse(tag->value, uri, &fault) &&
		uri_has_scheme(uri, "https") && uri->host.len)
		return true;
	*why = arena_print(arena, "%.*s=%.*s %s", SPAN_ARG(tag->name),
		SPAN_ARG(tag->value), fault);
	return false;
}

bool bimi_parse(struct arena *arena, struct span text,
	struct bimi_record *record, struct span *why)
{
	struct tag_list list;
	const struct tag *location, *evidence;

	*record = (struct bimi_record){ .text = text };
	*why = SPAN("it does not begin with \"v=BIMI1;\"");
	if (!is_one(text))
		return false;
	if (!tag_list_parse(arena, text, &list)) {
		*why = span_of(tag_fault_text(list.fault));
		return false;
	}
	location = tag_list_get(&list, "l");
	evidence = tag_list_get(&list, "a");
	*why = SPAN("it has no l=, the address of the picture");
	if (!location || !read_uri(arena, location, &record->location, why) ||
		!read_uri(arena, evidence, &record->evidence, why))
		return false;
	record->is_declined = !record->location.text.len &&
			      !record->evidence.text.len;
	return record->is_declined || record->location.text.len > 0;
}

static enum bimi end_with(
	struct bimi_check *check, enum bimi state, struct span why)
{
	check->state = state;
	check->why = why;
	return state;
}

static enum bimi check_text(struct arena *arena, struct bimi_check *check)
{
	if (!bimi_parse(arena, check->record.text, &check->record, &check->why))
		return end_with(check, BIMI_BROKEN, check->why);
	if (check->record.is_declined)
		return end_with(check, BIMI_DECLINED,
			SPAN("the domain says that it wants no picture"));
	return end_with(check, BIMI_FOUND, SPAN(""));
}

static enum bimi check_at(struct arena *arena, struct answers *answers,
	struct span domain, struct bimi_check *check)
{
	const struct answer *answer;
	size_t count;

	*check = (struct bimi_check){ .state = BIMI_OPEN };
	check->name = arena_print(
		arena, "default._bimi.%.*s", SPAN_ARG(domain));
	answer = answers_get(answers, check->name, RR_TXT);
	if (!answer)
		return BIMI_OPEN;
	if (answer_failed(answer))
		return end_with(check, BIMI_UNKNOWN,
			arena_print(arena, "%.*s could not be looked up",
				SPAN_ARG(check->name)));
	count = txt_records_find(answer, is_one, &check->record.text);
	if (!count)
		return end_with(
			check, BIMI_NONE, SPAN("there is no BIMI record"));
	if (count > 1)
		return end_with(check, BIMI_SEVERAL,
			SPAN("there is more than one BIMI record"));
	return check_text(arena, check);
}

enum bimi bimi_check(struct arena *arena, struct answers *answers,
	struct span domain, struct span org_domain, struct bimi_check *check)
{
	struct bimi_check above;
	enum bimi state = check_at(arena, answers, domain, check);

	if (span_is(domain, org_domain) || !org_domain.len)
		return state;
	if (state != BIMI_NONE && state != BIMI_OPEN)
		return state;
	check_at(arena, answers, org_domain, &above);
	if (state == BIMI_NONE)
		*check = above;
	return check->state;
}
