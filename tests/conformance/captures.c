/*
 * MTA/CASE/session*.pcapng     a capture -> what became of each family
 *
 * What each mail server did in each case stands in the table of the data's
 * README; here, what its packets show of it, for each family by itself.  A case
 * has two captures: in the one the TLS can be read, by the secrets in it; in the
 * other the stage and the refusal inside TLS are hidden, and have to be told as
 * unclear, while a path that failed shows as before.
 *
 * The second recipient's host, which has IPv4 alone, is not looked at, nor what
 * is left of the case before: connections that began before the file did.
 */
#include "pcap/session_delivery.h"
#include "probe/judge/delivery_meaning.h"
#include "tests/conformance/pcap_file.h"

enum end {
	ANYTHING,
	NO_SESSION,
	ACCEPTED,
	DEFERRED, /* by a reply */
	REFUSED,  /* likewise */
	FAULT,    /* by none */
	LEFT,     /* a session without any mail or refusal */
	HIDDEN,
};

struct fate {
	enum end end;
	int stage;        /* -1: not asked */
	const char *word; /* policy of a reply; or faults, parted by "|" */
};

/* clang-format off */
#define TAKEN { ACCEPTED, -1, NULL }
#define UNUSED { NO_SESSION, -1, NULL }
#define EITHER { ANYTHING, -1, NULL }
#define RELAY_DENIED { DEFERRED, STAGE_RCPT, NULL }
#define NOT_AUTHORIZED "not-authorized-ip"

