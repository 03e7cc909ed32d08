#include "scenarios/server_script.h"

enum {
	REPLY_LINE_MAX = 510, /* RFC 5321 section 4.5.3.1.5, without CRLF */
	DELAY_MAX_MS = 60 * 1000,
	CERTIFICATE_DAYS_MAX = 10000,
};

struct checking {
	struct arena *arena;
	struct complaints *complaints;
	const struct statements *all;
};

static void tell(const struct checking *checking, const struct place *place,
	const char *what)
{
	complain(checking->complaints, place, span_of(what), SPAN(""));
}

/* ---- replies */

static bool has_line_end(struct span text)
{
	return span_find(text, '\r') < text.len ||
	       span_find(text, '\n') < text.len ||
	       span_find(text, '\0') < text.len;
}

static const char *line_fault(struct span line, struct span first, bool is_last)
{
	char behind = line.len > 3 ? line.at[3] : ' ';

	if (line.len < 3 || !ascii_is_digit(line.at[1]) ||
		!ascii_is_digit(line.at[2]) || line.at[0] < '2' ||
		line.at[0] > '5')
		return "a line of a reply begins with its code, such as 250 "
		       "or 550";
	if (memcmp(line.at, first.at, 3) != 0)
		return "all lines of a reply have one code";
	if (behind != (is_last ? ' ' : '-'))
		return is_last ? "a blank stands behind the code of the last "
				 "line"
			       : "a - stands behind the code of a line that "
				 "is not the last";
	if (line.len > REPLY_LINE_MAX)
		return "a line of a reply has at most 510 octets";
	if (has_line_end(line))
		return "a text for each line: there is no line end in it";
	return NULL;
}

static void check_reply(
	const struct checking *checking, const struct statement *line)
{
	size_t from = statement_has_word(line, "of") ? 1 : 0;
	const struct value *value,
		*first = statement_value(line, VALUE_TEXT, from);

	for (size_t i = from; (value = statement_value(line, VALUE_TEXT, i));
		i++) {
		bool is_last = !statement_value(line, VALUE_TEXT, i + 1);
		const char *fault = line_fault(
			value->text, first->text, is_last);

		if (!fault)
			continue;
		tell(checking, &value->place, fault);
		return;
	}
}

/* ---- servers */

static bool is_delay(const struct statement *after)
{
	return statement_value(after, VALUE_DURATION, 0) != NULL;
}

/* Nothing is said where these begin. */
static bool has_command(struct span stage)
{
	return !span_is(stage, SPAN("connect")) &&
	       !span_is(stage, SPAN("early")) &&
	       !span_is(stage, SPAN("banner")) && !span_is(stage, SPAN("dot"));
}

static bool is_of_same(const struct statement *a, const struct statement *b)
{
	bool is_of = statement_has_word(a, "of");

	if (is_of != statement_has_word(b, "of"))
		return false;
	return !is_of || span_is(statement_value(a, VALUE_TEXT, 0)->text,
				 statement_value(b, VALUE_TEXT, 0)->text);
}

static void check_after(const struct checking *checking,
	const struct statement *server, size_t at)
{
	const struct statement *after = server->body[at];
	const struct value *delay = statement_value(after, VALUE_DURATION, 0);
	struct span stage = after->elements[0].word;

	check_reply(checking, after);
	if (delay && delay->number > DELAY_MAX_MS)
		tell(checking, &delay->place,
			"nobody wants to wait longer than 1m: to answer never "
			"is \"hang\"");
	if (span_is(stage, SPAN("banner")) &&
		statement_has_word(after, "reply"))
		tell(checking, &after->place,
			"what it says instead of its banner stands behind "
			"\"after connect reply\"");
	if (statement_has_word(after, "of") && !has_command(stage))
		tell(checking, &after->place,
			"there is no command at this stage that could have "
			"a text in it");
	for (size_t i = 0; i < at; i++) {
		const struct statement *other = server->body[i];

		if (other->verb->id != VERB_AFTER ||
			!is_of_same(other, after) ||
			!span_is(other->elements[0].word, stage) ||
			is_delay(other) != is_delay(after))
			continue;
		tell(checking, &after->place,
			is_delay(after) ? "there is a delay at this stage "
					  "already"
					: "it does something else at this "
					  "stage already");
		return;
	}
}

static const struct value *model_of(const struct statement *server)
{
	for (size_t i = 0; i < server->body_count; i++)
		if (server->body[i]->verb->id == VERB_LIKE)
			return &server->body[i]->elements[0].value;
	return NULL;
}

