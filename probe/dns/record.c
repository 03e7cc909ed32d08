#include "probe/dns/record.h"

#include "probe/base/escape.h"
#include "probe/base/ip.h"
#include "probe/dns/name.h"

enum {
	CLASS_IN = 1,
	TYPE_DNAME = 39,
	TYPE_OPT = 41,
	OPTION_EDE = 15, /* RFC 8914 */
	FLAG_QR = 0x8000,
	FLAG_TC = 0x0200,
	FLAG_AD = 0x0020,
	OPCODE_MASK = 0x7800,
	NAME_JUMPS_MAX = 127, /* a name has no more labels than that */
};

/* A place in a message, and where the part that may be read ends. */
struct reader {
	const uint8_t *bytes;
	size_t len;
	size_t at;
};

static bool take16(struct reader *reader, unsigned *number)
{
	if (reader->len - reader->at < 2)
		return false;
	*number = (unsigned)reader->bytes[reader->at] << 8 |
		  reader->bytes[reader->at + 1];
	reader->at += 2;
	return true;
}

static bool take32(struct reader *reader, uint32_t *number)
{
	unsigned high, low;

	if (!take16(reader, &high) || !take16(reader, &low))
		return false;
	*number = (uint32_t)high << 16 | low;
	return true;
}

static struct span rest_of(const struct reader *reader)
{
	return (struct span){ (const char *)reader->bytes + reader->at,
		reader->len - reader->at };
}

/*
 * A name is labels until an empty one, or until a pointer to where it goes
 * on (RFC 1035, 4.1.4).  A pointer leads before the part it stands in, which
 * is what a compressor can know, and leaves no way to build a loop.
 */
struct name_walk {
	const struct reader *reader;
	size_t at;
	size_t part;  /* where the part being read began */
	size_t after; /* where the record goes on; 0: not known yet */
	size_t wire;
	unsigned jumps;
};

static bool jump(struct name_walk *walk)
{
	const struct reader *reader = walk->reader;
	size_t to;

	if (reader->len - walk->at < 2 || ++walk->jumps > NAME_JUMPS_MAX)
		return false;
	to = (size_t)(reader->bytes[walk->at] & 0x3f) << 8 |
	     reader->bytes[walk->at + 1];
	if (!walk->after)
		walk->after = walk->at + 2;
	if (to >= walk->part)
		return false;
	walk->at = walk->part = to;
	return true;
}

/* True with *len the label's, 0 at the end of the name. */
static bool next_label(struct name_walk *walk, size_t *len)
{
	const struct reader *reader = walk->reader;

	while (walk->at < reader->len &&
		(reader->bytes[walk->at] & 0xc0) == 0xc0)
		if (!jump(walk))
			return false;
	if (walk->at >= reader->len || reader->bytes[walk->at] & 0xc0)
		return false;
	*len = reader->bytes[walk->at++];
	walk->wire += *len + 1;
	return walk->wire <= NAME_WIRE_MAX && *len <= reader->len - walk->at;
}

static bool take_name(struct reader *reader, char room[static NAME_TEXT_MAX],
	struct span *name)
{
	struct name_walk walk = { reader, reader->at, reader->at, 0, 0, 0 };
	size_t text = 0, len;

	for (;;) {
		if (!next_label(&walk, &len))
			return false;
		if (!len)
			break;
		if (text)
			room[text++] = '.';
		text += name_print_label(
			room + text, reader->bytes + walk.at, len);
		walk.at += len;
	}
	if (!text)
		room[text++] = '.';
	reader->at = walk.after ? walk.after : walk.at;
	*name = (struct span){ room, text };
	return true;
}

struct record {
	char owner_room[NAME_TEXT_MAX];
	struct span owner;
	unsigned type;
	unsigned class;
	uint32_t ttl;
	struct reader body; /* ends where the record's data end */
};

static bool take_record(struct reader *reader, struct record *record)
{
	unsigned len;

	if (!take_name(reader, record->owner_room, &record->owner) ||
		!take16(reader, &record->type) ||
		!take16(reader, &record->class) ||
		!take32(reader, &record->ttl) || !take16(reader, &len) ||
		len > reader->len - reader->at)
		return false;
	if (record->type != TYPE_OPT && record->ttl > INT32_MAX)
		record->ttl = 0; /* RFC 2181, 8 */
	record->body = *reader;
	reader->at += len;
	record->body.len = reader->at;
	return true;
}

/* ---- the data of one record, in words; false: they are not well-formed */

