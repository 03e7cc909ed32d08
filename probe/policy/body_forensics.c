#include "probe/policy/body_forensics.h"

#include "probe/base/attr.h"
#include "probe/base/base64.h"
#include "probe/policy/body_added.h"
#include "probe/policy/body_broken.h"

/* ---- l= */

static void hit_length(struct body_search *search, const char *id,
	const char *fits_what, const char *because)
{
	body_search_hit(search, id, DEPARTS_SIGNER, "RFC 6376 section 3.5",
		body_search_sentence(search, fits_what,
			search->signature->body_canon, because,
			DEPARTS_SIGNER));
}

static void try_length(struct body_search *search)
{
	struct body_hash hash;
	uint64_t length = search->signature->body_length;

	if (length == CANON_WHOLE)
		return;
	body_form_hash(search->body.bytes, search->declared, BODY_UNCOUNTED,
		search->digest, &hash);
	if (body_search_claims(search, &hash))
		hit_length(search, "l-ignored", "the whole body",
			"l= ends it earlier");
	if (length > search->body.bytes.len)
		return;
	body_form_hash(span_part(search->body.bytes, 0, (size_t)length),
		search->declared, BODY_UNCOUNTED, search->digest, &hash);
	if (body_search_claims(search, &hash))
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
static void note_length(struct body_search *search)
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

static void try_change(struct body_search *search,
	const struct body_change *change, enum canon canon)
{
	struct span before = search->body.bytes, after;

	if (!body_search_may_work(search))
		return;
	after = change->undo(&search->body, change->number);
	if (!span_is(before, after) &&
		body_search_fits(search, after, body_rules_of(canon)))
		body_search_hit(search, change->id, change->departs,
			change->section,
			body_search_sentence(search, change->fits, canon,
				change->because, change->departs));
	arena_empty(search->scratch);
}

/* Several widths undo the same wraps: one is told. */
static void try_changes(struct body_search *search, enum canon canon)
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

static void read_mime(struct body_search *search, const struct header *header)
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
	struct body_search *search, enum canon canon, const char *digest)
{
	struct body_hash hash;

	body_form_hash(search->body.bytes, body_rules_of(canon),
		body_search_counted(search), digest, &hash);
	if (canon == search->signature->body_canon)
		search->found->fits = body_hash_is(
			&hash, search->signature->body_hash);
	return base64_encode(search->arena,
		(struct span){ (const char *)hash.octets, hash.len });
}

/* Which hash bh= is, by its length; false: none. */
static bool choose_digest(struct body_search *search)
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

static void try_other_digest(struct body_search *search)
{
	enum canon canon = search->signature->body_canon;

	if (!search->is_other_digest ||
		!body_search_fits(
			search, search->body.bytes, body_rules_of(canon)))
		return;
	body_search_hit(search, "other-digest", DEPARTS_SIGNER,
		"RFC 6376 section 3.5",
		arena_print(search->arena,
			"bh= fits the body's %s, which is not what a= says: "
			"%s",
			search->digest, departs_ending(DEPARTS_SIGNER)));
}

static void try_all(struct body_search *search)
{
	enum canon canon = search->signature->body_canon;

	try_other_digest(search);
	body_broken_empty(search);
	if (search->found->hit_count)
		return;
	body_broken_swap(search);
	try_length(search);
	body_broken_rules(search, canon);
	body_broken_rules(search, canon_other(canon));
	if (search->found->hit_count)
		return;
	body_added_footer(search);
	try_changes(search, canon);
	body_added_banner(search);
	if (search->found->hit_count)
		return;
	body_added_in_parts(search);
	try_changes(search, canon_other(canon));
}

void body_forensics(struct arena *arena, const struct header *header,
	struct span body, const struct dkim_signature *signature,
	struct body_forensics *found)
{
	struct body_search search = { .arena = arena,
		.signature = signature,
		.found = found,
		.budget = BODY_SEARCH_MAX,
		.work = BODY_WORK_MAX,
		.declared = body_rules_of(signature->body_canon),
		.body = { .bytes = body } };
	const char *digest = signature->algorithm == DKIM_RSA_SHA1 ? "SHA1"
								   : "SHA256";

	*found = (struct body_forensics){ .claimed = base64_encode(arena,
						  signature->body_hash) };
	found->is_too_large = body.len > BODY_FORENSICS_MAX;
	if (found->is_too_large)
		return;
	search.work_each = body.len + body_line_count(body) * BODY_LINE_WORK;
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
