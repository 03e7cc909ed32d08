#include "probe/policy/body_forensics.h"

#include "probe/base/attr.h"
#include "probe/base/base64.h"
#include "probe/policy/body_change.h"
#include "probe/policy/body_form.h"

#define SIMPLE_SECTION  "RFC 6376 section 3.4.3"
#define RELAXED_SECTION "RFC 6376 section 3.4.4"

static const char *const departs_words[] = {
	[DEPARTS_SIGNER] = "signer",
	[DEPARTS_ON_THE_WAY] = "on-the-way",
	[DEPARTS_UNKNOWN] = "unknown",
};

const char *departs_word(enum departs departs)
{
	return departs_words[departs];
}

static const char *const endings[] = {
	[DEPARTS_SIGNER] = "the signer, not the verifier, departs from the RFC",
	[DEPARTS_ON_THE_WAY] = "it was changed after it was signed",
	[DEPARTS_UNKNOWN] = "who departs from the RFC cannot be told",
};

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

struct search {
	struct arena *arena, *scratch;
	const struct dkim_signature *signature;
	const char *digest;   /* OpenSSL's name of it */
	bool is_other_digest; /* than a= says */
	unsigned declared;    /* rules of c= */
	struct body_at_hand body;
	struct body_forensics *found;
	size_t budget;          /* octets still to be hashed for lines */
	size_t work, work_each; /* still allowed; one pass over the body */
};

static unsigned rules_of(enum canon canon)
{
	return canon == CANON_RELAXED ? BODY_RELAXED : BODY_SIMPLE;
}

static enum canon other_canon(enum canon canon)
{
	return canon == CANON_RELAXED ? CANON_SIMPLE : CANON_RELAXED;
}

static const char *section_of(enum canon canon)
{
	return canon == CANON_RELAXED ? RELAXED_SECTION : SIMPLE_SECTION;
}

static uint64_t counted(const struct search *search)
{
	return search->signature->body_length == CANON_WHOLE
		       ? BODY_UNCOUNTED
		       : search->signature->body_length;
}

static bool is_claimed(struct search *search, const struct body_hash *hash)
{
	search->found->tried++;
	return body_hash_is(hash, search->signature->body_hash);
}

static bool fits(struct search *search, struct span body, unsigned rules)
{
	struct body_hash hash;

	body_form_hash(body, rules, counted(search), search->digest, &hash);
	return is_claimed(search, &hash);
}

static void hit(struct search *search, const char *id, enum departs departs,
	const char *section, struct span says)
{
	struct body_forensics *found = search->found;

	if (found->hit_count < DEVIATIONS_MAX)
		found->hits[found->hit_count++] = (struct deviation){ id,
			departs, section, says };
}

static const char *under(enum canon canon)
{
	return canon == CANON_RELAXED ? "relaxed" : "simple";
}

static struct span sentence(struct search *search, const char *fits_what,
	enum canon canon, const char *because, enum departs departs)
{
	return arena_print(search->arena,
		"bh= fits %s, canonicalized as %s; %s: %s", fits_what,
		under(canon), because, endings[departs]);
}

/* Before each pass over the body. */
static bool may_work(struct search *search)
{
	if (search->work < search->work_each) {
		search->found->is_cut_short = true;
		return false;
	}
	search->work -= search->work_each;
	return true;
}

/* ---- an empty body */

/* What is under bh= when nothing was: the hash of CRLF, or of no octet. */
static bool is_hash_of(const struct search *search, const char *octets)
{
	struct body_hash hash;

	body_form_hash(SPAN(""), octets[0] ? BODY_SIMPLE : BODY_RELAXED,
		BODY_UNCOUNTED, search->digest, &hash);
	return body_hash_is(&hash, search->signature->body_hash);
}

static bool is_empty(const struct search *search)
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
static void hit_empty_canon(struct search *search)
{
	static const char *const words[] = { "simple", "relaxed" };
	static const char *const octets[] = { "one CRLF", "no octet at all" };
	static const char *const ids[] = { "simple-empty-as-nothing",
		"relaxed-empty-as-crlf" };
	bool is_relaxed = search->signature->body_canon == CANON_RELAXED;
	const char *section = section_of(search->signature->body_canon);
	struct span right = is_relaxed ? search->found->relaxed
				       : search->found->simple;

	hit(search, ids[is_relaxed], DEPARTS_SIGNER, section,
		arena_print(search->arena,
			"bh= fits an empty body canonicalized as %s (%s); "
			"under c=%s %s gives %.*s: %s",
			words[!is_relaxed], octets[!is_relaxed],
			words[is_relaxed], section, SPAN_ARG(right),
			endings[DEPARTS_SIGNER]));
}

