#include "probe/dns/record.h"

#include "probe/dns/answer_section.h"
#include "probe/dns/extended_error.h"
#include "probe/dns/record_value.h"

enum {
	OPTION_EDE = 15, /* RFC 8914 */
	FLAG_QR = 0x8000,
	FLAG_TC = 0x0200,
	FLAG_AD = 0x0020,
	OPCODE_MASK = 0x7800,
};

struct message {
	struct arena *arena;
	struct response *response;
	struct answer_section found;
	unsigned authority_count;
	unsigned additional_count;
	unsigned told; /* extended errors */
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

static bool take_question(struct cursor *cursor,
	char room[static NAME_TEXT_MAX], struct span *name, unsigned *type)
{
	unsigned class;

	return cursor_take_name(cursor, room, name) &&
	       cursor_take16(cursor, type) && cursor_take16(cursor, &class) &&
	       class == WIRE_CLASS_IN;
}

struct header {
	unsigned id, flags;
	unsigned counts[4]; /* question answer authority additional */
};

static bool take_header(struct cursor *cursor, struct header *header)
{
	if (!cursor_take16(cursor, &header->id) ||
		!cursor_take16(cursor, &header->flags))
		return false;
	for (size_t i = 0; i < COUNT_OF(header->counts); i++)
		if (!cursor_take16(cursor, &header->counts[i]))
			return false;
	return true;
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

	message->found.records = cursor_of(bytes);
	if (bytes.len > RECORD_MESSAGE_MAX ||
		!take_header(&message->found.records, &header))
		return "not a DNS message";
	if (!(header.flags & FLAG_QR) || header.flags & OPCODE_MASK)
		return "a DNS message, but not a response to a query";
	response->rcode = header.flags & 15;
	response->is_truncated = header.flags & FLAG_TC;
	response->answer.secure = header.flags & FLAG_AD;
	if (header.counts[0] != 1 || !take_question(&message->found.records,
					     room, &asked, &asked_type))
		return "the response does not repeat one question";
	if (asked_type != (unsigned)type || !span_is(asked, name))
		return "the response answers another question";
	message->found.count = header.counts[1];
	message->authority_count = header.counts[2];
	message->additional_count = header.counts[3];
	return NULL;
}

static void tell_ede(struct message *message, struct cursor option)
{
	struct span words;

	if (message->told == RECORD_EDE_MAX ||
		!extended_error_print(message->arena, option, &words))
		return;
	message->told++;
	tell(message, words);
}

static void look_at_opt(
	struct message *message, const struct wire_record *record)
{
	struct response *response = message->response;
	struct cursor body = record->body;
	unsigned code, len;

	if (!response->has_edns)
		response->rcode |= (record->ttl >> 24) << 4;
	response->has_edns = true;
	while (cursor_take16(&body, &code) && cursor_take16(&body, &len) &&
		len <= body.len - body.at) {
		struct cursor option = { body.bytes, body.at + len, body.at };

		if (code == OPTION_EDE)
			tell_ede(message, option);
		body.at += len;
	}
}

/* How long the absence may be remembered: RFC 2308, 5. */
static void look_at_soa(
	struct message *message, const struct wire_record *record)
{
	uint32_t minimum;

	if (record_value_minimum(record->body, &minimum))
		message->negative_ttl = lesser(record->ttl, minimum);
}

/* One walk over all sections, for what is not an answer. */
static void look_around(struct message *message)
{
	struct cursor cursor = message->found.records;
	unsigned before = message->found.count;
	unsigned between = before + message->authority_count;
	unsigned all = between + message->additional_count;
	struct wire_record record;

	for (unsigned i = 0; i < all && i < CURSOR_RECORDS_MAX; i++) {
		if (!cursor_take_record(&cursor, &record)) {
			message->is_cut = true;
			return;
		}
		if (i >= between && record.type == WIRE_TYPE_OPT)
			look_at_opt(message, &record);
		else if (i >= before && i < between && record.type == RR_SOA)
			look_at_soa(message, &record);
	}
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
	if (message->found.bad)
		tell(message, arena_print(message->arena,
				      "%zu %s not well-formed (%s asked)",
				      message->found.bad,
				      message->found.bad == 1 ? "record is"
							      : "records are",
				      rr_type_word(type)));
	if (message->found.dropped)
		tell(message, arena_print(message->arena,
				      "%zu records more than %d left out",
				      message->found.dropped,
				      ANSWER_SECTION_VALUES_MAX));
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
	if (message->found.value_count) {
		answer->kind = ANSWER_DATA;
		answer->values = message->found.values;
		answer->value_count = message->found.value_count;
		answer->ttl = message->found.ttl;
	} else if (has_end && !message->found.bad && !message->is_cut &&
		   !message->response->is_truncated) {
		answer->kind = ANSWER_NONE;
		answer->ttl = lesser(message->found.ttl, message->negative_ttl);
	}
}

void record_answer(struct arena *arena, struct span bytes, struct span name,
	enum rr_type type, struct response *response)
{
	struct message message = { .arena = arena,
		.response = response,
		.found = { .arena = arena, .ttl = UINT32_MAX } };
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
	has_end = answer_section_follow(&message.found, name, type);
	answer->canonical = message.found.canonical;
	if (kind == ANSWER_DATA) {
		settle_found(&message, has_end);
	} else {
		answer->kind = ANSWER_NO_NAME;
		answer->ttl = lesser(message.found.ttl, message.negative_ttl);
	}
	if (answer->kind == ANSWER_MALFORMED)
		answer->secure = false;
	tell_faults(&message, type);
}

bool record_question(struct arena *arena, struct span message,
	struct span *name, unsigned *type)
{
	char room[NAME_TEXT_MAX];
	struct cursor cursor = cursor_of(message);
	struct header header;
	struct span asked;

	if (!take_header(&cursor, &header) || !header.counts[0] ||
		!take_question(&cursor, room, &asked, type))
		return false;
	*name = arena_copy(arena, asked);
	return true;
}