static const struct row {
	const char *mta, *name; /* no MTA: all others */
	struct fate ipv6, ipv4;
} rows[] = {
	{ "", "notauth-eom", { REFUSED, STAGE_DOT, NOT_AUTHORIZED }, UNUSED },
	{ "", "notauth-mail", { REFUSED, STAGE_MAIL, NOT_AUTHORIZED }, UNUSED },
	{ "", "ipv6auth-no-ptr", { REFUSED, STAGE_DOT, "ipv6-specific" }, UNUSED },
	{ "", "spf-forgot-ipv6", { REFUSED, STAGE_RCPT, "spf" }, UNUSED },
	{ "postfix", "dmarc-reject", { DEFERRED, STAGE_RCPT, "greylist" }, EITHER },
	{ "", "dmarc-reject", { REFUSED, STAGE_DOT, NULL }, UNUSED },
	{ "sendmail", "greylist", { DEFERRED, STAGE_RCPT, "greylist" }, UNUSED },
	{ "", "greylist", { DEFERRED, STAGE_RCPT, "greylist" }, { DEFERRED, STAGE_RCPT, "greylist" } },
	{ "", "v6-dropped", { FAULT, STAGE_CONNECT, "no-answer" }, TAKEN },
	{ "", "v6-reset", { FAULT, STAGE_CONNECT, "refused" }, TAKEN },
	{ "", "v6-adminprohibited", { FAULT, STAGE_CONNECT, "prohibited" }, TAKEN },
	{ "sendmail", "v6-ptbhole-bigmail", { FAULT, STAGE_DOT, "black-hole" }, UNUSED },
	{ "", "v6-ptbhole-bigmail", { FAULT, STAGE_DOT, "black-hole" }, TAKEN },
	{ "", "v6-ptbhole-smallmail", TAKEN, UNUSED },
	{ "sendmail", "both-ptbhole-bigmail", { FAULT, STAGE_DOT, "black-hole" }, UNUSED },
	{ "", "both-ptbhole-bigmail", { FAULT, STAGE_DOT, "black-hole" }, { FAULT, STAGE_DOT, "black-hole" } },
	{ "postfix", "opensmtpd-broken-starttls", { FAULT, STAGE_TLS, "tls-handshake" }, TAKEN },
	{ "", "opensmtpd-broken-starttls", { FAULT, STAGE_TLS, "tls-handshake" }, EITHER },
	{ "sendmail", "bad-mute", { FAULT, STAGE_BANNER, "server-silent" }, UNUSED },
	{ "", "bad-mute", { FAULT, STAGE_BANNER, "server-silent" }, TAKEN },
	{ "sendmail", "bad-tarpit", { FAULT, STAGE_BANNER, "server-silent" }, UNUSED },
	{ "", "bad-tarpit", { FAULT, STAGE_BANNER, "server-silent" }, TAKEN },
	{ "sendmail", "bad-b554", { REFUSED, STAGE_BANNER, NULL }, UNUSED },
	{ "", "bad-b554", { REFUSED, STAGE_BANNER, NULL }, TAKEN },
	{ "sendmail", "bad-b421", { DEFERRED, STAGE_BANNER, NULL }, UNUSED },
	{ "", "bad-b421", { DEFERRED, STAGE_BANNER, NULL }, TAKEN },
	/* Sendmail's capture ends while it waits. */
	{ "sendmail", "bad-tlshang", { LEFT, -1, NULL }, UNUSED },
	/* Exim connects again, and sends in clear. */
	{ "exim", "bad-tlshang", EITHER, UNUSED },
	{ "", "bad-tlshang", { FAULT, STAGE_TLS, "server-silent" }, TAKEN },
	{ "sendmail", "bad-dataclose", { FAULT, STAGE_DOT, "hung-up|reset" }, UNUSED },
	{ "", "bad-dataclose", { FAULT, STAGE_DOT, "hung-up|reset" }, TAKEN },
	{ "sendmail", "bad-datahang", { FAULT, STAGE_DOT, "server-silent" }, UNUSED },
	{ "", "bad-datahang", { FAULT, STAGE_DOT, "server-silent" }, TAKEN },
	{ "", "nullmx", UNUSED, UNUSED },
	{ "", "mx-nxdomain", UNUSED, UNUSED },
	{ "", "dnssec-bogus", UNUSED, UNUSED },
	{ "", "v6only", RELAY_DENIED, UNUSED },
	{ "sendmail", "cname-mx", RELAY_DENIED, UNUSED },
	{ "", "cname-mx", RELAY_DENIED, RELAY_DENIED },
	{ "exim", "ip-literal-mx", UNUSED, UNUSED },
	{ "", "ip-literal-mx", UNUSED, RELAY_DENIED },
	{ "", "dane-ok", TAKEN, UNUSED },
	/* The client saw a certificate that it did not trust, and left. */
	{ "", "dane-mismatch", { LEFT, -1, NULL }, { LEFT, -1, NULL } },
};
/* clang-format on */

/* What was told of a family: of several sessions, what tells most. */
struct told {
	enum end end;
	bool has_stage;
	enum stage stage;
	struct span word;
	bool is_hidden; /* a session of it cannot be read */
	bool is_named;
};

static enum end end_of(const struct delivery *delivery)
{
	switch (delivery->result) {
	case DELIVERY_ACCEPTED:
		return ACCEPTED;
	case DELIVERY_DEFERRED:
		return delivery->fault.len ? FAULT : DEFERRED;
	case DELIVERY_REFUSED:
		return REFUSED;
	case DELIVERY_EXPIRED:
	case DELIVERY_UNKNOWN:
		break;
	}
	return LEFT;
}

static void take_delivery(
	struct arena *arena, struct told *told, const struct delivery *delivery)
{
	told->end = end_of(delivery);
	told->has_stage = delivery->has_stage;
	told->stage = delivery->stage;
	if (told->end == FAULT)
		told->word = arena_copy(arena, delivery->fault);
	else if (told->end != ACCEPTED)
		told->word = arena_copy(arena,
			delivery_meaning(codebook_embedded(arena), delivery)
				.policy);
}

