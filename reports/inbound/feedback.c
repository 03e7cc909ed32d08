#include "reports/inbound/feedback.h"

#include "probe/mail/header.h"
#include "probe/mail/mail_date.h"
#include "reports/inbound/delivery_status.h"

static struct span value_of(
	struct arena *arena, const struct header *header, struct span name)
{
	const struct header_field *field = header_get(header, name);

	return field ? header_unfold(arena, field->value) : SPAN("");
}

static void read_source(struct span value, struct feedback *feedback)
{
	if (value.len && value.at[0] == '[')
		value = span_part(value, 1, span_find(value, ']') - 1);
	feedback->has_source = ip_parse(value, &feedback->source);
}

static void read_time(
	struct arena *arena, struct span value, struct feedback *feedback)
{
	struct mail_date date;
	const char *why;

	if (!value.len || feedback->has_time ||
		!mail_date_parse(arena, value, &date, &why))
		return;
	feedback->has_time = true;
	feedback->time_ms = date.seconds * 1000;
}

bool feedback_read(
	struct arena *arena, struct span text, struct feedback *feedback)
{
	struct header header;

	*feedback = (struct feedback){ .incidents = 1 };
	while (text.len && ascii_is_space(text.at[0]))
		text = span_part(text, 1, text.len);
	header_parse(arena, text, &header);
#define VALUE(name) value_of(arena, &header, SPAN(name))
	feedback->type = VALUE("Feedback-Type");
	feedback->user_agent = VALUE("User-Agent");
	feedback->mail_from = dsn_address(VALUE("Original-Mail-From"));
	feedback->rcpt_to = dsn_address(VALUE("Original-Rcpt-To"));
	feedback->reported_domain = VALUE("Reported-Domain");
	feedback->reported_uri = VALUE("Reported-URI");
	feedback->auth_failure = VALUE("Auth-Failure");
	feedback->auth_results = VALUE("Authentication-Results");
	feedback->dkim_domain = VALUE("DKIM-Domain");
	feedback->delivery_result = VALUE("Delivery-Result");
	read_source(VALUE("Source-IP"), feedback);
	read_time(arena, VALUE("Arrival-Date"), feedback);
	read_time(arena, VALUE("Received-Date"), feedback);
	if (!span_number(VALUE("Incidents"), 1000000000, &feedback->incidents))
		feedback->incidents = 1;
#undef VALUE
	return feedback->type.len != 0;
}

bool feedback_read_subject(struct span subject, struct feedback *feedback)
{
	struct span words = SPAN("complaint about message from ");

	*feedback = (struct feedback){ .incidents = 1 };
	subject = span_trim(subject);
	if (!span_starts_nocase(subject, words))
		return false;
	read_source(span_trim(span_part(subject, words.len, subject.len)),
		feedback);
	feedback->type = SPAN("abuse");
	return feedback->has_source;
}
