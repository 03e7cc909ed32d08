/*
 * truth.jsonl      path, session, family, client, server, events, transactions
 *                  ... -> one session of a capture
 * manifest.jsonl   path, sessions, families, modes, read_error, must -> a file
 *
 * SCHEMA.md beside the data tells the fields.  Events are compared in their
 * order, without those that the data says not to score.
 */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#include "pcap/sessions.h"
#include "tests/conformance/conformance.h"
#include "tests/conformance/pcap_file.h"

enum { KEEP_MAX = 64 * 1024 * 1024 };

/* What is compared, both sides of it. */
struct match {
	struct suite_question *question;
	const struct session_record *record;
	const json_t *events;
	size_t event_count;
	size_t *ours; /* of each event 1 + our talk; 0: none */
	bool is_ambiguous;
	size_t lenient; /* points that were not scored */
};

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static json_int_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* One character for each octet: back to octets. */
static struct span octets_of(struct arena *arena, const json_t *value)
{
	const unsigned char *at = (const unsigned char *)json_string_value(
		value);
	size_t len = json_string_length(value), out = 0;
	char *room = arena_take(arena, len + 1);

	for (size_t i = 0; i < len; i++) {
		unsigned c = at[i];

		if (c >= 0xc0 && i + 1 < len)
			c = (c & 3) << 6 | (at[++i] & 0x3fu);
		room[out++] = (char)c;
	}
	return (struct span){ room, out };
}

static bool is_text(
	const struct match *match, const json_t *value, struct span text)
{
	return span_is(octets_of(match->question->arena, value), text);
}

/* ---- one event */

static bool is_digest(const json_t *object, const char *key, struct span bytes)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char text[2 * SHA256_DIGEST_LENGTH + 1];

	SHA256((const unsigned char *)bytes.at, bytes.len, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return strcmp(string_of(object, key), text) == 0;
}

/* A line over 2000 octets stands there in part, and we may clip it too. */
static bool is_line(const struct match *match, const json_t *value,
	struct span line, bool is_long)
{
	struct span want = octets_of(match->question->arena, value);

	if (is_long)
		return want.len <= line.len &&
		       memcmp(want.at, line.at, want.len) == 0;
	return span_is(want, line);
}

static bool is_reply(
	const struct match *match, const json_t *event, const struct talk *talk)
{
	const json_t *lines = json_object_get(event, "lines");
	const json_t *long_lines = json_object_get(event, "long_lines");
	const struct reply *reply = talk->reply;

	if (talk->kind != TALK_REPLY ||
		(json_int_t)reply->code != number_of(event, "code") ||
		json_array_size(lines) != reply->line_count)
		return false;
	for (size_t i = 0; i < reply->line_count; i++) {
		char key[24];

		snprintf(key, sizeof(key), "%zu", i);
		if (!is_line(match, json_array_get(lines, i), reply->lines[i],
			    json_object_get(long_lines, key) != NULL))
			return false;
	}
	return json_is_true(json_object_get(event, "complete")) ==
		       talk->is_complete ||
	       long_lines;
}

static bool is_command(
	const struct match *match, const json_t *event, const struct talk *talk)
{
	bool cut = json_is_false(json_object_get(event, "complete"));

	return talk->kind == TALK_COMMAND && talk->is_complete == !cut &&
	       is_line(match, json_object_get(event, "line"), talk->line.text,
		       talk->line.text.len > TALK_TEXT_MAX);
}

static bool is_body(const json_t *event, const struct talk *talk)
{
	const struct talk_body *body = &talk->body;
	bool ended = json_is_true(json_object_get(event, "terminated"));

	return talk->kind == TALK_BODY &&
	       (json_int_t)body->wire == number_of(event, "wire_bytes") &&
	       (json_int_t)body->octets == number_of(event, "body_bytes") &&
	       (json_int_t)(body->octets - body->dots) ==
		       number_of(event, "message_bytes") &&
	       (json_int_t)body->missing == number_of(event, "gap_bytes") &&
	       ended == (body->wire > body->octets) &&
	       is_digest(event, "sha256_body", body->kept);
}

static bool is_chunk(const json_t *event, const struct talk *talk)
{
	const struct talk_body *body = &talk->body;

	return talk->kind == TALK_CHUNK &&
	       (json_int_t)body->declared == number_of(event, "declared") &&
	       (json_int_t)body->octets == number_of(event, "bytes") &&
	       (json_int_t)body->missing == number_of(event, "gap_bytes") &&
	       body->is_last == json_is_true(json_object_get(event, "last")) &&
	       is_digest(event, "sha256", body->kept);
}

