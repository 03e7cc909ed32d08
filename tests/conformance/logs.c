/*
 * lines.jsonl     a line of a log -> what stands in it
 *
 * The line alone is read, as `explain` reads a log, and `expect` has what must
 * be found.  A key that is not known here is told of, and fails.
 *
 * `case` and `run_family` belong to the bounces of the same runs: what was sent
 * there, over which family, is in ../bounces/lab/gold.jsonl, where the line of
 * the log has a row with the same words.
 */
#include <stdio.h>
#include <string.h>

#include "probe/judge/codebook.h"
#include "reports/inbound/maillog.h"
#include "tests/conformance/conformance.h"

/* When the lines without a year count as read: by the data, it is this one. */
static const int64_t reading_ms = INT64_C(1795392000000);

struct field {
	const char *key;
	bool (*is_met)(struct suite_question *question,
		const struct delivery *delivery, const json_t *wanted);
	size_t met, asked;
};

static struct span text_of(const json_t *value)
{
	if (!json_is_string(value))
		return (struct span){ 0 };
	return (struct span){ json_string_value(value),
		json_string_length(value) };
}

static bool is_text(struct span got, const json_t *wanted)
{
	return span_is_nocase(got, text_of(wanted));
}

/* "v4", "IPv6", 4 ... */
static bool is_family(const json_t *wanted, enum family family)
{
	struct span text = text_of(wanted);
	char digit = family == FAMILY_IPV4 ? '4' : '6';

	if (json_is_integer(wanted))
		return json_integer_value(wanted) == digit - '0';
	return text.len && text.at[text.len - 1] == digit;
}

static bool has_family(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	if (json_is_null(wanted))
		return !delivery->has_family;
	return delivery->has_family && is_family(wanted, delivery->family);
}

/* An address of the relay in the line itself. */
static bool shows(struct suite_question *question, const struct ip *ip)
{
	struct span line = question_text(question, "line");
	char text[IP_TEXT_MAX];
	char full[64] = "";
	size_t len = 0;

	ip_print(ip, text);
	if (span_find_nocase(line, span_of(text)) < line.len)
		return true;
	if (ip->family == FAMILY_IPV4)
		return false;
	/* Sendmail writes all eight groups, with no zeros before. */
	for (size_t i = 0; i < 16; i += 2)
		len += (size_t)snprintf(full + len, sizeof(full) - len, "%s%x",
			i ? ":" : "",
			(unsigned)(ip->bytes[i] << 8 | ip->bytes[i + 1]));
	return span_find_nocase(line, span_of(full)) < line.len;
}

/*
 * A run over IPv6 may end with IPv4 where IPv6 fails, and then the line says
 * so: what stands in it is right.  A line that holds no address of the relay
 * and none of ours cannot tell.
 */
static bool has_run_family(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	if (!delivery->has_family)
		return !delivery->has_relay && !delivery->has_source;
	return is_family(wanted, delivery->family) ||
	       (delivery->has_relay && shows(question, &delivery->relay));
}

static bool has_host(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	struct span name = text_of(wanted);

	(void)question;
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	return span_is_nocase(delivery->relay_host, name);
}

static bool is_ip(bool has, const struct ip *got, const json_t *wanted)
{
	struct ip ip;

	if (!ip_parse(text_of(wanted), &ip))
		return !has;
	return has && ip_is(got, &ip);
}

static bool has_relay(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	struct ip ip;

	if (json_is_string(wanted) && !ip_parse(text_of(wanted), &ip))
		return has_host(question, delivery, wanted);
	return is_ip(delivery->has_relay, &delivery->relay, wanted);
}

static bool has_source(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	return is_ip(delivery->has_source, &delivery->source, wanted);
}

static bool has_code(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	unsigned long code = 0;

	(void)question;
	if (json_is_integer(wanted))
		code = (unsigned long)json_integer_value(wanted);
	else if (text_of(wanted).len &&
		 !span_number(text_of(wanted), 999, &code))
		return false;
	return delivery->code == code;
}

static bool has_status(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	const unsigned *part = delivery->status;
	char status[40] = "";

	(void)question;
	if (part[0])
		snprintf(status, sizeof(status), "%u.%u.%u", part[0], part[1],
			part[2]);
	return is_text(span_of(status), wanted);
}