static bool print_address(struct arena *arena, struct reader *body,
	enum family family, struct span *value)
{
	struct ip ip = { .family = family };
	size_t len = family == FAMILY_IPV4 ? 4 : 16;

	if (body->len - body->at != len)
		return false;
	memcpy(ip.bytes, body->bytes + body->at, len);
	*value = ip_text(arena, &ip);
	return true;
}

static bool print_name(
	struct arena *arena, struct reader *body, struct span *value)
{
	char room[NAME_TEXT_MAX];
	struct span name;

	if (!take_name(body, room, &name) || body->at != body->len)
		return false;
	*value = arena_copy(arena, name);
	return true;
}

static bool print_mx(
	struct arena *arena, struct reader *body, struct span *value)
{
	char room[NAME_TEXT_MAX];
	struct span host;
	unsigned preference;

	if (!take16(body, &preference) || !take_name(body, room, &host) ||
		body->at != body->len)
		return false;
	*value = arena_print(arena, "%u %.*s", preference, SPAN_ARG(host));
	return true;
}

/* One or more strings, each with a length byte (RFC 1035, 3.3.14). */
static bool print_txt(
	struct arena *arena, struct reader *body, struct span *value)
{
	struct span rest = rest_of(body);
	char *room = arena_take(arena, rest.len + 1);
	size_t at = 0;

	if (!rest.len)
		return false;
	while (rest.len) {
		size_t len = (unsigned char)rest.at[0];

		if (len > rest.len - 1)
			return false;
		memcpy(room + at, rest.at + 1, len);
		at += len;
		rest = span_part(rest, len + 1, rest.len);
	}
	*value = (struct span){ room, at };
	return true;
}

static bool print_tlsa(
	struct arena *arena, struct reader *body, struct span *value)
{
	struct span rest = rest_of(body);
	struct span hex;

	if (rest.len < 4)
		return false;
	hex = escape_hex(arena, span_part(rest, 3, rest.len));
	*value = arena_print(arena, "%u %u %u %.*s", (unsigned char)rest.at[0],
		(unsigned char)rest.at[1], (unsigned char)rest.at[2],
		SPAN_ARG(hex));
	return true;
}

struct soa {
	char mname_room[NAME_TEXT_MAX];
	char rname_room[NAME_TEXT_MAX];
	struct span mname, rname;
	uint32_t numbers[5]; /* serial refresh retry expire minimum */
};

static bool take_soa(struct reader *body, struct soa *soa)
{
	if (!take_name(body, soa->mname_room, &soa->mname) ||
		!take_name(body, soa->rname_room, &soa->rname))
		return false;
	for (size_t i = 0; i < COUNT_OF(soa->numbers); i++)
		if (!take32(body, &soa->numbers[i]))
			return false;
	return body->at == body->len;
}

static bool print_soa(
	struct arena *arena, struct reader *body, struct span *value)
{
	struct soa soa;

	if (!take_soa(body, &soa))
		return false;
	*value = arena_print(arena, "%.*s %.*s %u %u %u %u %u",
		SPAN_ARG(soa.mname), SPAN_ARG(soa.rname), soa.numbers[0],
		soa.numbers[1], soa.numbers[2], soa.numbers[3], soa.numbers[4]);
	return true;
}

static bool print_value(struct arena *arena, struct reader body,
	enum rr_type type, struct span *value)
{
	switch (type) {
	case RR_A:
		return print_address(arena, &body, FAMILY_IPV4, value);
	case RR_AAAA:
		return print_address(arena, &body, FAMILY_IPV6, value);
	case RR_CNAME:
	case RR_PTR:
		return print_name(arena, &body, value);
	case RR_MX:
		return print_mx(arena, &body, value);
	case RR_TXT:
		return print_txt(arena, &body, value);
	case RR_TLSA:
		return print_tlsa(arena, &body, value);
	case RR_SOA:
		return print_soa(arena, &body, value);
	case RR_POLICY:
		return false; /* no message carries it */
	}
	return false;
}

/* ---- a message */

struct message {
	struct arena *arena;
	struct response *response;
	struct reader records; /* stands at the first one */
	unsigned answer_count;
	unsigned authority_count;
	unsigned additional_count;
	struct span *values;
	size_t value_count, value_room;
	size_t dropped; /* values above the limit */
	size_t bad;     /* records not well-formed */
	unsigned told;  /* extended errors */
	uint32_t ttl;   /* the least so far */
	uint32_t negative_ttl;
	bool is_cut; /* it ends inside a record */
};