static bool is_event(
	const struct match *match, const json_t *event, const struct talk *talk)
{
	const char *kind = string_of(event, "kind");
	bool is_server = strcmp(string_of(event, "who"), "S") == 0;

	if (is_server != (talk->who == SIDE_SERVER))
		return false;
	if (strcmp(kind, "reply") == 0)
		return is_reply(match, event, talk);
	if (strcmp(kind, "command") == 0)
		return is_command(match, event, talk);
	if (strcmp(kind, "auth") == 0)
		return talk->kind == TALK_ANSWER &&
		       is_text(match, json_object_get(event, "line"),
			       talk->line.text);
	if (strcmp(kind, "data") == 0)
		return is_body(event, talk);
	if (strcmp(kind, "chunk") == 0)
		return is_chunk(event, talk);
	if (strcmp(kind, "tls") == 0)
		return talk->kind == TALK_TLS &&
		       (json_int_t)talk->octets == number_of(event, "bytes");
	if (strcmp(kind, "gap") == 0)
		return talk->kind == TALK_HOLE &&
		       (json_int_t)talk->octets == number_of(event, "bytes");
	if (strcmp(kind, "junk") == 0)
		return talk->kind == TALK_JUNK &&
		       is_text(match, json_object_get(event, "text"),
			       talk->line.text);
	return strcmp(kind, "fragment") == 0 && talk->kind == TALK_FRAGMENT;
}

/* ---- all events */

static bool is_scored(const struct match *match, size_t n)
{
	const json_t *line = match->question->line;
	const json_t *until = json_object_get(line, "compare_until");
	const json_t *skip = json_object_get(line, "compare_skip");

	if (json_is_integer(until) &&
		(json_int_t)n >= json_integer_value(until))
		return false;
	for (size_t i = 0; i < json_array_size(skip); i++)
		if ((json_int_t)n ==
			json_integer_value(json_array_get(skip, i)))
			return false;
	return true;
}

/* The first of our talks from *from on that is this event; 0: none near. */
static size_t find_talk(
	const struct match *match, const json_t *event, size_t *from)
{
	const struct session_record *record = match->record;

	for (size_t i = *from; i < record->talk_count && i < *from + 24; i++) {
		if (!is_event(match, event, &record->talks[i]))
			continue;
		*from = i + 1;
		return i + 1;
	}
	return 0;
}

static enum verdict say_missing(struct match *match, size_t n, size_t at)
{
	const json_t *event = json_array_get(match->events, n);
	const struct session_record *record = match->record;
	char *text = json_dumps(event, JSON_COMPACT);
	enum verdict verdict;

	verdict = question_fail(match->question,
		"event %zu is not there (ours %zu of %zu is %s, wire %llu "
		"octets %llu dots %llu missing %llu): %.250s",
		n, at, record->talk_count,
		at < record->talk_count ? talk_word(&record->talks[at]) : "-",
		at < record->talk_count
			? (unsigned long long)record->talks[at].body.wire
			: 0,
		at < record->talk_count
			? (unsigned long long)record->talks[at].body.octets
			: 0,
		at < record->talk_count
			? (unsigned long long)record->talks[at].body.dots
			: 0,
		at < record->talk_count
			? (unsigned long long)record->talks[at].body.missing
			: 0,
		text ? text : "");
	free(text);
	return verdict;
}

static enum verdict match_events(struct match *match)
{
	size_t from = 0, found = 0, not_scored = 0;

	for (size_t n = 0; n < match->event_count; n++) {
		match->ours[n] = find_talk(
			match, json_array_get(match->events, n), &from);
		found += match->ours[n] != 0;
		if (match->ours[n])
			continue;
		if (!is_scored(match, n)) {
			not_scored++;
			continue;
		}
		if (!match->is_ambiguous)
			return say_missing(match, n, from);
		match->lenient++;
	}
	if (match->record->talk_count > found + not_scored + match->lenient &&
		!json_object_get(match->question->line, "compare_until"))
		return question_fail(match->question,
			"%zu talks more than there were",
			match->record->talk_count - found - not_scored);
	return VERDICT_PASS;
}

/* ---- who answers whom, and how fast */

static bool is_about(
	const struct match *match, const json_t *to, const struct talk *talk)
{
	if (json_is_string(to))
		return talk->answers == ANSWERS_CONNECTION;
	if (!json_is_integer(to))
		return talk->answers == ANSWERS_NOTHING;
	return talk->answers == ANSWERS_TALK &&
	       match->ours[json_integer_value(to)] == (size_t)talk->about + 1;
}