/* clang-format off */
static const struct {
	const char *word;
	enum delivery_result result;
} results[] = {
	{ "sent", DELIVERY_ACCEPTED }, { "accepted", DELIVERY_ACCEPTED },
	{ "delivered", DELIVERY_ACCEPTED }, { "success", DELIVERY_ACCEPTED },
	{ "ok", DELIVERY_ACCEPTED }, { "deferred", DELIVERY_DEFERRED },
	{ "deferral", DELIVERY_DEFERRED }, { "tempfail", DELIVERY_DEFERRED },
	{ "delayed", DELIVERY_DEFERRED }, { "bounced", DELIVERY_REFUSED },
	{ "failed", DELIVERY_REFUSED }, { "failure", DELIVERY_REFUSED },
	{ "refused", DELIVERY_REFUSED }, { "rejected", DELIVERY_REFUSED },
	{ "permfail", DELIVERY_REFUSED }, { "expired", DELIVERY_EXPIRED },
};

/* The samples count the greeting to the connection, the end to DATA. */
static const struct {
	const char *word;
	enum stage first, last;
} stages[] = {
	{ "routing", STAGE_RESOLVE, STAGE_RESOLVE },
	{ "resolve", STAGE_RESOLVE, STAGE_RESOLVE },
	{ "dns", STAGE_RESOLVE, STAGE_RESOLVE },
	{ "connect", STAGE_CONNECT, STAGE_BANNER },
	{ "greeting", STAGE_BANNER, STAGE_BANNER },
	{ "banner", STAGE_BANNER, STAGE_BANNER },
	{ "ehlo", STAGE_EHLO, STAGE_EHLO },
	{ "tls", STAGE_STARTTLS, STAGE_TLS },
	{ "starttls", STAGE_STARTTLS, STAGE_TLS },
	{ "mail", STAGE_MAIL, STAGE_MAIL },
	{ "mail-from", STAGE_MAIL, STAGE_MAIL },
	{ "rcpt", STAGE_RCPT, STAGE_RCPT },
	{ "rcpt-to", STAGE_RCPT, STAGE_RCPT },
	{ "data", STAGE_DATA, STAGE_DOT },
	{ "dot", STAGE_DOT, STAGE_DOT },
	{ "eom", STAGE_DOT, STAGE_DOT },
	{ "end-of-data", STAGE_DOT, STAGE_DOT },
};
/* clang-format on */

static bool has_result(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	/* Either of two things is called "status". */
	if (text_of(wanted).len && ascii_is_digit(text_of(wanted).at[0]))
		return has_status(question, delivery, wanted);
	for (size_t i = 0; i < COUNT_OF(results); i++)
		if (is_text(span_of(results[i].word), wanted))
			return delivery->result == results[i].result;
	return false;
}

static bool has_stage(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	if (!text_of(wanted).len)
		return !delivery->has_stage;
	for (size_t i = 0; i < COUNT_OF(stages); i++)
		if (is_text(span_of(stages[i].word), wanted))
			return delivery->has_stage &&
			       delivery->stage >= stages[i].first &&
			       delivery->stage <= stages[i].last;
	return false;
}

static struct span domain_of(struct span address)
{
	struct span rest = address;

	span_cut(&rest, '@');
	return rest;
}

static struct span policy_of(
	struct suite_question *question, const struct delivery *delivery)
{
	struct codebook_question asked = { .text = delivery->text,
		.code = delivery->code,
		.is_local_status = delivery->is_local_status,
		.has_stage = delivery->has_stage,
		.stage = delivery->stage,
		.relay_host = delivery->relay_host,
		.recipient_domain = domain_of(delivery->recipient) };

	memcpy(asked.status, delivery->status, sizeof(asked.status));
	return codebook_find_text(codebook_embedded(question->arena), &asked)
		.policy;
}

static bool has_policy(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	struct span policy = policy_of(question, delivery);
	size_t i;
	json_t *one;

	if (!json_is_array(wanted))
		return is_text(policy, wanted);
	json_array_foreach(
		wanted, i, one) if (is_text(policy, one)) return true;
	return false;
}

static bool has_recipient(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	return is_text(delivery->recipient, wanted);
}

static bool has_recipient_domain(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	return is_text(domain_of(delivery->recipient), wanted);
}

static bool has_sender(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	return is_text(delivery->sender, wanted);
}

static bool has_queue_id(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	return is_text(delivery->queue_id, wanted);
}

static bool is_dialect(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	return is_text(delivery->dialect, wanted);
}

