#include "probe/policy/arc.h"

/* One row a fault, in the order of the enum. */
/* clang-format off */
static const struct {
	const char *word, *section;
} faults[] = {
	[ARC_SOUND] = { "sound", "" },
	[ARC_NO_INSTANCE] = { "no-instance", "RFC 8617 section 4.2.1" },
	[ARC_DUPLICATE] = { "duplicate", "RFC 8617 section 5.2" },
	[ARC_GAP] = { "gap", "RFC 8617 section 5.2" },
	[ARC_SEALED_AS_FAILED] = { "sealed-as-failed",
		"RFC 8617 section 5.2" },
	[ARC_BAD_CHAIN_VALUE] = { "bad-chain-value", "RFC 8617 section 5.2" },
	[ARC_BAD_MESSAGE] = { "bad-message-signature",
		"RFC 8617 section 5.2" },
	[ARC_BAD_SEAL] = { "bad-seal", "RFC 8617 section 5.2" },
};
/* clang-format on */

const char *arc_fault_word(enum arc_fault fault)
{
	return faults[fault].word;
}

const char *arc_fault_section(enum arc_fault fault)
{
	return faults[fault].section;
}

const char *arc_result_word(enum arc_result result)
{
	switch (result) {
	case ARC_OPEN:
		return "open";
	case ARC_NONE:
		return "none";
	case ARC_PASS:
		return "pass";
	case ARC_FAIL:
		return "fail";
	case ARC_TEMPERROR:
		return "temperror";
	}
	return "";
}

static const char *const cv_words[] = { "none", "pass", "fail", "other" };

const char *arc_cv_word(enum arc_cv cv)
{
	return cv_words[cv];
}

static enum arc_cv cv_parse(struct span text)
{
	unsigned cv = ARC_CV_NONE;

	while (cv < ARC_CV_OTHER &&
		!span_is_nocase(text, span_of(cv_words[cv])))
		cv++;
	return (enum arc_cv)cv;
}

/* Behind white space, folds and comments: CFWS of RFC 5322 section 3.2.2. */
static struct span skip_blanks(struct span text)
{
	size_t depth = 0, at = 0;

	for (; at < text.len; at++) {
		char c = text.at[at];

		if (depth && c == '\\')
			at++;
		else if (c == '(')
			depth++;
		else if (depth && c == ')')
			depth--;
		else if (!depth && !memchr(" \t\r\n", c, 4))
			break;
	}
	return span_part(text, at, text.len);
}

/* Takes `c` and the blanks around it. */
static bool take(struct span *text, char c)
{
	*text = skip_blanks(*text);
	if (!text->len || text->at[0] != c)
		return false;
	*text = skip_blanks(span_part(*text, 1, text->len));
	return true;
}

/* On one line, with one space for each run of white space. */
static struct span one_line(struct arena *arena, struct span value)
{
	struct span text = header_unfold(arena, value);
	char *room = arena_take(arena, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		bool is_blank = text.at[i] == ' ' || text.at[i] == '\t';

		if (!is_blank)
			room[len++] = text.at[i];
		else if (len && room[len - 1] != ' ')
			room[len++] = ' ';
	}
	return (struct span){ room, len };
}

/*
 *      arc-authres-header = "ARC-Authentication-Results:" [CFWS]
 *                           instance [CFWS] ";" authres-payload
 *      instance           = [CFWS] %s"i" [CFWS] "=" [CFWS] 1*2DIGIT
 *
 * RFC 8617 sections 4.1.1 and 4.2.1; the payload is RFC 8601's, an authserv-id,
 * perhaps a version, and the results.
 */
bool arc_results_parse(struct arena *arena, struct span value,
	unsigned *instance, struct span *authserv_id, struct span *results)
{
	struct span text = value, digits;
	unsigned long number;
	size_t len = 0;

	*instance = 0;
	*authserv_id = *results = SPAN("");
	if (!take(&text, 'i') || !take(&text, '='))
		return false;
	while (len < text.len && ascii_is_digit(text.at[len]))
		len++;
	digits = span_part(text, 0, len);
	text = span_part(text, len, text.len);
	if (len > 2 || !span_number(digits, ARC_INSTANCE_MAX, &number) ||
		number == 0 || !take(&text, ';'))
		return false;
	*instance = (unsigned)number;
	text = one_line(arena, text);
	*authserv_id = span_cut(&text, ';');
	*authserv_id = span_cut(authserv_id, ' ');
	*results = span_trim(text);
	return true;
}

