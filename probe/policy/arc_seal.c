#include "probe/policy/arc_seal.h"

#include <openssl/evp.h>

#include "probe/base/base64.h"
#include "probe/mail/reader.h"

enum {
	LINE_COLUMNS = 72, /* without the white space of a fold */
	WORD_MAX = 900,    /* below the 998 of RFC 5322, 2.1.1 */
	PARTS = 3,         /* of a set */
};

/* Text that grows, and the column at which it stands. */
struct page {
	struct arena *arena;
	char *bytes;
	size_t len, room;
	size_t column;
};

static void put(struct page *page, struct span text)
{
	while (page->len + text.len > page->room)
		page->bytes = arena_grow(
			page->arena, page->bytes, page->room, &page->room, 1);
	if (text.len)
		memcpy(page->bytes + page->len, text.at, text.len);
	page->len += text.len;
	page->column += text.len;
}

static struct span page_text(const struct page *page)
{
	return (struct span){ page->bytes, page->len };
}

static void fold(struct page *page)
{
	put(page, SPAN("\r\n    "));
	page->column = 0;
}

/*
 * Words parted by one blank, which is a fold where the line is full: relaxed
 * canonicalization makes a space of either.  A fold inside a word would become
 * a space that was not there, and the seal covers the message signature as it
 * is printed; so a word stays in one piece, as the public suite has it, as long
 * as a line can hold it.
 */
static void put_word(struct page *page, struct span word)
{
	if (page->column + 1 + word.len > LINE_COLUMNS)
		fold(page);
	else
		put(page, SPAN(" "));
	while (word.len > WORD_MAX) {
		put(page, span_part(word, 0, WORD_MAX));
		fold(page);
		word = span_part(word, WORD_MAX, word.len);
	}
	put(page, word);
}

static void put_words(struct page *page, struct span text)
{
	while (text.len) {
		struct span word = span_cut(&text, ' ');

		if (word.len)
			put_word(page, word);
	}
}

/*
 *      ARC-Authentication-Results: i=1; lists.example.org; spf=pass ...
 *
 * RFC 8617 section 4.1.1; "none" where nothing was found: RFC 8601 section 2.2.
 */
static struct span print_results(struct arena *arena,
	const struct arc_sealing *sealing, unsigned instance)
{
	struct page page = { .arena = arena };
	struct span results = header_unfold(arena, sealing->results);

	put(&page, SPAN("ARC-Authentication-Results:"));
	put_words(&page, arena_print(arena, "i=%u; %.*s;", instance,
				 SPAN_ARG(sealing->authserv_id)));
	put_words(&page, results.len ? results : SPAN("none"));
	return page_text(&page);
}

struct part {
	const char *name; /* of a tag */
	struct span value;
};

/* Tags in alphabetical order: that, too, is the suite's form. */
static struct span print_tags(struct arena *arena, const char *name,
	const struct part *parts, size_t count)
{
	struct page page = { .arena = arena };

	put(&page, span_of(name));
	put(&page, SPAN(":"));
	for (size_t i = 0; i < count; i++)
		put_word(&page, arena_print(arena, "%s=%.*s%s", parts[i].name,
					SPAN_ARG(parts[i].value),
					i + 1 < count ? ";" : ""));
	return page_text(&page);
}

struct sealing_field {
	const char *name;
	struct part parts[10];
	size_t count;
	size_t b; /* index of b= */
};

static void add(
	struct sealing_field *field, const char *name, struct span value)
{
	if (strcmp(name, "b") == 0)
		field->b = field->count;
	field->parts[field->count++] = (struct part){ name, value };
}

static void add_time(struct arena *arena, struct sealing_field *field,
	const struct arc_sealing *sealing)
{
	if (sealing->time)
		add(field, "t",
			arena_print(arena, "%llu",
				(unsigned long long)sealing->time));
}

static struct span print_field(
	struct arena *arena, struct sealing_field *field, struct span b)
{
	field->parts[field->b].value = base64_encode(arena, b);
	return print_tags(arena, field->name, field->parts, field->count);
}

/*
 * The field is laid out with another signature of the same length first, since
 * simple canonicalization sees where it is folded.
 */