/* Lines may have been parted or joined on the way: blanks do not count. */
static bool has_words(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	char *room = arena_take(
		question->arena, delivery->text.len + text_of(wanted).len + 2);
	struct span parts[2] = { delivery->text, text_of(wanted) }, bare[2];
	size_t len = 0;

	for (size_t side = 0; side < 2; side++) {
		bare[side] = (struct span){ room + len, 0 };
		for (size_t i = 0; i < parts[side].len; i++)
			if (!ascii_is_space(parts[side].at[i]))
				room[len++] = parts[side].at[i];
		bare[side].len = (size_t)(room + len - bare[side].at);
	}
	return span_find_nocase(bare[0], bare[1]) < bare[0].len || !bare[1].len;
}

static bool lacks_reply(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	return delivery->lacks_reply == json_is_true(wanted);
}

static bool has_reply(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	(void)question;
	return (delivery->code != 0) == json_is_true(wanted);
}

static bool has_case(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted);

#define ROW(key, function)                                                     \
	{                                                                      \
		key, function, 0, 0                                            \
	}
/* clang-format off */
static struct field fields[] = {
	ROW("run_family", has_run_family), ROW("case", has_case),
	ROW("family", has_family), ROW("ip_family", has_family),
	ROW("peer_family", has_family),
	ROW("host", has_host), ROW("relay_host", has_host),
	ROW("rhost", has_host), ROW("remote_mta", has_host),
	ROW("relay_name", has_host),
	ROW("relay", has_relay), ROW("relay_ip", has_relay),
	ROW("peer", has_relay), ROW("peer_ip", has_relay),
	ROW("ip", has_relay), ROW("address", has_relay),
	ROW("relay_addr", has_relay), ROW("relay_address", has_relay),
	ROW("source", has_source), ROW("client_ip", has_source),
	ROW("source_ip", has_source), ROW("local_ip", has_source),
	ROW("code", has_code), ROW("reply_code", has_code),
	ROW("replycode", has_code), ROW("smtp_code", has_code),
	ROW("dsn", has_status), ROW("enhanced", has_status),
	ROW("enhanced_status", has_status), ROW("deliverystatus", has_status),
	ROW("status", has_result), ROW("result", has_result),
	ROW("action", has_result), ROW("outcome", has_result),
	ROW("stage", has_stage), ROW("phase", has_stage),
	ROW("policy", has_policy), ROW("policy_acceptable", has_policy),
	ROW("to", has_recipient), ROW("recipient", has_recipient),
	ROW("rcpt", has_recipient),
	ROW("recipient_domain", has_recipient_domain),
	ROW("from", has_sender), ROW("sender", has_sender),
	ROW("queue_id", has_queue_id), ROW("qid", has_queue_id),
	ROW("msgid", has_queue_id), ROW("mta", is_dialect),
	ROW("text", has_words), ROW("reply", has_words),
	ROW("reply_text", has_words), ROW("diagnostic", has_words),
	ROW("lacks_reply", lacks_reply), ROW("has_reply", has_reply),
	ROW("reply_in_log", has_reply),
};
/* clang-format on */

/* What the bounce of the same case says of its cause is no matter of the log's
 * form, but must come out the same. */
static struct field from_gold[] = {
	ROW("policy", has_policy),
	ROW("stage", has_stage),
};

static bool is_met(struct suite_question *question, struct field *field,
	const struct delivery *delivery, const json_t *wanted)
{
	bool met = field->is_met(question, delivery, wanted);

	field->asked++;
	field->met += met;
	return met;
}

/* The bounces of the lab, read once. */
static const json_t *gold_rows(const char *folder)
{
	static json_t *rows;
	char path[4096], *line = NULL;
	size_t room = 0;
	ssize_t len;
	FILE *in;

	if (rows)
		return rows;
	rows = json_array();
	snprintf(path, sizeof(path), "%s/../bounces/lab/gold.jsonl", folder);
	in = fopen(path, "r");
	while (in && (len = getline(&line, &room, in)) > 0)
		json_array_append_new(
			rows, json_loadb(line, (size_t)len, 0, NULL));
	free(line);
	if (in)
		fclose(in);
	return rows;
}

static bool is_same(const json_t *row, const char *key, const char *wanted)
{
	const char *value = json_string_value(json_object_get(row, key));

	return value && wanted && strcmp(value, wanted) == 0;
}

