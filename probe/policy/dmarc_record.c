#include "probe/policy/dmarc_record.h"

#include "probe/policy/tag_list.h"

#define BOTH DMARC_RULES_BOTH

const char *dmarc_policy_word(enum dmarc_policy policy)
{
	switch (policy) {
	case DMARC_POLICY_ABSENT:
		return "absent";
	case DMARC_POLICY_UNKNOWN:
		return "unknown";
	case DMARC_POLICY_NONE:
		return "none";
	case DMARC_POLICY_QUARANTINE:
		return "quarantine";
	case DMARC_POLICY_REJECT:
		return "reject";
	}
	return "";
}

enum dmarc_policy dmarc_policy_weaken(enum dmarc_policy policy)
{
	switch (policy) {
	case DMARC_POLICY_ABSENT:
	case DMARC_POLICY_UNKNOWN:
	case DMARC_POLICY_NONE:
	case DMARC_POLICY_QUARANTINE:
		return DMARC_POLICY_NONE;
	case DMARC_POLICY_REJECT:
		return DMARC_POLICY_QUARANTINE;
	}
	return DMARC_POLICY_NONE;
}

struct reader {
	struct arena *arena;
	struct dmarc_record *record;
	size_t tag_room, fault_room, rua_room, ruf_room;
};

static void add_fault(struct reader *reader, unsigned rules,
	const struct dmarc_tag *tag, struct span why)
{
	struct dmarc_record *record = reader->record;

	if (record->fault_count == DMARC_FAULTS_MAX)
		return;
	record->faults = arena_grow(reader->arena, record->faults,
		record->fault_count, &reader->fault_room,
		sizeof(*record->faults));
	record->faults[record->fault_count++] = (struct dmarc_fault){
		.rules = rules,
		.tag = tag ? tag->name : SPAN(""),
		.why = why,
	};
}

static void add_value_fault(struct reader *reader, unsigned rules,
	const struct dmarc_tag *tag, const char *wanted)
{
	add_fault(reader, rules, tag,
		arena_print(reader->arena, "%.*s=%.*s is not %s",
			SPAN_ARG(tag->name), SPAN_ARG(tag->value), wanted));
}

/* ---- what each tag may hold */

/*
 * Cuts the next item off a list.  A mark at the end of the list is followed by
 * one item more, which is empty; so an empty list has one, too.
 */
static bool take_item(struct span *rest, char mark, struct span *item)
{
	bool is_last = span_find(*rest, mark) == rest->len;

	if (!rest->at)
		return false;
	*item = span_trim(span_cut(rest, mark));
	if (is_last)
		rest->at = NULL;
	return true;
}

static enum dmarc_policy policy_of(struct span value)
{
	for (int policy = DMARC_POLICY_NONE; policy <= DMARC_POLICY_REJECT;
		policy++)
		if (span_is_nocase(value, span_of(dmarc_policy_word(
						  (enum dmarc_policy)policy))))
			return (enum dmarc_policy)policy;
	return DMARC_POLICY_UNKNOWN;
}

/*
 * An unknown policy beside a usable rua= acts as p=none, by the RFCs' own
 * rule, which makes it no fault of syntax: dmarc_record_is_usable() decides.
 */
static void read_policy(struct reader *reader, const struct dmarc_tag *tag)
{
	enum dmarc_policy policy = policy_of(tag->value);

	if (tag->name.len == 1)
		reader->record->p = policy;
	else if (ascii_lower(tag->name.at[0]) == 's')
		reader->record->sp = policy;
	else
		reader->record->np = policy;
}

static void read_alignment(struct reader *reader, const struct dmarc_tag *tag)
{
	bool is_strict = span_is_nocase(tag->value, SPAN("s"));

	if (!is_strict && !span_is_nocase(tag->value, SPAN("r")))
		add_value_fault(reader, BOTH, tag, "\"r\" or \"s\"");
	else if (span_is_nocase(tag->name, SPAN("adkim")))
		reader->record->is_dkim_strict = is_strict;
	else
		reader->record->is_spf_strict = is_strict;
}