struct reading {
	const struct dkim_query *query;
	const struct dkim_message *message;
	struct arc_chain *chain;
};

/* The first fault stands. */
static void blame(struct reading *reading, enum arc_fault fault,
	unsigned instance, struct span why)
{
	struct arc_chain *chain = reading->chain;

	if (chain->fault != ARC_SOUND)
		return;
	chain->result = ARC_FAIL;
	chain->fault = fault;
	chain->fault_instance = instance;
	chain->why = why;
}

static struct arc_set *set_of(struct reading *reading, unsigned instance,
	const struct header_field *field)
{
	if (instance == 0 || instance > ARC_INSTANCE_MAX) {
		blame(reading, ARC_NO_INSTANCE, 0,
			arena_print(reading->query->arena,
				"%.*s in line %u has no i= from 1 to %d",
				SPAN_ARG(field->name), field->line,
				ARC_INSTANCE_MAX));
		return NULL;
	}
	if (instance > reading->chain->count)
		reading->chain->count = instance;
	return &reading->chain->sets[instance - 1];
}

static void blame_second(struct reading *reading, unsigned instance,
	const struct header_field *field)
{
	blame(reading, ARC_DUPLICATE, instance,
		arena_print(reading->query->arena,
			"there are two %.*s fields of i=%u",
			SPAN_ARG(field->name), instance));
}

static void read_results(
	struct reading *reading, const struct header_field *field)
{
	struct span authserv_id, results;
	struct arc_set *set;
	unsigned instance;

	arc_results_parse(reading->query->arena, field->value, &instance,
		&authserv_id, &results);
	set = set_of(reading, instance, field);
	if (set && set->results_field)
		blame_second(reading, instance, field);
	if (!set || set->results_field)
		return;
	set->results_field = field;
	set->authserv_id = authserv_id;
	set->results = results;
}

static void read_seal(struct reading *reading, const struct header_field *field)
{
	struct arena *arena = reading->query->arena;
	struct dkim_signature *seal = arena_new(arena, struct dkim_signature);
	struct arc_set *set;

	dkim_signature_parse(arena, DKIM_ARC_SEAL, field, seal);
	set = set_of(reading, seal->instance, field);
	if (set && set->seal)
		blame_second(reading, seal->instance, field);
	if (!set || set->seal)
		return;
	set->seal = seal;
	set->cv = cv_parse(seal->chain);
}

static void read_message_signature(
	struct reading *reading, const struct dkim_signature *signature)
{
	struct arc_set *set = set_of(
		reading, signature->instance, signature->field);

	if (set && set->message_signature)
		blame_second(reading, signature->instance, signature->field);
	else if (set)
		set->message_signature = signature;
}

static bool read_sets(struct reading *reading)
{
	const struct header *header = &reading->message->header;
	bool has_any = reading->message->arc_count > 0;

	reading->chain->sets = arena_take(reading->query->arena,
		ARC_INSTANCE_MAX * sizeof(struct arc_set));
	for (size_t i = 0; i < reading->message->arc_count; i++)
		read_message_signature(reading, &reading->message->arc[i]);
	for (size_t i = 0; i < header->count; i++) {
		const struct header_field *field = &header->fields[i];

		if (span_is_nocase(
			    field->name, SPAN("ARC-Authentication-Results")))
			read_results(reading, field);
		else if (span_is_nocase(field->name, SPAN("ARC-Seal")))
			read_seal(reading, field);
		else
			continue;
		has_any = true;
	}
	for (size_t i = 0; i < reading->chain->count; i++)
		reading->chain->sets[i].instance = (unsigned)i + 1;
	return has_any;
}