static void tell(struct message *message, struct span text)
{
	struct span *why = &message->response->answer.why;

	*why = why->len ? arena_print(message->arena, "%.*s; %.*s",
				  SPAN_ARG(*why), SPAN_ARG(text))
			: text;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static bool take_question(struct reader *reader,
	char room[static NAME_TEXT_MAX], struct span *name, unsigned *type)
{
	unsigned class;

	return take_name(reader, room, name) && take16(reader, type) &&
	       take16(reader, &class) && class == CLASS_IN;
}

struct header {
	unsigned id, flags;
	unsigned counts[4]; /* question answer authority additional */
};

static bool take_header(struct reader *reader, struct header *header)
{
	if (!take16(reader, &header->id) || !take16(reader, &header->flags))
		return false;
	for (size_t i = 0; i < COUNT_OF(header->counts); i++)
		if (!take16(reader, &header->counts[i]))
			return false;
	return true;
}

static struct reader reader_of(struct span bytes)
{
	return (struct reader){ (const uint8_t *)bytes.at, bytes.len, 0 };
}

/* NULL when the message answers the question; else what it is instead. */
static const char *message_open(struct message *message, struct span bytes,
	struct span name, enum rr_type type)
{
	char room[NAME_TEXT_MAX];
	struct response *response = message->response;
	struct header header;
	struct span asked;
	unsigned asked_type;

	message->records = reader_of(bytes);
	if (bytes.len > RECORD_MESSAGE_MAX ||
		!take_header(&message->records, &header))
		return "not a DNS message";
	if (!(header.flags & FLAG_QR) || header.flags & OPCODE_MASK)
		return "a DNS message, but not a response to a query";
	response->rcode = header.flags & 15;
	response->is_truncated = header.flags & FLAG_TC;
	response->answer.secure = header.flags & FLAG_AD;
	if (header.counts[0] != 1 ||
		!take_question(&message->records, room, &asked, &asked_type))
		return "the response does not repeat one question";
	if (asked_type != (unsigned)type || !span_is(asked, name))
		return "the response answers another question";
	message->answer_count = header.counts[1];
	message->authority_count = header.counts[2];
	message->additional_count = header.counts[3];
	return NULL;
}

/* Codes of RFC 8914, 5.2, and those registered since. */
/* clang-format off */
static const char *const ede_words[] = {
	"Other Error",
	"Unsupported DNSKEY Algorithm",
	"Unsupported DS Digest Type",
	"Stale Answer",
	"Forged Answer",
	"DNSSEC Indeterminate",
	"DNSSEC Bogus",
	"Signature Expired",
	"Signature Not Yet Valid",
	"DNSKEY Missing",
	"RRSIGs Missing",
	"No Zone Key Bit Set",
	"NSEC Missing",
	"Cached Error",
	"Not Ready",
	"Blocked",
	"Censored",
	"Filtered",
	"Prohibited",
	"Stale NXDOMAIN Answer",
	"Not Authoritative",
	"Not Supported",
	"No Reachable Authority",
	"Network Error",
	"Invalid Data",
	"Signature Expired before Valid",
	"Too Early",
	"Unsupported NSEC3 Iterations Value",
	"Unable to conform to policy",
	"Synthesized",
};
/* clang-format on */

static void tell_ede(struct message *message, struct reader option)
{
	struct span text;
	unsigned code;
	const char *word = "Extended DNS Error";

	if (!take16(&option, &code) || message->told++ >= RECORD_EDE_MAX)
		return;
	if (code < COUNT_OF(ede_words))
		word = ede_words[code];
	text = escape_text(message->arena,
		span_part(rest_of(&option), 0, RECORD_EDE_TEXT_MAX));
	tell(message, arena_print(message->arena, "%s (%u)%s%.*s", word, code,
			      text.len ? ": " : "", SPAN_ARG(text)));
}

static void look_at_opt(struct message *message, struct record *record)
{
	struct response *response = message->response;
	struct reader body = record->body;
	unsigned code, len;

	if (!response->has_edns)
		response->rcode |= (record->ttl >> 24) << 4;
	response->has_edns = true;
	while (take16(&body, &code) && take16(&body, &len) &&
		len <= body.len - body.at) {
		struct reader option = { body.bytes, body.at + len, body.at };

		if (code == OPTION_EDE)
			tell_ede(message, option);
		body.at += len;
	}
}

/* How long the absence may be remembered: RFC 2308, 5. */
static void look_at_soa(struct message *message, struct record *record)
{
	struct soa soa;

	if (take_soa(&record->body, &soa))
		message->negative_ttl = lesser(record->ttl, soa.numbers[4]);
}

/* One walk over all sections, for what is not an answer. */
static void look_around(struct message *message)
{
	struct reader reader = message->records;
	unsigned before = message->answer_count;
	unsigned between = before + message->authority_count;
	unsigned all = between + message->additional_count;
	struct record record;

	for (unsigned i = 0; i < all && i < RECORD_WALK_MAX; i++) {
		if (!take_record(&reader, &record)) {
			message->is_cut = true;
			return;
		}
		if (i >= between && record.type == TYPE_OPT)
			look_at_opt(message, &record);
		else if (i >= before && i < between && record.type == RR_SOA)
			look_at_soa(message, &record);
	}
}

/* ---- the answer section */

/* Where a name leads on to. */
struct step {
	enum { STEP_NONE, STEP_DNAME, STEP_CNAME } kind;
	char room[NAME_TEXT_MAX];
	struct span name;
	uint32_t ttl;
};

static void add_value(
	struct message *message, const struct record *record, enum rr_type type)
{
	struct span value;

	if (message->value_count == RECORD_VALUES_MAX) {
		message->dropped++;
		return;
	}
	if (!print_value(message->arena, record->body, type, &value)) {
		message->bad++;
		return;
	}
	message->values = arena_grow(message->arena, message->values,
		message->value_count, &message->value_room, sizeof(value));
	message->values[message->value_count++] = value;
	message->ttl = lesser(message->ttl, record->ttl);
}

static void step_to(struct step *step, struct span name)
{
	memcpy(step->room, name.at, name.len);
	step->name = (struct span){ step->room, name.len };
}

/* The step is left alone until the record has proved whole. */
static bool step_by_cname(struct step *step, struct reader body)
{
	char room[NAME_TEXT_MAX];
	struct span name;

	if (step->kind == STEP_CNAME)
		return true;
	if (!take_name(&body, room, &name) || body.at != body.len)
		return false;
	step_to(step, name);
	step->kind = STEP_CNAME;
	return true;
}

/* The end of the name that is the DNAME's owner gives way to its target. */
static bool step_by_dname(
	struct step *step, const struct record *record, struct span name)
{
	char target_room[NAME_TEXT_MAX], long_room[2 * NAME_TEXT_MAX];
	char room[NAME_TEXT_MAX];
	struct reader body = record->body;
	struct span target;
	const char *why;
	size_t keep, len;

	if (step->kind != STEP_NONE)
		return true;
	if (!take_name(&body, target_room, &target) || body.at != body.len)
		return false;
	keep = name.len;
	if (!span_is(record->owner, SPAN(".")))
		keep -= record->owner.len + 1;
	memcpy(long_room, name.at, keep);
	len = keep;
	if (!span_is(target, SPAN("."))) {
		long_room[len++] = '.';
		memcpy(long_room + len, target.at, target.len);
		len += target.len;
	}
	len = name_print((struct span){ long_room, len }, room, &why);
	if (!len)
		return false;
	step_to(step, (struct span){ room, len });
	step->kind = STEP_DNAME;
	return true;
}

static void visit(struct message *message, const struct record *record,
	struct span name, enum rr_type type, struct step *step)
{
	bool is_good = true;

	if (record->class != CLASS_IN)
		return;
	if (span_is(record->owner, name)) {
		if (record->type == (unsigned)type)
			add_value(message, record, type);
		else if (record->type == RR_CNAME)
			is_good = step_by_cname(step, record->body);
		else
			return;
	} else if (record->type == TYPE_DNAME &&
		   name_is_under(name, record->owner)) {
		is_good = step_by_dname(step, record, name);
	} else {
		return;
	}
	step->ttl = lesser(step->ttl, record->ttl);
	if (!is_good)
		message->bad++;
}

static void pass(struct message *message, struct span name, enum rr_type type,
	struct step *step)
{
	struct reader reader = message->records;
	struct record record;

	step->kind = STEP_NONE;
	step->ttl = UINT32_MAX;
	for (unsigned i = 0; i < message->answer_count && i < RECORD_WALK_MAX;
		i++) {
		if (!take_record(&reader, &record))
			return;
		visit(message, &record, name, type, step);
	}
}

/* False: the chain has no end. */
static bool follow(struct message *message, struct span name, enum rr_type type)
{
	char room[NAME_TEXT_MAX];
	struct span now = name;
	struct step step;
	unsigned steps = 0;

	for (;;) {
		pass(message, now, type, &step);
		if (message->value_count || step.kind == STEP_NONE)
			break;
		if (++steps > RECORD_CHAIN_MAX)
			return false;
		memcpy(room, step.name.at, step.name.len);
		now = (struct span){ room, step.name.len };
		message->ttl = lesser(message->ttl, step.ttl);
	}
	if (steps)
		message->response->answer.canonical = arena_copy(
			message->arena, now);
	return true;
}

/* ---- the verdict */

/* clang-format off */
static const struct rcode_row {
	unsigned rcode;
	enum answer_kind kind;
	const char *word;
} rcodes[] = {
	{ 0, ANSWER_DATA, "NOERROR" },
	{ 1, ANSWER_MALFORMED, "FORMERR" },
	{ 2, ANSWER_SERVFAIL, "SERVFAIL" },
	{ 3, ANSWER_NO_NAME, "NXDOMAIN" },
	{ 4, ANSWER_MALFORMED, "NOTIMP" },
	{ 5, ANSWER_REFUSED, "REFUSED" },
	{ 6, ANSWER_MALFORMED, "YXDOMAIN" },
	{ 9, ANSWER_REFUSED, "NOTAUTH" },
	{ 16, ANSWER_MALFORMED, "BADVERS" },
	{ 23, ANSWER_MALFORMED, "BADCOOKIE" },
};
/* clang-format on */

static enum answer_kind kind_of_rcode(struct message *message)
{
	unsigned rcode = message->response->rcode;

	for (size_t i = 0; i < COUNT_OF(rcodes); i++) {
		if (rcodes[i].rcode != rcode)
			continue;
		if (rcodes[i].kind == ANSWER_MALFORMED)
			tell(message, arena_print(message->arena,
					      "the server answered %s",
					      rcodes[i].word));
		return rcodes[i].kind;
	}
	tell(message, arena_print(message->arena,
			      "the server answered with code %u", rcode));
	return ANSWER_MALFORMED;
}

static void tell_faults(struct message *message, enum rr_type type)
{
	if (message->bad)
		tell(message,
			arena_print(message->arena,
				"%zu %s not well-formed (%s asked)",
				message->bad,
				message->bad == 1 ? "record is" : "records are",
				rr_type_word(type)));
	if (message->dropped)
		tell(message, arena_print(message->arena,
				      "%zu records more than %d left out",
				      message->dropped, RECORD_VALUES_MAX));
	if (message->is_cut)
		tell(message, SPAN("the response ends inside a record"));
	if (message->response->is_truncated)
		tell(message, SPAN("the response was truncated"));
}

/* NOERROR: with records, without, or so broken that it says neither. */
static void settle_found(struct message *message, bool has_end)
{
	struct answer *answer = &message->response->answer;

	if (!has_end)
		tell(message, SPAN("the CNAME chain is a loop or too long"));
	if (message->value_count) {
		answer->kind = ANSWER_DATA;
		answer->values = message->values;
		answer->value_count = message->value_count;
		answer->ttl = message->ttl;
	} else if (has_end && !message->bad && !message->is_cut &&
		   !message->response->is_truncated) {
		answer->kind = ANSWER_NONE;
		answer->ttl = lesser(message->ttl, message->negative_ttl);
	}
}

void record_answer(struct arena *arena, struct span bytes, struct span name,
	enum rr_type type, struct response *response)
{
	struct message message = {
		.arena = arena, .response = response, .ttl = UINT32_MAX
	};
	struct answer *answer = &response->answer;
	const char *bad;
	enum answer_kind kind;
	bool has_end;

	*response = (struct response){ .answer.kind = ANSWER_MALFORMED };
	bad = message_open(&message, bytes, name, type);
	if (bad) {
		answer->why = span_of(bad);
		answer->secure = false;
		return;
	}
	look_around(&message);
	kind = kind_of_rcode(&message);
	if (kind != ANSWER_DATA && kind != ANSWER_NO_NAME) {
		answer->kind = kind;
		answer->secure = false;
		return;
	}
	has_end = follow(&message, name, type);
	if (kind == ANSWER_DATA) {
		settle_found(&message, has_end);
	} else {
		answer->kind = ANSWER_NO_NAME;
		answer->ttl = lesser(message.ttl, message.negative_ttl);
	}
	if (answer->kind == ANSWER_MALFORMED)
		answer->secure = false;
	tell_faults(&message, type);
}

bool record_question(struct arena *arena, struct span message,
	struct span *name, unsigned *type)
{
	char room[NAME_TEXT_MAX];
	struct reader reader = reader_of(message);
	struct header header;
	struct span asked;

	if (!take_header(&reader, &header) || !header.counts[0] ||
		!take_question(&reader, room, &asked, type))
		return false;
	*name = arena_copy(arena, asked);
	return true;
}