/*
 *	dmarc-fo = "0" / "1" / "d" / "s", more than one separated by colons
 */
static void read_options(struct reader *reader, const struct dmarc_tag *tag)
{
	struct span rest = tag->value, word;
	unsigned options = 0;
	bool is_good = true;

	while (take_item(&rest, ':', &word)) {
		size_t at = word.len == 1 ? span_find(SPAN("01ds"),
						    ascii_lower(word.at[0]))
					  : 4;

		if (at == 4)
			is_good = false;
		else
			options |= 1U << at;
	}
	if (!is_good)
		add_value_fault(reader, BOTH, tag,
			"a list of 0, 1, d and s with colons");
	else
		reader->record->options = options;
}

/* RFC 7489 section 6.3: "afrf" is registered; "iodef" once was a draft's. */
static void read_format(struct reader *reader, const struct dmarc_tag *tag)
{
	struct span rest = tag->value, word;
	bool is_known = false;

	while (take_item(&rest, ':', &word))
		if (span_is_nocase(word, SPAN("afrf")) ||
			span_is_nocase(word, SPAN("iodef")))
			is_known = true;
	if (!is_known)
		add_value_fault(reader, DMARC_RFC7489, tag,
			"a report format that anybody knows, such as afrf");
}

static void read_interval(struct reader *reader, const struct dmarc_tag *tag)
{
	if (!span_number(tag->value, UINT32_MAX, &reader->record->interval))
		add_value_fault(
			reader, DMARC_RFC7489, tag, "a number of seconds");
}

static void read_percent(struct reader *reader, const struct dmarc_tag *tag)
{
	unsigned long percent;

	if (span_number(tag->value, 100, &percent))
		reader->record->percent = (unsigned)percent;
	else
		add_value_fault(
			reader, DMARC_RFC7489, tag, "a number from 0 to 100");
}

static void read_test(struct reader *reader, const struct dmarc_tag *tag)
{
	bool is_test = span_is_nocase(tag->value, SPAN("y"));

	if (!is_test && !span_is_nocase(tag->value, SPAN("n")))
		add_value_fault(reader, DMARC_RFC9989, tag, "\"y\" or \"n\"");
	reader->record->is_test = is_test;
}

static void read_psd(struct reader *reader, const struct dmarc_tag *tag)
{
	if (span_is_nocase(tag->value, SPAN("y")))
		reader->record->psd = DMARC_PSD_YES;
	else if (span_is_nocase(tag->value, SPAN("n")))
		reader->record->psd = DMARC_PSD_NO;
	else if (!span_is_nocase(tag->value, SPAN("u")))
		add_value_fault(
			reader, DMARC_RFC9989, tag, "\"y\", \"n\" or \"u\"");
}

/* ---- where reports go */

/* The place of k, m, g and t among the powers of 1024; 0: none of them. */
static unsigned size_power(char c)
{
	size_t at = span_find(SPAN("kmgt"), ascii_lower(c));

	return at < 4 ? (unsigned)at + 1 : 0;
}

/*
 *	dmarc-uri = URI [ "!" 1*DIGIT [ "k" / "m" / "g" / "t" ] ]
 *
 * RFC 7489 section 6.4.  Its successor has no limit any more, but a receiver
 * who follows it will meet them for long, and has to take them off.
 */
static bool read_size(struct span *text, uint64_t *size)
{
	size_t mark = span_find(*text, '!');
	struct span digits = span_part(*text, mark + 1, text->len);
	unsigned power = 0;
	unsigned long number;

	*size = 0;
	if (mark == text->len)
		return true;
	if (digits.len)
		power = size_power(digits.at[digits.len - 1]);
	if (power)
		digits.len--;
	if (!span_number(digits, UINT32_MAX, &number))
		return false;
	*size = (uint64_t)number;
	if (power < 4 || number < 1UL << 24) /* else it overflows: no limit */
		*size <<= 10 * power;
	else
		*size = 0;
	text->len = mark;
	return true;
}