static const char *missing_part(const struct arc_set *set)
{
	if (!set->results_field)
		return "ARC-Authentication-Results";
	if (!set->message_signature)
		return "ARC-Message-Signature";
	return set->seal ? NULL : "ARC-Seal";
}

/* What each seal says has to follow from the set's place: section 5.2. */
static void check_chain_value(
	struct reading *reading, const struct arc_set *set)
{
	struct arena *arena = reading->query->arena;
	bool is_first = set->instance == 1;
	struct span said = set->seal->chain;

	if (set->cv == (is_first ? ARC_CV_NONE : ARC_CV_PASS))
		return;
	blame(reading, ARC_BAD_CHAIN_VALUE, set->instance,
		arena_print(arena, "the seal of i=%u says cv=%.*s, not %s",
			set->instance, SPAN_ARG(said),
			is_first ? "none" : "pass"));
}

static void check_structure(struct reading *reading)
{
	struct arc_chain *chain = reading->chain;
	const struct arc_set *newest = &chain->sets[chain->count - 1];

	for (size_t i = 0; i < chain->count; i++) {
		const char *part = missing_part(&chain->sets[i]);

		if (part)
			blame(reading, ARC_GAP, chain->sets[i].instance,
				arena_print(reading->query->arena,
					"the set of i=%zu has no %s", i + 1,
					part));
	}
	if (chain->fault != ARC_SOUND)
		return;
	if (newest->cv == ARC_CV_FAIL)
		blame(reading, ARC_SEALED_AS_FAILED, newest->instance,
			arena_print(reading->query->arena,
				"%.*s sealed the chain as failed (i=%u)",
				SPAN_ARG(newest->seal->domain),
				newest->instance));
	for (size_t i = 0; i < chain->count; i++)
		check_chain_value(reading, &chain->sets[i]);
}

/* A seal covers the sets in the order in which they were made: 5.1.1. */
static struct span sealed_text(struct arena *arena,
	const struct reading *reading, const struct arc_set *set)
{
	const struct header_field *fields[3 * ARC_INSTANCE_MAX];
	size_t first = set->cv == ARC_CV_FAIL ? set->instance - 1 : 0;
	size_t count = 0;

	for (size_t i = first; i < set->instance; i++) {
		const struct arc_set *one = &reading->chain->sets[i];

		fields[count++] = one->results_field;
		fields[count++] = one->message_signature->field;
		fields[count++] = one->seal->field;
	}
	return dkim_signed_text(arena, CANON_RELAXED, fields, count - 1,
		dkim_signature_without_b(arena, set->seal->field->raw));
}

static bool is_permanent(struct dkim_check *check, struct span why)
{
	check->result = DKIM_PERMERROR;
	check->why = why;
	return true;
}

/* RFC 8617 section 4.1.3: h= in a seal voids it. */
static bool is_void_seal(struct dkim_check *check)
{
	const struct dkim_signature *seal = check->signature;

	check->fault = seal->fault;
	if (seal->fault != DKIM_SOUND)
		return is_permanent(check, seal->why);
	if (tag_list_get(&seal->tags, "h"))
		return is_permanent(check, SPAN("a seal must not have h="));
	return false;
}

/* The text of all sets together is long, and this is done in every round. */
static bool is_sealed(const struct reading *reading, const struct arc_set *set)
{
	struct arena *scratch = arena_open();
	bool is_it = dkim_key_verify(set->seal_check.key, set->seal->algorithm,
		sealed_text(scratch, reading, set), set->seal->signature);

	arena_close(scratch);
	return is_it;
}

static void check_seal(struct reading *reading, struct arc_set *set)
{
	struct dkim_check *check = &set->seal_check;

	*check = (struct dkim_check){ .signature = set->seal };
	if (is_void_seal(check))
		return;
	if (!dkim_check_key(reading->query, set->seal, check) ||
		check->result != DKIM_OPEN)
		return;
	if (is_sealed(reading, set)) {
		check->header = DKIM_FITS;
		check->result = DKIM_PASS;
		return;
	}
	check->header = DKIM_DIFFERS;
	check->result = DKIM_FAIL;
	check->why = SPAN("b= does not fit the sets that it seals");
}

