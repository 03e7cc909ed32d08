#include "probe/policy/dkim_signature.h"

#include "probe/base/base64.h"
#include "probe/dns/name.h"

/* A signature on its way from bytes to struct. */
struct reading {
	struct arena *arena;
	struct dkim_signature *signature;
};

enum { QUOTED_MAX = 60 };

/* The first fault is the one that counts. */
static void blame(struct reading *reading, enum dkim_fault fault,
	const char *words, struct span quoted)
{
	struct dkim_signature *signature = reading->signature;

	if (signature->fault != DKIM_SOUND)
		return;
	signature->fault = fault;
	signature->why = arena_print(reading->arena, "%s%.*s%s", words,
		SPAN_ARG(span_part(quoted, 0, QUOTED_MAX)),
		quoted.len > QUOTED_MAX ? "..." : "");
}

static const struct tag *get(const struct reading *reading, const char *name)
{
	return tag_list_get(&reading->signature->tags, name);
}

/* The tag, or a fault. */
static const struct tag *must_have(struct reading *reading, const char *name)
{
	const struct tag *tag = get(reading, name);

	if (!tag)
		blame(reading, DKIM_MISSING_TAG, "the signature lacks the tag ",
			arena_print(reading->arena, "%s=", name));
	return tag;
}

static void read_version(struct reading *reading)
{
	const struct tag *tag = get(reading, "v");

	if (reading->signature->kind != DKIM_SIGNATURE)
		return;
	if (!tag)
		blame(reading, DKIM_BAD_VERSION,
			"the signature has no version, v=1", SPAN(""));
	else if (!span_is(tag->value, SPAN("1")))
		blame(reading, DKIM_BAD_VERSION,
			"the signature's version is not 1 but ", tag->value);
}

static void read_algorithm(struct reading *reading)
{
	struct dkim_signature *signature = reading->signature;
	const struct tag *tag = must_have(reading, "a");

	signature->algorithm = DKIM_ALGORITHM_OTHER;
	if (!tag)
		return;
	for (int i = DKIM_RSA_SHA256; i < DKIM_ALGORITHM_OTHER; i++)
		if (span_is(tag->value, span_of(dkim_algorithm_word(
						(enum dkim_algorithm)i))))
			signature->algorithm = (enum dkim_algorithm)i;
	if (signature->algorithm == DKIM_ALGORITHM_OTHER)
		blame(reading, DKIM_BAD_ALGORITHM,
			"the algorithm is none of DKIM's: ", tag->value);
	if (signature->algorithm == DKIM_RSA_SHA1)
		blame(reading, DKIM_OLD_ALGORITHM,
			"rsa-sha1 must not be accepted any more", SPAN(""));
}

static void read_octets(
	struct reading *reading, const char *name, struct span *octets)
{
	const struct tag *tag = must_have(reading, name);

	if (!tag)
		return;
	if (!base64_decode(reading->arena, tag->value, octets) ||
		!octets->len || octets->len > DKIM_SIGNED_VALUE_MAX)
		blame(reading, DKIM_BAD_TAG, "no base64 stands in ",
			arena_print(reading->arena, "%s=", name));
}

/*      sig-c-tag = "c" "=" sig-c-tag-alg [ "/" sig-c-tag-alg ]    */
static void read_canon(struct reading *reading)
{
	struct dkim_signature *signature = reading->signature;
	const struct tag *tag = get(reading, "c");
	struct span header, body;

	if (!tag)
		return;
	body = tag->value;
	header = span_cut(&body, '/');
	if (header.len == tag->value.len)
		body = SPAN("simple");
	if (!canon_parse(header, &signature->header_canon) ||
		!canon_parse(body, &signature->body_canon))
		blame(reading, DKIM_BAD_CANON,
			"the canonicalization is none of DKIM's: ", tag->value);
}

/*
 * Letters, digits, hyphens; and the underscore, which the RFC leaves out and
 * the DNS does not.  U-labels become A-labels (RFC 8616 section 4).
 */
static bool read_name(struct arena *arena, struct span text, struct span *name)
{
	const char *why;

	if (!name_to_ascii(arena, text, name, &why) ||
		span_is(*name, SPAN(".")))
		return false;
	for (size_t i = 0; i < name->len; i++) {
		char c = name->at[i];

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' &&
			c != '_' && c != '.')
			return false;
	}
	return true;
}