static struct span sign(struct arena *arena, const struct arc_sealing *sealing,
	struct sealing_field *field, const struct header_field *const *fields,
	size_t count)
{
	const struct dkim_secret *secret = sealing->secret;
	bool is_seal = strcmp(field->name, "ARC-Seal") == 0;
	struct span other = dkim_secret_sign(arena, secret, SPAN(""));
	struct span last = dkim_signature_without_b(
		arena, print_field(arena, field, other));
	struct span text = dkim_signed_text(arena,
		is_seal ? CANON_RELAXED : sealing->header_canon, fields, count,
		last);

	return print_field(arena, field, dkim_secret_sign(arena, secret, text));
}

/* What is made of one message. */
struct work {
	struct arena *arena;
	const struct arc_sealing *sealing;
	struct header header;
	struct span body;
	const struct arc_chain *chain;
	const struct span *names; /* h= */
	size_t name_count;
	unsigned instance;
	struct header_field made[PARTS]; /* results, message
						   signature, seal */
};

static struct span print_names(
	struct arena *arena, const struct span *names, size_t count)
{
	struct page page = { .arena = arena };

	for (size_t i = 0; i < count; i++) {
		put(&page, i ? SPAN(":") : SPAN(""));
		put(&page, names[i]);
	}
	return page_text(&page);
}

/* A field of ours as if it had been read. */
static struct header_field as_field(struct span raw)
{
	size_t colon = span_find(raw, ':');

	return (struct header_field){ .raw = raw,
		.name = span_part(raw, 0, colon),
		.value = span_part(raw, colon + 1, raw.len) };
}

static struct span algorithm_of(const struct arc_sealing *sealing)
{
	return span_of(
		dkim_algorithm_word(dkim_secret_algorithm(sealing->secret)));
}

/* The fields of h=, the new results among them: they stand on top by now. */
static size_t pick(struct work *work, const struct header_field *const **fields)
{
	struct dkim_signature wanted = { .kind = DKIM_ARC_MESSAGE,
		.names = work->names,
		.name_count = work->name_count };
	const struct header *old = &work->header;
	struct header_field *all = arena_take(
		work->arena, (old->count + 1) * sizeof(*all));
	struct header header = { .fields = all, .count = old->count + 1 };

	all[0] = work->made[0];
	if (old->count)
		memcpy(all + 1, old->fields, old->count * sizeof(*all));
	return dkim_signature_pick(work->arena, &header, &wanted, fields);
}

static struct span body_hash(const struct work *work)
{
	struct span body = canon_body(
		work->arena, work->sealing->body_canon, work->body);
	unsigned char octets[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	EVP_Digest(body.at ? body.at : "", body.len, octets, &len, EVP_sha256(),
		NULL);
	return base64_encode(
		work->arena, (struct span){ (const char *)octets, len });
}

static struct span print_message_signature(struct work *work)
{
	const struct arc_sealing *sealing = work->sealing;
	struct sealing_field field = { .name = "ARC-Message-Signature" };
	const struct header_field *const *fields;
	size_t count = pick(work, &fields);

	add(&field, "a", algorithm_of(sealing));
	add(&field, "b", SPAN(""));
	add(&field, "bh", body_hash(work));
	add(&field, "c",
		arena_print(work->arena, "%s/%s",
			canon_word(sealing->header_canon),
			canon_word(sealing->body_canon)));
	add(&field, "d", sealing->domain);
	add(&field, "h",
		print_names(work->arena, work->names, work->name_count));
	add(&field, "i", arena_print(work->arena, "%u", work->instance));
	add(&field, "s", sealing->selector);
	add_time(work->arena, &field, sealing);
	return sign(work->arena, sealing, &field, fields, count);
}

static const char *chain_value(const struct arc_chain *chain)
{
	switch (chain->result) {
	case ARC_NONE:
		return "none";
	case ARC_PASS:
		return "pass";
	case ARC_FAIL:
	case ARC_OPEN:
	case ARC_TEMPERROR:
		return "fail";
	}
	return "fail";
}

/* A chain that failed is not covered: section 5.1.2. */
static struct span print_seal(struct work *work)
{
	const struct arc_sealing *sealing = work->sealing;
	const struct header_field *fields[PARTS * ARC_INSTANCE_MAX];
	struct sealing_field field = { .name = "ARC-Seal" };
	size_t count = 0;

