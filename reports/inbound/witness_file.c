#include "reports/inbound/witness_file.h"

#include "reports/inbound/mailbox_file.h"
#include "reports/inbound/maillog.h"
#include "reports/inbound/report_collection.h"

const char *witness_form_word(enum witness_form form)
{
	switch (form) {
	case WITNESS_FORM_EMPTY:
		return "empty";
	case WITNESS_FORM_CAPTURE:
		return "capture";
	case WITNESS_FORM_MAIL:
		return "mail";
	case WITNESS_FORM_REPORT:
		return "report";
	case WITNESS_FORM_REPLY:
		return "reply";
	case WITNESS_FORM_LOG:
		return "mail log";
	case WITNESS_FORM_TEXT:
		return "text";
	case WITNESS_FORM_UNKNOWN:
		break;
	}
	return "unknown";
}

/* pcap in both byte orders, with microseconds, nanoseconds and the longer
 * record headers of old; pcapng. */
static bool is_capture(struct span head)
{
	static const char *const starts[] = { "\xa1\xb2\xc3\xd4",
		"\xd4\xc3\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1",
		"\xa1\xb2\xcd\x34", "\x34\xcd\xb2\xa1", "\x0a\x0d\x0d\x0a" };

	for (size_t i = 0; head.len >= 4 && i < COUNT_OF(starts); i++)
		if (memcmp(head.at, starts[i], 4) == 0)
			return true;
	return false;
}

static bool is_empty(struct span head)
{
	for (size_t i = 0; i < head.len; i++)
		if (!ascii_is_space(head.at[i]))
			return false;
	return true;
}

/* RFC 5321 4.2: three digits, then a blank, a hyphen or the end. */
static bool begins_as_reply(struct span head)
{
	while (head.len && ascii_is_space(head.at[0]))
		head = span_part(head, 1, head.len);
	if (head.len < 3 || head.at[0] < '2' || head.at[0] > '5' ||
		!ascii_is_digit(head.at[1]) || !ascii_is_digit(head.at[2]))
		return false;
	return head.len == 3 || head.at[3] == '-' || ascii_is_space(head.at[3]);
}

static bool has_log_line(struct span head)
{
	const struct maillog_orders orders = { .file = SPAN("") };
	struct maillog *log = maillog_open(&orders);
	const struct maillog_account *account = maillog_account(log);
	uint64_t lines = 0;

	maillog_feed(log, head);
	if (maillog_next(log)) {
		maillog_close(log);
		return true;
	}
	maillog_end(log);
	while (maillog_next(log))
		lines++;
	for (size_t i = 0; i < MAILLOG_DIALECT_COUNT; i++)
		lines += account->of_dialect[i];
	maillog_close(log);
	return lines != 0;
}

/*
 * Among octets of any kind a line of a log can be found by chance.  A log may
 * have zeros in it, from when the machine lost its power, and a few controls
 * that a peer sent.
 */
static bool is_text(struct span head)
{
	size_t controls = 0;

	for (size_t i = 0; i < head.len; i++) {
		unsigned char octet = (unsigned char)head.at[i];

		controls += (octet && octet < ' ' && octet != '\t' &&
				    octet != '\n' && octet != '\r') ||
			    octet == 0x7f;
	}
	return controls <= head.len / 32 + 4;
}

static bool has_zero(struct span head)
{
	return head.len && memchr(head.at, 0, head.len);
}

enum witness_form witness_form_of(struct span head, bool is_whole)
{
	if (is_capture(head))
		return WITNESS_FORM_CAPTURE;
	if (is_empty(head))
		return is_whole ? WITNESS_FORM_EMPTY : WITNESS_FORM_UNKNOWN;
	if (report_is_likely(head))
		return WITNESS_FORM_REPORT;
	if (mailbox_is_one(head))
		return WITNESS_FORM_MAIL;
	if (!is_text(head))
		return WITNESS_FORM_UNKNOWN;
	if (has_log_line(head))
		return WITNESS_FORM_LOG;
	if (has_zero(head))
		return WITNESS_FORM_UNKNOWN;
	if (is_whole && head.len <= WITNESS_REPLY_MAX && begins_as_reply(head))
		return WITNESS_FORM_REPLY;
	return WITNESS_FORM_TEXT;
}