static void take_session(struct suite_question *question, struct told *told,
	const struct session_record *record)
{
	struct arena *arena = question->arena;
	const struct delivery *deliveries;
	size_t count = session_deliveries(arena, record, &deliveries);

	told->is_named = record->server_name.len > 0;
	told->is_hidden |= record->starttls.switched && record->tls &&
			   !record->tls->has_secrets &&
			   record->tls->has_server_hello;
	if (count)
		take_delivery(arena, told, &deliveries[count - 1]);
	else if (told->end == NO_SESSION)
		told->end = told->is_hidden ? HIDDEN : LEFT;
}

static bool is_looked_at(const struct session_record *record)
{
	struct ip other;

	if (!ip_parse(SPAN("198.51.100.34"), &other))
		return false;
	return record->stream->syn.frame && !ip_is(&record->server, &other);
}

static bool read_capture(
	struct suite_question *question, struct told told[FAMILY_COUNT])
{
	struct pcap_file *file = pcap_file_open(question, NULL);
	const struct session_record *record;

	for (int i = 0; i < FAMILY_COUNT; i++)
		told[i] = (struct told){ .end = NO_SESSION };
	if (!file)
		return false;
	while ((record = pcap_file_next(file)))
		if (is_looked_at(record))
			take_session(question, &told[record->family], record);
	pcap_file_close(file);
	return true;
}

/* ---- against the table */

static bool lists(const char *words, struct span word)
{
	struct span rest = span_of(words);

	while (rest.len)
		if (span_is(span_cut(&rest, '|'), word))
			return true;
	return false;
}

/* Inside TLS nothing is known, unless the path itself failed. */
static bool is_fate(const struct told *told, const struct fate *fate)
{
	if (fate->end == ANYTHING)
		return true;
	if (told->is_hidden && told->end == HIDDEN)
		return fate->end != NO_SESSION;
	if (told->end != fate->end)
		return false;
	if (fate->stage >= 0 && (told->has_stage || !told->is_hidden) &&
		(!told->has_stage || (int)told->stage != fate->stage))
		return false;
	return !fate->word || lists(fate->word, told->word);
}

static void note_told(
	struct suite_question *question, const char *family, struct told *told)
{
	static const char *const ends[] = { "anything", "no session",
		"accepted", "deferred", "refused", "a fault", "left",
		"hidden" };

	question_note(question, "%s: %s %.*s at %s", family, ends[told->end],
		SPAN_ARG(told->word),
		told->has_stage ? stage_word(told->stage) : "no stage");
}

/* Each server was looked up before it was met, but for one that is the address
 * itself; and what was asked before the file began is not in it. */
static bool are_named(struct told told[FAMILY_COUNT], struct span name)
{
	if (span_is(name, SPAN("ip-literal-mx")))
		return true;
	for (int i = 0; i < FAMILY_COUNT; i++)
		if (told[i].end != NO_SESSION && !told[i].is_named)
			return false;
	return true;
}

static enum verdict compare(
	struct suite_question *question, const struct row *row)
{
	struct told told[FAMILY_COUNT];

	if (!read_capture(question, told))
		return question_fail(question, "it cannot be read");
	if (!is_fate(&told[FAMILY_IPV6], &row->ipv6) ||
		!is_fate(&told[FAMILY_IPV4], &row->ipv4)) {
		note_told(question, "IPv6", &told[FAMILY_IPV6]);
		note_told(question, "IPv4", &told[FAMILY_IPV4]);
		return VERDICT_FAIL;
	}
	if (!are_named(told, span_of(row->name)))
		return question_fail(question, "a server has no name");
	return VERDICT_PASS;
}

static enum verdict judge(struct suite_question *question)
{
	struct span path = question_text(question, "id");
	struct span mta = span_cut(&path, '/'), name = span_cut(&path, '/');

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (span_is(name, span_of(rows[i].name)) &&
			(!*rows[i].mta || span_is(mta, span_of(rows[i].mta))))
			return compare(question, &rows[i]);
	return VERDICT_NOT_SCORED;
}

const struct suite suite_captures = {
	.name = "incident/captures",
	.folder = "incident",
	.judge = judge,
	.files = "*/*/session*.pcapng",
};
