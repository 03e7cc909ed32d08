#include "probe/policy/body_broken.h"

#include "probe/base/attr.h"

/*
 * One rule of the canonical form broken, under one algorithm or both.  What
 * is set and what is cleared stands against BODY_SIMPLE or BODY_RELAXED.
 */
enum { OF_SIMPLE = 1, OF_RELAXED = 2, OF_BOTH = 3 };

static const struct broken_rule {
	const char *id;
	unsigned of;
	unsigned set, cleared;
	enum departs departs;
	const char *fits, *because;
} broken_rules[] = {
	/* clang-format off */
	{ "trailing-lines-kept", OF_BOTH, BODY_KEEP_EMPTY_LINES, 0,
	  DEPARTS_SIGNER, "the body with the empty lines at its end",
	  "the RFC leaves them out" },
	{ "blank-lines-kept", OF_RELAXED, BODY_EMPTY_LINES_FIRST, 0,
	  DEPARTS_SIGNER,
	  "the body with lines of nothing but white space at its end",
	  "white space goes first, and then these lines are empty"
	  " (RFC 4871 erratum 1384)" },
	{ "trailing-space-kept", OF_RELAXED, 0, BODY_STRIP,
	  DEPARTS_SIGNER, "the body with a space left at line ends",
	  "the RFC takes it away" },
	{ "last-line-space-kept", OF_RELAXED, BODY_LAST_UNSTRIPPED, 0,
	  DEPARTS_SIGNER,
	  "the body with a space left at the end of its unended last line",
	  "the RFC takes it away there, too" },
	{ "space-not-reduced", OF_RELAXED, 0, BODY_REDUCE,
	  DEPARTS_SIGNER, "the body with its runs of white space",
	  "the RFC makes one space of each" },
	{ "tab-not-reduced", OF_RELAXED, BODY_TAB_IS_TEXT, 0,
	  DEPARTS_SIGNER, "the body with its tabs",
	  "a tab is white space as a space is" },
	{ "tab-as-one-space", OF_RELAXED, BODY_TAB_TO_SPACE, BODY_REDUCE,
	  DEPARTS_SIGNER, "the body with a space for each tab",
	  "a run of them is one space" },
	{ "trailing-space-added", OF_SIMPLE, BODY_STRIP, 0,
	  DEPARTS_UNKNOWN, "the body without white space at line ends",
	  "it was added later, or the signer took it away" },
	{ "last-end-missing", OF_BOTH, BODY_END_NOT_ADDED, 0,
	  DEPARTS_SIGNER, "the body with its last line unended",
	  "the RFC ends it with CRLF" },
	{ "last-end-cut", OF_BOTH, BODY_END_CUT, 0,
	  DEPARTS_SIGNER, "the body without its last CRLF",
	  "the RFC keeps that one" },
	{ "last-end-doubled", OF_BOTH, BODY_END_DOUBLED, 0,
	  DEPARTS_SIGNER, "the body with one CRLF more at its end",
	  "the RFC leaves out empty lines there" },
	{ "lf-hashed", OF_BOTH, BODY_LF, 0,
	  DEPARTS_SIGNER, "the body with bare LF at line ends",
	  "a line ends with CRLF (RFC 6376 section 5.3)" },
	{ "bare-lf-kept", OF_BOTH, BODY_LF_IS_TEXT, 0,
	  DEPARTS_UNKNOWN, "the body with a LF without CR as text",
	  "on the wire it was made a line end, or is none" },
	/* clang-format on */
};

/* ---- an empty body */

/* What is under bh= when nothing was: the hash of CRLF, or of no octet. */
static bool is_hash_of(const struct body_search *search, const char *octets)
{
	struct body_hash hash;

	body_form_hash(SPAN(""), octets[0] ? BODY_SIMPLE : BODY_RELAXED,
		BODY_UNCOUNTED, search->digest, &hash);
	return body_hash_is(&hash, search->signature->body_hash);
}

static bool is_empty(const struct body_search *search)
{
	for (size_t i = 0; i < search->body.bytes.len; i++) {
		char c = search->body.bytes.at[i];

		if (c != '\r' && c != '\n' &&
			(search->signature->body_canon == CANON_SIMPLE ||
				(c != ' ' && c != '\t')))
			return false;
	}
	return true;
}