static void try_empty(struct search *search)
{
	bool is_crlf = is_hash_of(search, "\r\n");

	search->found->tried += 2;
	if (!is_crlf && !is_hash_of(search, ""))
		return;
	if (is_empty(search)) {
		hit_empty_canon(search);
		return;
	}
	hit(search, "signed-empty-body", DEPARTS_UNKNOWN,
		section_of(is_crlf ? CANON_SIMPLE : CANON_RELAXED),
		arena_print(search->arena,
			"bh= is the hash of an empty body (%s), and the body "
			"at hand is not empty: it came later, or the signer "
			"did not see it",
			is_crlf ? "one CRLF" : "no octet"));
}

/* ---- rules broken */

/* c=relaxed alone means relaxed/simple, which signers have misread. */
static bool is_half_canon(const struct search *search)
{
	const struct tag *tag = tag_list_get(&search->signature->tags, "c");

	return tag && span_find(tag->value, '/') == tag->value.len &&
	       search->signature->header_canon == CANON_RELAXED;
}

static void try_swapped(struct search *search)
{
	enum canon canon = search->signature->body_canon;
	enum canon other = other_canon(canon);
	const char *id = "canon-swapped", *section = section_of(canon);
	const char *because = "c= says otherwise";

	if (!fits(search, search->body.bytes, rules_of(other)))
		return;
	if (is_half_canon(search)) {
		id = "half-c-misread";
		section = "RFC 6376 section 3.5";
		because = "c=relaxed without a second word means "
			  "relaxed/simple";
	}
	hit(search, id, DEPARTS_SIGNER, section,
		sentence(search, "the body", other, because, DEPARTS_SIGNER));
}

static void try_rule(
	struct search *search, const struct broken_rule *rule, enum canon canon)
{
	unsigned of = canon == CANON_RELAXED ? OF_RELAXED : OF_SIMPLE;
	unsigned rules = (rules_of(canon) | rule->set) & ~rule->cleared;

	if (!(rule->of & of) || !may_work(search) ||
		!fits(search, search->body.bytes, rules))
		return;
	hit(search, rule->id, rule->departs, section_of(canon),
		sentence(search, rule->fits, canon, rule->because,
			rule->departs));
}

/* CR CR LF hashed with LF line ends looks like CR LF: it was doubled. */
static bool has_doubled_cr(struct span body)
{
	return span_find_nocase(body, SPAN("\r\r\n")) < body.len;
}

static void try_rules(struct search *search, enum canon canon)
{
	bool has_doubled = has_doubled_cr(search->body.bytes);

	for (size_t i = 0; i < COUNT_OF(broken_rules); i++)
		if (!has_doubled || !(broken_rules[i].set & BODY_LF))
			try_rule(search, &broken_rules[i], canon);
}

/* ---- l= */

static void hit_length(struct search *search, const char *id,
	const char *fits_what, const char *because)
{
	hit(search, id, DEPARTS_SIGNER, "RFC 6376 section 3.5",
		sentence(search, fits_what, search->signature->body_canon,
			because, DEPARTS_SIGNER));
}

static void try_length(struct search *search)
{
	struct body_hash hash;
	uint64_t length = search->signature->body_length;

	if (length == CANON_WHOLE)
		return;
	body_form_hash(search->body.bytes, search->declared, BODY_UNCOUNTED,
		search->digest, &hash);
	if (is_claimed(search, &hash))
		hit_length(search, "l-ignored", "the whole body",
			"l= ends it earlier");
	if (length > search->body.bytes.len)
		return;
	body_form_hash(span_part(search->body.bytes, 0, (size_t)length),
		search->declared, BODY_UNCOUNTED, search->digest, &hash);
	if (is_claimed(search, &hash))
		hit_length(search, "l-counted-before",
			"the body cut before it was canonicalized",
			"l= counts canonical octets");
}

static void count_nothing(struct canon_sink *sink, struct span bytes)
{
	(void)sink;
	(void)bytes;
}

/* Nothing can fit when the octets of l= are not there. */
static void note_length(struct search *search)
{
	struct canon_sink sink = { count_nothing };
	struct body_canon body;
	uint64_t length = search->signature->body_length;

	if (length == CANON_WHOLE)
		return;
	body_canon_init(
		&body, search->signature->body_canon, CANON_WHOLE, &sink);
	body_canon_take(&body, search->body.bytes);
	body_canon_end(&body);
	if (body.octets < length)
		search->found->note = arena_print(search->arena,
			"l= counts %llu octets and the body has %llu: "
			"something was cut off",
			(unsigned long long)length,
			(unsigned long long)body.octets);
}