static void read_place(
	struct reading *reading, const char *tag_name, struct span *name)
{
	const struct tag *tag = must_have(reading, tag_name);

	if (!tag || read_name(reading->arena, tag->value, name))
		return;
	*name = SPAN("");
	blame(reading, DKIM_BAD_DOMAIN,
		tag_name[0] == 'd' ? "the signing domain is no domain name: "
				   : "the selector is no domain name: ",
		tag->value);
}

/*      dkim-quoted-printable, RFC 6376 section 2.11    */
static struct span decode_quoted(struct arena *arena, struct span text)
{
	struct span squeezed = tag_squeeze(arena, text);
	char *room = arena_take(arena, squeezed.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < squeezed.len; i++) {
		char c = squeezed.at[i];

		if (c == '=' && i + 2 < squeezed.len) {
			int high = ascii_hex_digit(squeezed.at[i + 1]);
			int low = ascii_hex_digit(squeezed.at[i + 2]);

			if (high >= 0 && low >= 0) {
				c = (char)(high << 4 | low);
				i += 2;
			}
		}
		room[len++] = c;
	}
	return (struct span){ room, len };
}

static size_t last_at_sign(struct span text)
{
	size_t at = text.len;

	while (at && text.at[at - 1] != '@')
		at--;
	return at ? at - 1 : text.len;
}

/*      sig-i-tag = "i" "=" [ Local-part ] "@" domain-name    */
static void read_identity(struct reading *reading)
{
	struct dkim_signature *signature = reading->signature;
	const struct tag *tag = get(reading, "i");
	struct span text, domain;
	size_t at;

	signature->identity = arena_print(
		reading->arena, "@%.*s", SPAN_ARG(signature->domain));
	if (!tag)
		return;
	text = decode_quoted(reading->arena, tag->value);
	at = last_at_sign(text);
	signature->identity = text;
	if (at == text.len ||
		!read_name(reading->arena, span_part(text, at + 1, text.len),
			&domain)) {
		blame(reading, DKIM_BAD_IDENTITY,
			"the identity has no domain: ", text);
		return;
	}
	signature->identity = arena_print(reading->arena, "%.*s@%.*s",
		SPAN_ARG(span_part(text, 0, at)), SPAN_ARG(domain));
	if (signature->domain.len && !name_is_under(domain, signature->domain))
		blame(reading, DKIM_BAD_IDENTITY,
			"the identity is not under the signing domain: ", text);
}

/*      arc-instance = 1*2DIGIT, from 1 to 50    */
static void read_instance(struct reading *reading)
{
	const struct tag *tag = must_have(reading, "i");
	unsigned long number;

	if (!tag)
		return;
	if (span_number(tag->value, ARC_INSTANCE_MAX, &number) && number > 0)
		reading->signature->instance = (unsigned)number;
	else
		blame(reading, DKIM_BAD_TAG,
			"the instance is no number from 1 to 50: ", tag->value);
}

static void read_names(struct reading *reading)
{
	struct dkim_signature *signature = reading->signature;
	const struct tag *tag = must_have(reading, "h");
	struct span *names = NULL;
	size_t room = 0;
	struct span rest;

	if (!tag)
		return;
	rest = tag_squeeze(reading->arena, tag->value);
	while (rest.len && signature->name_count < DKIM_NAMES_MAX) {
		struct span name = span_cut(&rest, ':');

		if (!name.len)
			continue;
		names = arena_grow(reading->arena, names, signature->name_count,
			&room, sizeof(*names));
		names[signature->name_count++] = name;
	}
	signature->names = names;
	if (rest.len)
		blame(reading, DKIM_BAD_TAG, "h= has too many names", SPAN(""));
	if (signature->kind == DKIM_SIGNATURE &&
		!dkim_signature_covers(signature, SPAN("From")))
		blame(reading, DKIM_FROM_UNSIGNED,
			"h= does not name From: ", tag->value);
}

/* A number of any length; what is over the top stays at the top. */
static bool read_number(struct span text, uint64_t *number)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (!ascii_is_digit(text.at[i]))
			return false;
		if (sum > (UINT64_MAX - 10) / 10)
			sum = (UINT64_MAX - 10) / 10;
		sum = sum * 10 + (uint64_t)(text.at[i] - '0');
	}
	*number = sum;
	return text.len > 0;
}

static bool read_count(
	struct reading *reading, const char *name, uint64_t *number)
{
	const struct tag *tag = get(reading, name);