static const struct statement *server_named(
	const struct checking *checking, struct span name)
{
	for (size_t i = 0; i < checking->all->count; i++) {
		const struct statement *line = checking->all->list[i];

		if (line->verb->id == VERB_SERVER && line->element_count &&
			span_is(line->elements[0].value.text, name))
			return line;
	}
	return NULL;
}

/* Eight are enough for whoever means it, and for whoever goes in circles. */
static void check_like(
	const struct checking *checking, const struct statement *server)
{
	const struct value *like = model_of(server), *model = like;
	unsigned steps = 0;

	while (model && server && steps++ < 8) {
		server = server_named(checking, model->text);
		model = server ? model_of(server) : NULL;
	}
	if (model && server)
		tell(checking, &like->place,
			"servers are like each other in a circle, or more "
			"than 8 deep");
}

static void check_offer(
	const struct checking *checking, const struct statement *offer)
{
	const struct value *value;
	size_t len = 0;

	for (size_t i = 0; (value = statement_value(offer, VALUE_TEXT, i));
		i++) {
		len += value->text.len + 1;
		if (!has_line_end(value->text) && len < REPLY_LINE_MAX / 2)
			continue;
		tell(checking, &value->place,
			"what stands behind a keyword is one line, of less "
			"than 255 octets");
		return;
	}
}

static void check_line(const struct checking *checking,
	const struct statement *server, size_t at)
{
	const struct statement *line = server->body[at], *offer;
	const struct value *days = statement_value(line, VALUE_NUMBER, 0);

	if (line->verb->id == VERB_SAY_BANNER)
		check_reply(checking, line);
	if (line->verb->id == VERB_AFTER)
		check_after(checking, server, at);
	if (line->verb->id == VERB_CERTIFICATE && days &&
		days->number > CERTIFICATE_DAYS_MAX)
		tell(checking, &days->place,
			"a certificate is good for at most 10000 days");
	for (size_t i = 0; line->verb->id == VERB_SAY_EHLO &&
			   (offer = statement_clause(line, i));
		i++)
		check_offer(checking, offer);
}

static void check_server(
	const struct checking *checking, const struct statement *server)
{
	for (size_t i = 0; i < server->body_count; i++)
		check_line(checking, server, i);
	check_like(checking, server);
}

/* ---- twins and the DNS */

static bool is_in(const struct statement *line, const struct value *twin)
{
	const struct value *in = statement_value(line, VALUE_TWIN, 0);

	return in && span_is(in->text, twin->text);
}

static void check_twin(
	const struct checking *checking, const struct statement *twin)
{
	const struct value *name = statement_value(twin, VALUE_NAME, 0);
	bool is_used = false;

	for (size_t i = 0; i < checking->all->count; i++)
		is_used |= is_in(checking->all->list[i], name);
	if (!is_used)
		tell(checking, &twin->place,
			"nothing is different in it: a \"server\" or a "
			"\"dns\" in this twin is wanted");
	if (!twin->body_count && !twin->is_broken)
		tell(checking, &twin->place,
			"a twin has at least one \"expect\"");
}

static bool is_exchanger(struct span text)
{
	struct span preference = span_cut(&text, ' ');
	unsigned long number;

	return span_number(preference, 65535, &number) && text.len &&
	       span_find(text, ' ') == text.len;
}

static void check_record(const struct checking *checking,
	const struct statement *line, const struct value *value)
{
	struct span type = statement_value(line, VALUE_RECORD_TYPE, 0)->text;
	struct ip ip;
	bool is_ip = ip_parse(value->text, &ip);

	if (span_is(type, SPAN("A")) && (!is_ip || ip.family != FAMILY_IPV4))
		tell(checking, &value->place,
			"an IPv4 address is wanted, such as 192.0.2.1");
	if (span_is(type, SPAN("AAAA")) && (!is_ip || ip.family != FAMILY_IPV6))
		tell(checking, &value->place,
			"an IPv6 address is wanted, such as 2001:db8::1");
	if (span_is(type, SPAN("MX")) && !is_exchanger(value->text))
		tell(checking, &value->place,
			"a preference and a host are wanted, such as \"10 "
			"mx.example.org\"");
}

void play_check(struct arena *arena, struct complaints *complaints,
	const struct statements *all)
{
	struct checking checking = {
		.arena = arena, .complaints = complaints, .all = all
	};

	for (size_t i = 0; i < all->count; i++) {
		const struct statement *line = all->list[i];
		const struct value *value;

		if (line->verb->id == VERB_SERVER)
			check_server(&checking, line);
		if (line->verb->id == VERB_TWIN)
			check_twin(&checking, line);
		if (line->verb->id != VERB_DNS)
			continue;
		for (size_t n = 0;
			(value = statement_value(line, VALUE_TEXT, n)); n++)
			check_record(&checking, line, value);
	}
}