/* The bounce whose log this line is of. */
static const json_t *gold_of(struct suite_question *question)
{
	const json_t *expect = json_object_get(question->line, "expect");
	const char *name = json_string_value(json_object_get(expect, "case"));
	const char *family = json_string_value(
		json_object_get(expect, "run_family"));
	const char *mta = json_string_value(
		json_object_get(question->line, "mta"));
	const json_t *rows = gold_rows(question->folder);
	size_t i;
	json_t *row;

	json_array_foreach(
		rows, i, row) if (is_same(row, "case", name) &&
				  is_same(row, "mta", mta) &&
				  is_same(row, "family", family)) return row;
	return NULL;
}

/* The line names its case by the recipient, if it names one. */
static bool has_case(struct suite_question *question,
	const struct delivery *delivery, const json_t *wanted)
{
	struct span local = delivery->recipient;

	(void)question;
	if (!local.len)
		return span_is(delivery->dialect, SPAN("qmail"));
	local = span_cut(&local, '@');
	return is_text(local, wanted);
}

static bool compare(struct suite_question *question,
	const struct delivery *delivery, const json_t *gold)
{
	bool is_good = true;
	/* Sendmail's line holds the first of the reply only: words that are
	 * not there cannot say the cause. */
	bool is_told = gold && delivery->code &&
		       has_words(question, delivery,
			       json_object_get(gold, "reply"));

	for (size_t i = 0; gold && i < COUNT_OF(from_gold); i++) {
		const json_t *wanted = json_object_get(gold, from_gold[i].key);

		if (i == 0 && !is_told)
			continue;
		if (i == 1 && !delivery->has_stage)
			continue;
		if (!is_met(question, &from_gold[i], delivery, wanted)) {
			question_fail(question, "%s is not %s",
				from_gold[i].key, json_string_value(wanted));
			is_good = false;
		}
	}
	return is_good;
}

static struct field *field_of(const char *key)
{
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		if (strcmp(fields[i].key, key) == 0)
			return &fields[i];
	return NULL;
}

static bool expect_all(
	struct suite_question *question, const struct delivery *delivery)
{
	json_t *expect = json_object_get(question->line, "expect"), *wanted;
	const char *key;
	bool is_good = true;

	json_object_foreach(expect, key, wanted)
	{
		struct field *field = field_of(key);

		if (field && is_met(question, field, delivery, wanted))
			continue;
		question_fail(question,
			field ? "%s is not as expected" : "%s: not known here",
			key);
		is_good = false;
	}
	return is_good;
}

/* The last delivery that the line tells of is the one meant. */
static bool read_line(
	struct suite_question *question, struct delivery *delivery)
{
	const struct maillog_orders orders = { .now_ms = reading_ms };
	struct maillog *log = maillog_open(&orders);
	const struct delivery *found;
	bool is_found = false;

	maillog_feed(log, question_text(question, "line"));
	maillog_end(log);
	while ((found = maillog_next(log)) != NULL) {
		*delivery = *found;
		delivery->text = arena_copy(question->arena, found->text);
		delivery->recipient = arena_copy(
			question->arena, found->recipient);
		delivery->sender = arena_copy(question->arena, found->sender);
		delivery->queue_id = arena_copy(
			question->arena, found->queue_id);
		delivery->relay_host = arena_copy(
			question->arena, found->relay_host);
		is_found = true;
	}
	maillog_close(log);
	return is_found;
}

static enum verdict judge(struct suite_question *question)
{
	struct delivery delivery;
	bool is_good;

	if (!question_has(question, "expect"))
		return VERDICT_NOT_SCORED;
	if (!read_line(question, &delivery))
		return question_fail(question, "no delivery is told of");
	is_good = expect_all(question, &delivery);
	is_good &= compare(question, &delivery, gold_of(question));
	if (question_has(question, "mta") &&
		!is_dialect(question, &delivery,
			json_object_get(question->line, "mta")))
		return question_fail(question, "the dialect is %.*s",
			SPAN_ARG(delivery.dialect));
	return is_good ? VERDICT_PASS : VERDICT_FAIL;
}

static void tell_fields(
	const char *title, const struct field *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].asked)
			printf("# %s %s: %zu/%zu\n", title, table[i].key,
				table[i].met, table[i].asked);
}

static void tell(void)
{
	tell_fields("logs", fields, COUNT_OF(fields));
	tell_fields("logs, as their bounces:", from_gold, COUNT_OF(from_gold));
}

const struct suite suite_logs = {
	.name = "logs",
	.judge = judge,
	.tell = tell,
};