static bool read_destination(struct span text,
	struct dmarc_destination *destination, const char **why)
{
	*destination = (struct dmarc_destination){ .is_usable = false };
	if (!read_size(&text, &destination->size_max)) {
		*why = "has a size limit that is no number";
		return false;
	}
	if (!uri_parse(span_trim(text), &destination->uri, why))
		return false;
	destination->is_usable = destination->uri.host.len > 0 &&
				 (uri_has_scheme(&destination->uri, "mailto") ||
					 uri_has_scheme(
						 &destination->uri, "https"));
	return true;
}

static void add_destination(struct reader *reader, const struct dmarc_tag *tag,
	struct dmarc_destination destination)
{
	struct dmarc_record *record = reader->record;
	bool is_rua = ascii_lower(tag->name.at[2]) == 'a';
	struct dmarc_destination **list = is_rua ? &record->rua : &record->ruf;
	size_t *count = is_rua ? &record->rua_count : &record->ruf_count;
	size_t *room = is_rua ? &reader->rua_room : &reader->ruf_room;

	if (*count == DMARC_DESTINATIONS_MAX) {
		add_fault(reader, BOTH, tag,
			SPAN("more destinations than any receiver serves"));
		return;
	}
	*list = arena_grow(reader->arena, *list, *count, room, sizeof(**list));
	(*list)[(*count)++] = destination;
}

/*	dmarc-urilist = dmarc-uri *( *WSP "," *WSP dmarc-uri )	*/
static void read_destinations(
	struct reader *reader, const struct dmarc_tag *tag)
{
	struct span rest = tag->value, text;

	while (take_item(&rest, ',', &text)) {
		struct dmarc_destination destination;
		const char *why;

		if (read_destination(text, &destination, &why))
			add_destination(reader, tag, destination);
		else
			add_fault(reader, BOTH, tag,
				arena_print(reader->arena, "\"%.*s\" %s",
					SPAN_ARG(text), why));
	}
}

/* ---- the list of tags */

/* clang-format off */
static const struct {
	const char *name;
	void (*read)(struct reader *reader, const struct dmarc_tag *tag);
} known[] = {
	{ "p", read_policy },
	{ "sp", read_policy },
	{ "np", read_policy },
	{ "adkim", read_alignment },
	{ "aspf", read_alignment },
	{ "fo", read_options },
	{ "rf", read_format },
	{ "ri", read_interval },
	{ "pct", read_percent },
	{ "rua", read_destinations },
	{ "ruf", read_destinations },
	{ "t", read_test },
	{ "psd", read_psd },
};
/* clang-format on */

static void read_known(struct reader *reader, const struct dmarc_tag *tag)
{
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (span_is_nocase(tag->name, span_of(known[i].name)))
			known[i].read(reader, tag);
}

static bool is_printable(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((value.at[i] < ' ' && value.at[i] != '\t') ||
			value.at[i] > '~')
			return false;
	return true;
}

static bool is_there(const struct dmarc_record *record, struct span name)
{
	for (size_t i = 0; i < record->tag_count; i++)
		if (span_is_nocase(record->tags[i].name, name))
			return true;
	return false;
}

static void add_tag(struct reader *reader, struct dmarc_tag tag)
{
	struct dmarc_record *record = reader->record;

	if (record->tag_count == DMARC_TAGS_MAX) {
		add_fault(reader, BOTH, &tag, SPAN("one tag too many"));
		return;
	}
	if (is_there(record, tag.name)) {
		record->has_duplicate = true;
		add_fault(reader, BOTH, &tag,
			arena_print(reader->arena, "%.*s= stands twice",
				SPAN_ARG(tag.name)));
		return;
	}
	record->tags = arena_grow(reader->arena, record->tags,
		record->tag_count, &reader->tag_room, sizeof(*record->tags));
	record->tags[record->tag_count++] = tag;
	read_known(reader, &tag);
}