static bool is_latency(
	const struct match *match, const json_t *event, const struct talk *talk)
{
	const json_t *want = json_object_get(event, "latency_ns");
	const struct talk *question;
	int64_t got;

	if (!json_is_integer(want) || talk->answers != ANSWERS_TALK)
		return true;
	question = &match->record->talks[talk->about];
	got = talk->began.time_ns - question->seen.time_ns;
	return llabs(got - json_integer_value(want)) <= 1000;
}

static bool is_frame(const json_t *event, const struct talk *talk)
{
	const json_t *frame = json_object_get(event, "frame");

	return !json_is_integer(frame) ||
	       (json_int_t)talk->seen.frame == json_integer_value(frame);
}

static enum verdict match_answers(struct match *match)
{
	for (size_t n = 0; n < match->event_count; n++) {
		const json_t *event = json_array_get(match->events, n);
		const struct talk *talk;

		if (!match->ours[n] || !is_scored(match, n))
			continue;
		talk = &match->record->talks[match->ours[n] - 1];
		if (!match->is_ambiguous && !is_frame(event, talk))
			return question_fail(match->question,
				"event %zu is of frame %llu", n,
				(unsigned long long)talk->seen.frame);
		if (talk->kind != TALK_REPLY)
			continue;
		if (!is_about(match, json_object_get(event, "to"), talk)) {
			if (match->is_ambiguous)
				continue;
			return question_fail(match->question,
				"event %zu answers %d, talk %u", n,
				(int)talk->answers, talk->about);
		}
		if (!is_latency(match, event, talk))
			return question_fail(match->question,
				"event %zu came too soon or too late", n);
	}
	return VERDICT_PASS;
}

/* ---- transactions */

static bool is_code(
	const struct match *match, const json_t *reply, uint32_t place)
{
	const json_t *code = json_object_get(reply, "code");

	if (!json_is_integer(code))
		return place == 0;
	return place &&
	       json_integer_value(code) ==
		       (json_int_t)match->record->talks[place - 1].reply->code;
}

static uint32_t answer_of(const struct match *match, uint32_t place)
{
	return place ? match->record->talks[place - 1].answered_by : 0;
}

static bool is_recipients(const struct match *match, const json_t *list,
	const struct mail_attempt *mail)
{
	if (json_array_size(list) != mail->recipient_count)
		return false;
	for (size_t i = 0; i < mail->recipient_count; i++) {
		const json_t *want = json_array_get(list, i);
		const struct mail_recipient *got = &mail->recipients[i];

		if (!is_text(match, json_object_get(want, "to"), got->to) ||
			!is_code(match, want, answer_of(match, got->rcpt)))
			return false;
	}
	return true;
}

static const char *wrong_in_mail(const struct match *match, const json_t *want,
	const struct mail_attempt *mail)
{
	const json_t *data = json_object_get(want, "data_reply");

	if (!is_text(match, json_object_get(want, "from"), mail->from))
		return "the sender";
	if (!is_code(match, json_object_get(want, "mail_reply"),
		    answer_of(match, mail->mail)))
		return "the reply to MAIL";
	if (!is_recipients(match, json_object_get(want, "rcpt"), mail))
		return "the recipients";
	if (data && !is_code(match, data, answer_of(match, mail->data)))
		return "the reply to DATA";
	if (json_object_get(want, "body_bytes") &&
		number_of(want, "body_bytes") != (json_int_t)mail->octets)
		return "the size of the message";
	if (strcmp(string_of(want, "outcome"),
		    mail_outcome_word(mail->outcome)) != 0)
		return "the outcome";
	return NULL;
}

static enum verdict match_mails(struct match *match)
{
	const json_t *list = json_object_get(
		match->question->line, "transactions");
	const struct session_record *record = match->record;

	if (match->is_ambiguous)
		return VERDICT_PASS;
	if (json_array_size(list) != record->mail_count)
		return question_fail(match->question, "%zu transactions",
			record->mail_count);
	for (size_t i = 0; i < record->mail_count; i++) {
		const char *wrong = wrong_in_mail(
			match, json_array_get(list, i), &record->mails[i]);

		if (wrong)
			return question_fail(match->question,
				"transaction %zu: %s (we say %s)", i, wrong,
				mail_outcome_word(record->mails[i].outcome));
	}
	return VERDICT_PASS;
}

/* ---- the session as a whole */

static bool is_tri(const json_t *value, bool is_told, bool is_so)
{
	if (json_is_null(value))
		return !is_told;
	return is_told && json_is_true(value) == is_so;
}

static enum verdict match_starttls(struct match *match)
{
	const json_t *want = json_object_get(match->question->line, "starttls");
	const struct session_record *record = match->record;

