/*
 * The input as an MTA-STS record, and as a policy file.  What is good is so
 * within the limits, and is the same when it is written again and read; a
 * policy says the same with LF and with CRLF, and with a further key.
 */
#include <stdint.h>

#include "probe/policy/mta_sts.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void mta_sts_try_record(struct arena *arena, struct span text)
{
	struct span id, again, why;

	if (!mta_sts_record_parse(arena, text, &id, &why)) {
		MUST(why.len > 0);
		return;
	}
	MUST(!why.len);
	MUST(id.len > 0 && id.len <= MTA_STS_ID_MAX);
	MUST(id.at >= text.at && id.at + id.len <= text.at + text.len);
	MUST(mta_sts_record_parse(arena,
		arena_print(arena, "v=STSv1; id=%.*s;", SPAN_ARG(id)), &again,
		&why));
	MUST(span_is(id, again));
}

static void mta_sts_same(
	const struct mta_sts_policy *a, const struct mta_sts_policy *b)
{
	MUST(a->mode == b->mode);
	MUST(a->max_age == b->max_age);
	MUST(a->pattern_count == b->pattern_count);
	for (size_t i = 0; i < a->pattern_count; i++)
		MUST(span_is(a->patterns[i], b->patterns[i]));
}

static struct span mta_sts_print(
	struct arena *arena, const struct mta_sts_policy *policy)
{
	struct span text = arena_print(arena,
		"version: STSv1\r\nmode: %s\r\nmax_age: %u\r\n",
		mta_sts_mode_word(policy->mode), (unsigned)policy->max_age);

	/* A pattern grows by its key and line end alone. */
	for (size_t i = 0; i < policy->pattern_count && i < 16; i++)
		text = arena_print(arena, "%.*smx: %.*s\r\n", SPAN_ARG(text),
			SPAN_ARG(policy->patterns[i]));
	return text;
}

/* Each LF that has no CR before it gets one; `with` false takes them away. */
static struct span mta_sts_line_ends(
	struct arena *arena, struct span text, bool with)
{
	char *room = arena_take(arena, 2 * text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\n' && len && room[len - 1] == '\r')
			len--;
		if (text.at[i] == '\n' && with)
			room[len++] = '\r';
		room[len++] = text.at[i];
	}
	return (struct span){ room, len };
}

static void mta_sts_match_all(
	struct arena *arena, const struct mta_sts_policy *policy)
{
	for (size_t i = 0; i < policy->pattern_count && i < 16; i++) {
		struct span pattern = policy->patterns[i], mx = pattern;

		if (span_starts_nocase(pattern, SPAN("*.")))
			mx = arena_print(arena, "x%.*s",
				SPAN_ARG(span_part(pattern, 1, pattern.len)));
		MUST(mta_sts_match(pattern, mx));
		MUST(mta_sts_lists(policy, mx));
		mx = arena_print(arena, "y.%.*s", SPAN_ARG(mx));
		MUST(!mta_sts_match(pattern, mx));
	}
}

static void mta_sts_try_policy(struct arena *arena, struct span text)
{
	struct mta_sts_policy policy, again;
	struct span why, more;

	if (!mta_sts_policy_parse(arena, text, &policy, &why)) {
		MUST(why.len > 0);
		return;
	}
	MUST(!why.len);
	MUST(policy.max_age <= MTA_STS_AGE_MAX);
	MUST(policy.pattern_count > 0 || policy.mode == MTA_STS_MODE_NONE);
	mta_sts_match_all(arena, &policy);
	if (text.len > MTA_STS_POLICY_MAX / 4)
		return;
	for (int with = 0; with < 2; with++) {
		MUST(mta_sts_policy_parse(arena,
			mta_sts_line_ends(arena, text, with), &again, &why));
		mta_sts_same(&policy, &again);
	}
	more = arena_print(arena, "further: key\n%.*s", SPAN_ARG(text));
	/* "%.*s" ends at a NUL, which no good policy has. */
	MUST(mta_sts_policy_parse(arena, more, &again, &why));
	mta_sts_same(&policy, &again);
	if (policy.pattern_count > 16)
		return;
	MUST(mta_sts_policy_parse(
		arena, mta_sts_print(arena, &policy), &again, &why));
	MUST(!again.oddity.len);
	mta_sts_same(&policy, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct span text = { (const char *)bytes, size };
	struct arena *arena = arena_open();

	mta_sts_try_record(arena, text);
	mta_sts_try_policy(arena, text);
	arena_close(arena);
	return 0;
}