/* RFC 8617 section 4.1.2: no seal may be under a message signature. */
static void check_message(struct reading *reading, struct arc_set *set)
{
	const struct dkim_signature *signature = set->message_signature;
	struct dkim_check *check = &set->message_check;

	*check = (struct dkim_check){ .signature = signature };
	if (dkim_signature_covers(signature, SPAN("ARC-Seal")))
		is_permanent(check, SPAN("h= must not hold ARC-Seal"));
	else
		dkim_check_one(
			reading->query, reading->message, signature, check);
}

static void blame_check(struct reading *reading, enum arc_fault fault,
	const struct arc_set *set, const struct dkim_check *check)
{
	struct span why = check->why;

	blame(reading, fault, set->instance,
		arena_print(reading->query->arena, "the %s of i=%u: %.*s",
			fault == ARC_BAD_SEAL ? "seal" : "message signature",
			set->instance, SPAN_ARG(why)));
}

static bool is_undecided(const struct dkim_check *check)
{
	return check->result == DKIM_OPEN || check->result == DKIM_TEMPERROR;
}

/* The newest message signature, then the seals from the newest on. */
static void judge(struct reading *reading)
{
	struct arc_chain *chain = reading->chain;
	const struct arc_set *newest = &chain->sets[chain->count - 1];

	if (newest->message_check.result != DKIM_PASS &&
		!is_undecided(&newest->message_check))
		blame_check(reading, ARC_BAD_MESSAGE, newest,
			&newest->message_check);
	for (size_t i = chain->count; i-- > 0;) {
		const struct dkim_check *check = &chain->sets[i].seal_check;

		if (check->result != DKIM_PASS && !is_undecided(check))
			blame_check(
				reading, ARC_BAD_SEAL, &chain->sets[i], check);
	}
}

/* A failure needs no more keys; everything else waits for the last of them. */
static enum arc_result result_of(const struct arc_chain *chain)
{
	const struct arc_set *newest = &chain->sets[chain->count - 1];
	bool is_open = false, has_failed_dns = false;

	for (size_t i = 0; i < chain->count; i++) {
		const struct arc_set *set = &chain->sets[i];

		is_open |= set->message_check.result == DKIM_OPEN ||
			   set->seal_check.result == DKIM_OPEN;
		has_failed_dns |= set->seal_check.result == DKIM_TEMPERROR;
	}
	has_failed_dns |= newest->message_check.result == DKIM_TEMPERROR;
	if (is_open)
		return ARC_OPEN;
	if (chain->fault != ARC_SOUND)
		return ARC_FAIL;
	return has_failed_dns ? ARC_TEMPERROR : ARC_PASS;
}

/* Section 5.2 step 5: the last that passes on the way back from the newest. */
static unsigned oldest_pass(const struct arc_chain *chain)
{
	size_t i = chain->count;

	while (i > 0 && chain->sets[i - 1].message_check.result == DKIM_PASS)
		i--;
	return i == 0 || i == chain->count ? 0 : (unsigned)i + 1;
}

static void check_sets(struct reading *reading)
{
	struct arc_chain *chain = reading->chain;

	for (size_t i = chain->count; i-- > 0;) {
		check_message(reading, &chain->sets[i]);
		check_seal(reading, &chain->sets[i]);
		chain->sets[i].is_checked = true;
	}
}

enum arc_result arc_check(const struct dkim_query *query,
	const struct dkim_message *message, struct arc_chain *chain)
{
	struct reading reading = { query, message, chain };

	*chain = (struct arc_chain){ .result = ARC_NONE };
	if (!read_sets(&reading))
		return ARC_NONE;
	if (chain->fault == ARC_SOUND)
		check_structure(&reading);
	if (chain->fault != ARC_SOUND && chain->fault != ARC_SEALED_AS_FAILED)
		return ARC_FAIL;
	check_sets(&reading);
	judge(&reading);
	chain->result = result_of(chain);
	chain->oldest_pass = oldest_pass(chain);
	if (chain->result == ARC_TEMPERROR)
		chain->why = SPAN("the DNS did not give a key");
	return chain->result;
}