/* RFC 6376 prints both hashes; the one that it asks for is told. */
static void hit_empty_canon(struct body_search *search)
{
	static const char *const words[] = { "simple", "relaxed" };
	static const char *const octets[] = { "one CRLF", "no octet at all" };
	static const char *const ids[] = { "simple-empty-as-nothing",
		"relaxed-empty-as-crlf" };
	bool is_relaxed = search->signature->body_canon == CANON_RELAXED;
	const char *section = body_section_of(search->signature->body_canon);
	struct span right = is_relaxed ? search->found->relaxed
				       : search->found->simple;

	body_search_hit(search, ids[is_relaxed], DEPARTS_SIGNER, section,
		arena_print(search->arena,
			"bh= fits an empty body canonicalized as %s (%s); "
			"under c=%s %s gives %.*s: %s",
			words[!is_relaxed], octets[!is_relaxed],
			words[is_relaxed], section, SPAN_ARG(right),
			departs_ending(DEPARTS_SIGNER)));
}

void body_broken_empty(struct body_search *search)
{
	bool is_crlf = is_hash_of(search, "\r\n");

	search->found->tried += 2;
	if (!is_crlf && !is_hash_of(search, ""))
		return;
	if (is_empty(search)) {
		hit_empty_canon(search);
		return;
	}
	body_search_hit(search, "signed-empty-body", DEPARTS_UNKNOWN,
		body_section_of(is_crlf ? CANON_SIMPLE : CANON_RELAXED),
		arena_print(search->arena,
			"bh= is the hash of an empty body (%s), and the body "
			"at hand is not empty: it came later, or the signer "
			"did not see it",
			is_crlf ? "one CRLF" : "no octet"));
}

/* ---- the other algorithm */

/* c=relaxed alone means relaxed/simple, which signers have misread. */
static bool is_half_canon(const struct body_search *search)
{
	const struct tag *tag = tag_list_get(&search->signature->tags, "c");

	return tag && span_find(tag->value, '/') == tag->value.len &&
	       search->signature->header_canon == CANON_RELAXED;
}

void body_broken_swap(struct body_search *search)
{
	enum canon canon = search->signature->body_canon;
	enum canon other = canon_other(canon);
	const char *id = "canon-swapped", *section = body_section_of(canon);
	const char *because = "c= says otherwise";

	if (!body_search_fits(search, search->body.bytes, body_rules_of(other)))
		return;
	if (is_half_canon(search)) {
		id = "half-c-misread";
		section = "RFC 6376 section 3.5";
		because = "c=relaxed without a second word means "
			  "relaxed/simple";
	}
	body_search_hit(search, id, DEPARTS_SIGNER, section,
		body_search_sentence(
			search, "the body", other, because, DEPARTS_SIGNER));
}

/* ---- one rule */

static void try_rule(struct body_search *search, const struct broken_rule *rule,
	enum canon canon)
{
	unsigned of = canon == CANON_RELAXED ? OF_RELAXED : OF_SIMPLE;
	unsigned rules = (body_rules_of(canon) | rule->set) & ~rule->cleared;

	if (!(rule->of & of) || !body_search_may_work(search) ||
		!body_search_fits(search, search->body.bytes, rules))
		return;
	body_search_hit(search, rule->id, rule->departs, body_section_of(canon),
		body_search_sentence(search, rule->fits, canon, rule->because,
			rule->departs));
}

/* CR CR LF hashed with LF line ends looks like CR LF: it was doubled. */
static bool has_doubled_cr(struct span body)
{
	return span_find_nocase(body, SPAN("\r\r\n")) < body.len;
}

void body_broken_rules(struct body_search *search, enum canon canon)
{
	bool has_doubled = has_doubled_cr(search->body.bytes);

	for (size_t i = 0; i < COUNT_OF(broken_rules); i++)
		if (!has_doubled || !(broken_rules[i].set & BODY_LF))
			try_rule(search, &broken_rules[i], canon);
}