	if (json_is_true(json_object_get(want, "offered")) ==
			record->starttls.offered &&
		json_is_true(json_object_get(want, "requested")) ==
			record->starttls.asked &&
		json_is_true(json_object_get(want, "switched")) ==
			record->starttls.switched &&
		is_tri(json_object_get(want, "accepted"),
			record->starttls.answered, record->starttls.accepted))
		return VERDICT_PASS;
	return question_fail(match->question, "STARTTLS");
}

static enum verdict match_octets(struct match *match)
{
	const json_t *tcp = json_object_get(match->question->line, "tcp");
	const char *const keys[] = { "c2s", "s2c" };

	for (int i = 0; i < 2; i++) {
		const json_t *want = json_object_get(tcp, keys[i]);
		const struct stream_side *side =
			&match->record->stream->sides[i];

		if (number_of(want, "bytes") != (json_int_t)side->octets)
			return question_fail(match->question, "%llu octets %s",
				(unsigned long long)side->octets, keys[i]);
		if (number_of(want, "conflict_bytes") > 0 && !side->conflicts)
			return question_fail(
				match->question, "no conflict is told");
	}
	return VERDICT_PASS;
}

static enum verdict match_session(struct match *match)
{
	struct suite_question *question = match->question;
	const struct session_record *record = match->record;
	enum verdict verdict;

	if (question_number(question, "family") !=
		(record->family == FAMILY_IPV6 ? 6 : 4))
		return question_fail(question, "the family");
	if (strcmp(question_text(question, "mode").at,
		    session_mode_word(record->mode)) != 0)
		return question_fail(question, "the mode is %s",
			session_mode_word(record->mode));
	verdict = match_starttls(match);
	if (verdict == VERDICT_PASS)
		verdict = match_octets(match);
	if (verdict == VERDICT_PASS)
		verdict = match_events(match);
	if (verdict == VERDICT_PASS)
		verdict = match_answers(match);
	if (verdict == VERDICT_PASS)
		verdict = match_mails(match);
	return verdict;
}

/* ---- finding it in its file */

static bool is_end(const json_t *want, const struct ip *ip, uint16_t port)
{
	struct ip parsed;

	return ip_parse(span_of(string_of(want, "ip")), &parsed) &&
	       ip_is(&parsed, ip) && number_of(want, "port") == port;
}

static bool is_it(const struct suite_question *question,
	const struct session_record *record)
{
	const json_t *client = json_object_get(question->line, "client");
	const json_t *server = json_object_get(question->line, "server");

	return is_end(client, &record->client, record->client_port) &&
	       is_end(server, &record->server, record->server_port) &&
	       (json_int_t)record->stream->first.frame <=
		       question_number(question, "first_frame") &&
	       (json_int_t)record->stream->last.frame >=
		       question_number(question, "first_frame");
}

static enum verdict judge_record(
	struct suite_question *question, const struct session_record *record)
{
	struct match match = {
		.question = question,
		.record = record,
		.events = json_object_get(question->line, "events"),
		.is_ambiguous = question_has(question, "ambiguous"),
	};

	match.event_count = json_array_size(match.events);
	match.ours = arena_take(
		question->arena, (match.event_count + 1) * sizeof(*match.ours));
	return match_session(&match);
}

static enum verdict judge_session(struct suite_question *question)
{
	struct sessions_wish wish = { .body_keep_max = KEEP_MAX };
	struct pcap_file *file = pcap_file_open(question, &wish);
	enum verdict verdict = VERDICT_FAIL;
	const struct session_record *record;
	bool is_found = false;

	if (!file)
		return question_fail(question, "the file cannot be read");
	while ((record = pcap_file_next(file))) {
		if (is_found || !is_it(question, record))
			continue;
		is_found = true;
		verdict = judge_record(question, record);
	}
	pcap_file_close(file);
	if (is_found)
		return verdict;
	if (question_has(question, "tunnel"))
		return VERDICT_NOT_SCORED; /* optional, says the data */
	return question_fail(question, "the session is not found");
}

/* Several lines are about one file: the reason says about which session. */
static enum verdict judge_line(struct suite_question *question)
{
	enum verdict verdict;

	if (!question_has(question, "events"))
		return pcap_judge_file(question);
	verdict = judge_session(question);
	if (verdict == VERDICT_FAIL)
		question->why = arena_print(question->arena,
			"session %lld: %.*s",
			(long long)question_number(question, "session"),
			SPAN_ARG(question->why));
	return verdict;
}

const struct suite suite_pcap = {
	.name = "pcap",
	.judge = judge_line,
};