/* What is no tag at all is ignored: RFC 7489 section 6.3. */
static void read_tag(struct reader *reader, struct span text)
{
	size_t equals = span_find(text, '=');
	struct dmarc_tag tag = {
		.name = span_trim(span_part(text, 0, equals)),
		.value = span_trim(span_part(text, equals + 1, text.len)),
	};

	if (equals == text.len || !tag_name_is(tag.name)) {
		add_fault(reader, BOTH, NULL,
			arena_print(reader->arena, "\"%.*s\" is not a tag",
				SPAN_ARG(span_trim(text))));
		return;
	}
	if (!is_printable(tag.value))
		add_fault(reader, BOTH, &tag,
			arena_print(reader->arena,
				"%.*s= holds a character outside of ASCII",
				SPAN_ARG(tag.name)));
	add_tag(reader, tag);
}

/*
 *	dmarc-record = dmarc-version dmarc-sep [ dmarc-request ]
 *	               [ dmarc-sep ... ] [ dmarc-sep ]
 *
 * The older ABNF wants p= directly behind the version, the newer does not.
 */
static void check_order(struct reader *reader)
{
	const struct dmarc_record *record = reader->record;

	if (record->p == DMARC_POLICY_ABSENT || record->tag_count < 2)
		return;
	if (!span_is_nocase(record->tags[1].name, SPAN("p")))
		add_fault(reader, DMARC_RFC7489, &record->tags[1],
			SPAN("p= has to be the first tag behind the version"));
}

bool dmarc_record_is_one(struct span text)
{
	struct span rest = text;
	struct span tag = span_cut(&rest, ';');
	size_t equals = span_find(tag, '=');

	return equals < tag.len &&
	       span_is_nocase(
		       span_trim(span_part(tag, 0, equals)), SPAN("v")) &&
	       span_is(span_trim(span_part(tag, equals + 1, tag.len)),
		       SPAN("DMARC1"));
}

struct dmarc_record *dmarc_record_parse(struct arena *arena, struct span text)
{
	struct dmarc_record *record = arena_new(arena, struct dmarc_record);
	struct reader reader = { .arena = arena, .record = record };
	struct span rest = text;

	record->text = text;
	record->percent = 100;
	record->interval = 86400;
	record->options = DMARC_FO_ALL_FAILED;
	while (span_trim(rest).len)
		read_tag(&reader, span_cut(&rest, ';'));
	check_order(&reader);
	return record;
}

/* ---- what a receiver makes of it */

static bool has_known_policies(
	const struct dmarc_record *record, enum dmarc_rules rules)
{
	if (record->p == DMARC_POLICY_ABSENT ||
		record->p == DMARC_POLICY_UNKNOWN ||
		record->sp == DMARC_POLICY_UNKNOWN)
		return false;
	return rules == DMARC_RFC7489 || record->np != DMARC_POLICY_UNKNOWN;
}

bool dmarc_record_is_usable(
	const struct dmarc_record *record, enum dmarc_rules rules)
{
	if (record->has_duplicate)
		return false;
	return has_known_policies(record, rules) || record->rua_count > 0;
}

bool dmarc_record_is_valid(
	const struct dmarc_record *record, enum dmarc_rules rules)
{
	if (!dmarc_record_is_usable(record, rules))
		return false;
	for (size_t i = 0; i < record->fault_count; i++)
		if (record->faults[i].rules & rules)
			return false;
	return true;
}

/* np= gives way to sp=, and that to p=: RFC 9989 section 4.7. */
enum dmarc_policy dmarc_record_policy(const struct dmarc_record *record,
	enum dmarc_rules rules, enum dmarc_author author, const char **tag)
{
	*tag = "";
	if (!has_known_policies(record, rules))
		return DMARC_POLICY_NONE;
	*tag = "np";
	if (author == DMARC_AUTHOR_MISSING && rules == DMARC_RFC9989 &&
		record->np != DMARC_POLICY_ABSENT)
		return record->np;
	*tag = "sp";
	if (author != DMARC_AUTHOR_SAME && record->sp != DMARC_POLICY_ABSENT)
		return record->sp;
	*tag = "p";
	return record->p;
}

bool dmarc_record_tag(
	const struct dmarc_record *record, const char *name, struct span *value)
{
	for (size_t i = 0; i < record->tag_count; i++)
		if (span_is_nocase(record->tags[i].name, span_of(name))) {
			*value = record->tags[i].value;
			return true;
		}
	return false;
}