/* ---- changes on the way */

static void try_change(struct search *search, const struct body_change *change,
	enum canon canon)
{
	struct span before = search->body.bytes, after;

	if (!may_work(search))
		return;
	after = change->undo(&search->body, change->number);
	if (!span_is(before, after) && fits(search, after, rules_of(canon)))
		hit(search, change->id, change->departs, change->section,
			sentence(search, change->fits, canon, change->because,
				change->departs));
	arena_empty(search->scratch);
}

/* Several widths undo the same wraps: one is told. */
static void try_changes(struct search *search, enum canon canon)
{
	const char *last = "";

	for (size_t i = 0; i < body_change_count; i++) {
		size_t hits = search->found->hit_count;

		if (strcmp(body_changes[i].id, last) == 0)
			continue;
		try_change(search, &body_changes[i], canon);
		if (search->found->hit_count > hits)
			last = body_changes[i].id;
	}
}

/* ---- lines added */

static void hit_lines(
	struct search *search, const char *id, size_t lines, const char *where)
{
	const char *noun = lines == 1 ? "line" : "lines";
	const char *pronoun = lines == 1 ? "it" : "them";

	hit(search, id, DEPARTS_ON_THE_WAY, "RFC 6376 section 5.3",
		arena_print(search->arena,
			"bh= fits the body without %zu %s %s; a list or "
			"gateway put %s there: %s",
			lines, noun, where, pronoun,
			endings[DEPARTS_ON_THE_WAY]));
}

static size_t count_lines(struct span rest)
{
	size_t lines = 0;

	for (; rest.len; lines++)
		body_line(0, &rest);
	return lines;
}

/*
 * The body up to each of its last lines, in one pass: the state of the hash is
 * copied at each line end.  l= does not count here: a footer behind what it
 * covers does no harm.
 */
static void try_footer(struct search *search)
{
	size_t total = count_lines(search->body.bytes), line = 0, cut = 0;
	struct span rest = search->body.bytes;
	struct body_form form;

	if (!may_work(search))
		return;
	body_form_open(&form, search->declared, BODY_UNCOUNTED, search->digest);
	while (rest.len) {
		struct body_hash hash;

		if (total - line <= BODY_FOOTER_LINES) {
			body_form_so_far(&form, &hash);
			if (is_claimed(search, &hash))
				cut = total - line;
		}
		body_form_line(&form, body_line(search->declared, &rest));
		line++;
	}
	body_form_close(&form);
	if (cut)
		hit_lines(search, "footer-added", cut, "at its end");
}

static bool may_search(struct search *search, size_t octets)
{
	if (search->budget < octets)
		return false;
	search->budget -= octets;
	return true;
}

static void try_banner(struct search *search)
{
	struct span rest = search->body.bytes;

	for (size_t line = 1; line <= BODY_BANNER_LINES && rest.len; line++) {
		body_line(0, &rest);
		if (!may_search(search, rest.len))
			return;
		if (fits(search, rest, search->declared)) {
			hit_lines(search, "banner-added", line, "at its top");
			return;
		}
	}
}

static bool is_boundary(const struct search *search, struct span line)
{
	size_t len = search->body.boundary.len;

	return len && line.len >= len + 2 && memcmp(line.at, "--", 2) == 0 &&
	       span_is(span_part(line, 2, len), search->body.boundary);
}

/* The body without what stands between two places. */
static bool fits_without(struct search *search, size_t from, size_t to)
{
	struct span body = search->body.bytes;
	char *room = arena_take(search->scratch, body.len);
	bool is_it;

	memcpy(room, body.at, from);
	memcpy(room + from, body.at + to, body.len - to);
	is_it = fits(search, (struct span){ room, body.len - (to - from) },
		search->declared);
	arena_empty(search->scratch);
	return is_it;
}

/* Where the last lines began, by their number modulo this. */
enum { STARTS = BODY_BANNER_LINES + 1 };

/* A footer at the end of a part: lines before a boundary. */
static bool try_part(struct search *search, const size_t *starts, size_t line)
{
	struct span body = search->body.bytes;

	for (size_t cut = 1; cut <= BODY_BANNER_LINES && cut <= line; cut++) {
		if (!may_search(search, body.len))
			return false;
		if (!fits_without(search, starts[(line - cut) % STARTS],
			    starts[line % STARTS]))
			continue;
		hit_lines(
			search, "footer-in-part", cut, "at the end of a part");
		return true;
	}
	return false;
}