	if (!tag)
		return false;
	if (read_number(tag->value, number))
		return true;
	blame(reading, DKIM_BAD_TAG, "no number stands in ",
		arena_print(reading->arena, "%s=%.*s", name,
			SPAN_ARG(span_part(tag->value, 0, QUOTED_MAX))));
	return false;
}

static void read_times(struct reading *reading)
{
	struct dkim_signature *signature = reading->signature;

	signature->has_time = read_count(reading, "t", &signature->time);
	signature->has_expiry = read_count(reading, "x", &signature->expiry);
	if (signature->has_time && signature->has_expiry &&
		signature->expiry <= signature->time)
		blame(reading, DKIM_BAD_TIMES, "it expires before it was made",
			SPAN(""));
}

/* "dns" alone is what some write for "dns/txt", the only method there is. */
static void read_query(struct reading *reading)
{
	const struct tag *tag = get(reading, "q");
	struct span rest;

	if (!tag)
		return;
	rest = tag_squeeze(reading->arena, tag->value);
	while (rest.len) {
		struct span method = span_cut(&rest, ':');

		if (span_is(method, SPAN("dns/txt")) ||
			span_is(method, SPAN("dns")))
			return;
	}
	blame(reading, DKIM_BAD_QUERY,
		"the key is not to be had by DNS: q=", tag->value);
}

static void read_tags(struct reading *reading)
{
	struct dkim_signature *signature = reading->signature;
	bool is_seal = signature->kind == DKIM_ARC_SEAL;

	read_version(reading);
	read_octets(reading, "b", &signature->signature);
	if (!is_seal)
		read_octets(reading, "bh", &signature->body_hash);
	read_algorithm(reading);
	read_place(reading, "d", &signature->domain);
	read_place(reading, "s", &signature->selector);
	if (!is_seal) {
		read_canon(reading);
		read_names(reading);
	}
	if (signature->kind == DKIM_SIGNATURE)
		read_identity(reading);
	else
		read_instance(reading);
	if (is_seal && must_have(reading, "cv"))
		signature->chain = tag_list_value(&signature->tags, "cv");
	if (!is_seal && !read_count(reading, "l", &signature->body_length))
		signature->body_length = CANON_WHOLE;
	read_query(reading);
	read_times(reading);
}

bool dkim_signature_parse(struct arena *arena, enum dkim_kind kind,
	const struct header_field *field, struct dkim_signature *signature)
{
	struct reading reading = { arena, signature };

	*signature = (struct dkim_signature){
		.kind = kind,
		.field = field,
		.body_length = CANON_WHOLE,
		.header_canon = kind == DKIM_ARC_SEAL ? CANON_RELAXED
						      : CANON_SIMPLE,
	};
	if (!tag_list_parse(arena, field->value, &signature->tags))
		blame(&reading, DKIM_BAD_TAGS,
			tag_fault_text(signature->tags.fault), SPAN(""));
	read_tags(&reading);
	return signature->fault == DKIM_SOUND;
}

struct span dkim_signature_key_name(
	struct arena *arena, const struct dkim_signature *signature)
{
	if (!signature->domain.len || !signature->selector.len)
		return SPAN("");
	return arena_print(arena, "%.*s._domainkey.%.*s",
		SPAN_ARG(signature->selector), SPAN_ARG(signature->domain));
}

/* What stands before "=" in a piece of a tag list, trimmed, is "b". */
static bool is_b(struct span name)
{
	bool has_b = false;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];

		if (c == 'b' && !has_b)
			has_b = true;
		else if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return false;
	}
	return has_b;
}

struct span dkim_signature_without_b(struct arena *arena, struct span raw)
{
	struct span rest = raw;
	size_t from, to;
	char *room;

	span_cut(&rest, ':');
	for (;;) {
		struct span piece = span_cut(&rest, ';');
		size_t equals = span_find(piece, '=');

		from = (size_t)(piece.at - raw.at) + equals + 1;
		to = (size_t)(piece.at - raw.at) + piece.len;
		if (equals < piece.len && is_b(span_part(piece, 0, equals)))
			break;
		if (!rest.len)
			return raw;
	}
	room = arena_take(arena, raw.len + 1);
	memcpy(room, raw.at, from);
	memcpy(room + from, raw.at + to, raw.len - to);
	return (struct span){ room, raw.len - (to - from) };
}

bool dkim_signature_covers(
	const struct dkim_signature *signature, struct span name)
{
	for (size_t i = 0; i < signature->name_count; i++)
		if (span_is_nocase(signature->names[i], name))
			return true;
	return false;
}