	for (size_t i = 0;
		work->chain->result == ARC_PASS && i < work->chain->count;
		i++) {
		const struct arc_set *set = &work->chain->sets[i];

		fields[count++] = set->results_field;
		fields[count++] = set->message_signature->field;
		fields[count++] = set->seal->field;
	}
	fields[count++] = &work->made[0];
	fields[count++] = &work->made[1];
	add(&field, "a", algorithm_of(sealing));
	add(&field, "b", SPAN(""));
	add(&field, "cv", span_of(chain_value(work->chain)));
	add(&field, "d", sealing->domain);
	add(&field, "i", arena_print(work->arena, "%u", work->instance));
	add(&field, "s", sealing->selector);
	add_time(work->arena, &field, sealing);
	return sign(work->arena, sealing, &field, fields, count);
}

/* The seal on top. */
static struct span join(const struct work *work)
{
	struct page page = { .arena = work->arena };

	for (size_t i = PARTS; i > 0; i--) {
		put(&page, work->made[i - 1].raw);
		put(&page, SPAN("\r\n"));
	}
	return page_text(&page);
}

static const char *why_left_alone(const struct arc_chain *chain)
{
	if (chain->fault == ARC_SEALED_AS_FAILED)
		return "the chain was sealed as failed already";
	if (chain->count >= ARC_INSTANCE_MAX)
		return "the chain has 50 sets";
	return NULL;
}

/* What cannot be folded into a header field. */
static bool has_control(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if ((c < ' ' && !strchr("\t\r\n", c)) || c == 0x7f || c == 0)
			return true;
	}
	return false;
}

static const char *why_not(
	const struct arc_sealing *sealing, const struct arc_chain *chain)
{
	if (chain->result == ARC_OPEN || chain->result == ARC_TEMPERROR)
		return "it is not known what the chain so far is worth";
	if (!sealing->secret)
		return "there is no key";
	if (!sealing->domain.len || !sealing->selector.len)
		return "there is no domain or no selector";
	if (!sealing->authserv_id.len)
		return "there is no authserv-id";
	if (has_control(sealing->results))
		return "the results have a control character in them";
	return NULL;
}

enum arc_sealed arc_seal(struct arena *arena, const struct arc_sealing *sealing,
	struct span message, const struct arc_chain *chain, struct span *fields,
	const char **why)
{
	struct work work = { .arena = arena,
		.sealing = sealing,
		.chain = chain,
		.instance = (unsigned)chain->count + 1,
		.names = sealing->names,
		.name_count = sealing->name_count };

	*fields = SPAN("");
	*why = why_left_alone(chain);
	if (*why)
		return ARC_LEFT_ALONE;
	*why = why_not(sealing, chain);
	if (*why)
		return ARC_NOT_SEALED;
	work.body = mail_split(arena, message, &work.header);
	if (!work.names)
		work.name_count = arc_default_names(
			arena, &work.header, &work.names);
	work.made[0] = as_field(print_results(arena, sealing, work.instance));
	work.made[1] = as_field(print_message_signature(&work));
	work.made[2] = as_field(print_seal(&work));
	*fields = join(&work);
	return ARC_SEALED;
}

size_t arc_default_names(struct arena *arena, const struct header *header,
	const struct span **names)
{
	const struct span *usual;
	size_t count = dkim_default_names(arena, header, &usual);
	size_t signatures = header_count(header, SPAN("DKIM-Signature"));
	struct span *all = arena_take(
		arena, (count + signatures + 1) * sizeof(*all));

	if (count)
		memcpy(all, usual, count * sizeof(*all));
	for (size_t i = 0; i < signatures; i++)
		all[count++] = SPAN("DKIM-Signature");
	*names = all;
	return count;
}

struct span arc_results_of(struct arena *arena, const struct header *header,
	struct span authserv_id)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < header->count; i++) {
		struct span text, id;

		if (!span_is_nocase(header->fields[i].name,
			    SPAN("Authentication-Results")))
			continue;
		text = header_unfold(arena, header->fields[i].value);
		id = span_trim(span_cut(&text, ';'));
		text = span_trim(text);
		if (text.len && text.at[text.len - 1] == ';')
			text.len--;
		if (!span_is_nocase(span_cut(&id, ' '), authserv_id))
			continue;
		all = all.len ? arena_print(arena, "%.*s; %.*s", SPAN_ARG(all),
					SPAN_ARG(text))
			      : text;
	}
	return all;
}