static void try_parts(struct search *search)
{
	struct span rest = search->body.bytes;
	size_t starts[STARTS];
	size_t line = 0;

	if (!search->body.boundary.len)
		return;
	while (rest.len) {
		starts[line % STARTS] = search->body.bytes.len - rest.len;
		if (is_boundary(search, body_line(0, &rest)) &&
			try_part(search, starts, line))
			return;
		line++;
	}
}

/* ---- all of it */

/* The value of a parameter: boundary=x, boundary="x". */
static struct span parameter_of(struct span value, struct span name)
{
	size_t at = span_find_nocase(value, name);
	struct span text = span_part(value, at + name.len, value.len);
	bool is_quoted;

	if (at == value.len)
		return SPAN("");
	is_quoted = text.len && text.at[0] == '"';
	if (is_quoted)
		text = span_part(text, 1, text.len);
	text = span_cut(&text, is_quoted ? '"' : ';');
	return is_quoted ? text : span_trim(text);
}

static void read_mime(struct search *search, const struct header *header)
{
	const struct header_field *type = header_get(
		header, SPAN("Content-Type"));
	const struct header_field *encoding = header_get(
		header, SPAN("Content-Transfer-Encoding"));
	struct arena *arena = search->arena;

	search->body.encoding = encoding ? header_unfold(arena, encoding->value)
					 : SPAN("");
	search->body.boundary = SPAN("");
	if (type)
		search->body.boundary = parameter_of(
			header_unfold(arena, type->value), SPAN("boundary="));
}

static struct span rfc_hash(
	struct search *search, enum canon canon, const char *digest)
{
	struct body_hash hash;

	body_form_hash(search->body.bytes, rules_of(canon), counted(search),
		digest, &hash);
	if (canon == search->signature->body_canon)
		search->found->fits = body_hash_is(
			&hash, search->signature->body_hash);
	return base64_encode(search->arena,
		(struct span){ (const char *)hash.octets, hash.len });
}

/* Which hash bh= is, by its length; false: none. */
static bool choose_digest(struct search *search)
{
	size_t len = search->signature->body_hash.len;
	bool wants_sha1 = search->signature->algorithm == DKIM_RSA_SHA1;

	search->digest = len == 20 ? "SHA1" : "SHA256";
	search->is_other_digest = (len == 20) != wants_sha1;
	if (len == 20 || len == 32)
		return true;
	search->found->note = arena_print(search->arena,
		"bh= has %zu octets, and no hash that a= can name has so many",
		len);
	return false;
}

static void try_other_digest(struct search *search)
{
	enum canon canon = search->signature->body_canon;

	if (!search->is_other_digest ||
		!fits(search, search->body.bytes, rules_of(canon)))
		return;
	hit(search, "other-digest", DEPARTS_SIGNER, "RFC 6376 section 3.5",
		arena_print(search->arena,
			"bh= fits the body's %s, which is not what a= says: "
			"%s",
			search->digest, endings[DEPARTS_SIGNER]));
}

static void try_all(struct search *search)
{
	enum canon canon = search->signature->body_canon;

	try_other_digest(search);
	try_empty(search);
	if (search->found->hit_count)
		return;
	try_swapped(search);
	try_length(search);
	try_rules(search, canon);
	try_rules(search, other_canon(canon));
	if (search->found->hit_count)
		return;
	try_footer(search);
	try_changes(search, canon);
	try_banner(search);
	if (search->found->hit_count)
		return;
	try_parts(search);
	try_changes(search, other_canon(canon));
}

void body_forensics(struct arena *arena, const struct header *header,
	struct span body, const struct dkim_signature *signature,
	struct body_forensics *found)
{
	struct search search = { .arena = arena,
		.signature = signature,
		.found = found,
		.budget = BODY_SEARCH_MAX,
		.work = BODY_WORK_MAX,
		.declared = rules_of(signature->body_canon),
		.body = { .bytes = body } };
	const char *digest = signature->algorithm == DKIM_RSA_SHA1 ? "SHA1"
								   : "SHA256";

	*found = (struct body_forensics){ .claimed = base64_encode(arena,
						  signature->body_hash) };
	found->is_too_large = body.len > BODY_FORENSICS_MAX;
	if (found->is_too_large)
		return;
	search.work_each = body.len + count_lines(body) * BODY_LINE_WORK;
	search.scratch = search.body.arena = arena_open();
	read_mime(&search, header);
	found->simple = rfc_hash(&search, CANON_SIMPLE, digest);
	found->relaxed = rfc_hash(&search, CANON_RELAXED, digest);
	if (!found->fits) {
		note_length(&search);
		if (choose_digest(&search))
			try_all(&search);
	}
	arena_close(search.scratch);
}