/*
 * The lowest field of that name that is not taken yet.  The signature's own
 * field is never meant (3.5, h=).
 */
static const struct header_field *pick_one(const struct header *header,
	const struct header_field *own, struct span name, bool *taken)
{
	for (size_t i = header->count; i > 0; i--) {
		const struct header_field *field = &header->fields[i - 1];

		if (taken[i - 1] || field == own ||
			!span_is_nocase(field->name, name))
			continue;
		taken[i - 1] = true;
		return field;
	}
	return NULL;
}

size_t dkim_signature_pick(struct arena *arena, const struct header *header,
	const struct dkim_signature *signature,
	const struct header_field *const **fields)
{
	size_t most = signature->name_count < header->count
			      ? signature->name_count
			      : header->count;
	const struct header_field **picked = arena_take(
		arena, (most + 1) * sizeof(struct header_field *));
	bool *taken = arena_take(arena, header->count + 1);
	size_t count = 0;

	for (size_t i = 0; i < signature->name_count; i++) {
		const struct header_field *field = pick_one(
			header, signature->field, signature->names[i], taken);

		if (field)
			picked[count++] = field;
	}
	*fields = (const struct header_field *const *)picked;
	return count;
}

struct span dkim_signed_text(struct arena *arena, enum canon canon,
	const struct header_field *const *fields, size_t count,
	struct span last)
{
	size_t most = CANON_FIELD_MAX(last.len), len = 0;
	char *room;

	for (size_t i = 0; i < count; i++)
		most += CANON_FIELD_MAX(fields[i]->raw.len) + 2;
	room = arena_take(arena, most + 1);
	for (size_t i = 0; i < count; i++) {
		len += canon_field_print(canon, fields[i]->raw, room + len);
		room[len++] = '\r';
		room[len++] = '\n';
	}
	len += canon_field_print(canon, last, room + len);
	return (struct span){ room, len };
}

enum dkim_digest dkim_algorithm_digest(enum dkim_algorithm algorithm)
{
	return algorithm == DKIM_RSA_SHA1 ? DKIM_SHA1 : DKIM_SHA256;
}

const char *dkim_algorithm_word(enum dkim_algorithm algorithm)
{
	switch (algorithm) {
	case DKIM_RSA_SHA256:
		return "rsa-sha256";
	case DKIM_ED25519_SHA256:
		return "ed25519-sha256";
	case DKIM_RSA_SHA1:
		return "rsa-sha1";
	case DKIM_ALGORITHM_OTHER:
		break;
	}
	return "unknown";
}

/* One row a fault, in the order of the enum. */
/* clang-format off */
static const struct {
	const char *word, *section;
} faults[] = {
	[DKIM_SOUND]         = { "sound", "" },
	[DKIM_BAD_TAGS]      = { "bad-tags", "RFC 6376 section 3.2" },
	[DKIM_BAD_VERSION]   = { "bad-version", "RFC 6376 section 3.5" },
	[DKIM_MISSING_TAG]   = { "missing-tag", "RFC 6376 section 3.5" },
	[DKIM_BAD_TAG]       = { "bad-tag", "RFC 6376 section 3.5" },
	[DKIM_BAD_ALGORITHM] = { "bad-algorithm", "RFC 6376 section 3.5" },
	[DKIM_OLD_ALGORITHM] = { "old-algorithm", "RFC 8301 section 3.1" },
	[DKIM_BAD_CANON]     = { "bad-canon", "RFC 6376 section 3.5" },
	[DKIM_BAD_DOMAIN]    = { "bad-domain", "RFC 6376 section 3.5" },
	[DKIM_BAD_IDENTITY]  = { "bad-identity", "RFC 6376 section 3.5" },
	[DKIM_FROM_UNSIGNED] = { "from-unsigned", "RFC 6376 section 5.4" },
	[DKIM_BAD_QUERY]     = { "bad-query", "RFC 6376 section 3.5" },
	[DKIM_BAD_TIMES]     = { "bad-times", "RFC 6376 section 3.5" },
	[DKIM_EXPIRED]       = { "expired", "RFC 6376 section 3.5" },
};
/* clang-format on */

const char *dkim_fault_word(enum dkim_fault fault)
{
	return faults[fault].word;
}

const char *dkim_fault_section(enum dkim_fault fault)
{
	return faults[fault].section;
}
