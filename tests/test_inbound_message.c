#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/inbound_message.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static void read_text(const char *text, struct inbound_message *message)
{
	inbound_message_read(arena, span_of(text), message);
}

static const struct delivery *only(const struct inbound_message *message)
{
	assert_int_equal(message->kind, INBOUND_BOUNCE);
	assert_int_equal(message->delivery_count, 1);
	return &message->deliveries[0];
}

static void assert_status(const struct delivery *delivery, unsigned class,
	unsigned subject, unsigned detail)
{
	assert_int_equal(delivery->status[0], class);
	assert_int_equal(delivery->status[1], subject);
	assert_int_equal(delivery->status[2], detail);
}

static void assert_relay(const struct delivery *delivery, const char *address)
{
	assert_true(delivery->has_relay);
	assert_span(ip_text(arena, &delivery->relay), address);
	assert_true(delivery->has_family);
	assert_int_equal(delivery->family, delivery->relay.family);
}

/* ---- RFC 3464 */

static const char postfix[] =
	"Return-Path: <>\n"
	"From: Mail Delivery System <MAILER-DAEMON@mta.example.net>\n"
	"To: sender@example.net\n"
	"Subject: Undelivered Mail Returned to Sender\n"
	"Date: Sat, 7 Sep 2024 10:51:30 +0000\n"
	"Content-Type: multipart/report; report-type=delivery-status;\n"
	"\tboundary=\"b1/mta\"\n"
	"\n"
	"This is a MIME-encapsulated message.\n"
	"\n"
	"--b1/mta\n"
	"Content-Type: text/plain; charset=utf-8\n"
	"\n"
	"This is the mail system at host mta.example.net.\n"
	"\n"
	"                   The mail system\n"
	"\n"
	"<user@example.org>: host mx.example.org[2001:db8::25] said: "
	"550-5.7.1\n"
	"    [2001:db8:1::7] no mail from there 550 5.7.1 please go away (in "
	"reply\n"
	"    to end of DATA command)\n"
	"\n"
	"--b1/mta\n"
	"Content-Type: message/delivery-status\n"
	"\n"
	"Reporting-MTA: dns; mta.example.net\n"
	"X-Postfix-Queue-ID: 4ABC\n"
	"X-Postfix-Sender: rfc822; sender@example.net\n"
	"Arrival-Date: Sat, 7 Sep 2024 10:51:00 +0000\n"
	"\n"
	"Final-Recipient: rfc822; user@example.org\n"
	"Original-Recipient: rfc822;alias@example.net\n"
	"Action: failed\n"
	"Status: 5.7.1\n"
	"Remote-MTA: dns; mx.example.org\n"
	"Diagnostic-Code: smtp; 550-5.7.1 [2001:db8:1::7] no mail from there\n"
	"    550 5.7.1 please go away\n"
	"\n"
	"--b1/mta\n"
	"Content-Type: text/rfc822-headers\n"
	"\n"
	"Return-Path: <sender@example.net>\n"
	"From: Some Body <body@news.example.net>\n"
	"To: alias@example.net\n"
	"Message-ID: <one@example.net>\n"
	"\n"
	"--b1/mta--\n";

static void a_delivery_status_is_completed_by_the_text(void **state)
{
	struct inbound_message message;
	const struct delivery *delivery;

	(void)state;
	read_text(postfix, &message);
	delivery = only(&message);
	assert_span(delivery->dialect, "rfc3464");
	assert_span(delivery->recipient, "user@example.org");
	assert_span(delivery->original_recipient, "alias@example.net");
	assert_int_equal(delivery->code, 550);
	assert_status(delivery, 5, 7, 1);
	assert_false(delivery->is_local_status);
	assert_span(delivery->relay_host, "mx.example.org");
	assert_relay(delivery, "2001:db8::25");
	assert_true(delivery->has_source);
	assert_span(ip_text(arena, &delivery->source), "2001:db8:1::7");
	assert_true(delivery->has_stage);
	assert_int_equal(delivery->stage, STAGE_DOT);
	assert_int_equal(delivery->result, DELIVERY_REFUSED);
}

static void a_bounce_tells_of_the_message_too(void **state)
{
	struct inbound_message message;
	const struct delivery *delivery;

	(void)state;
	read_text(postfix, &message);
	delivery = only(&message);
	assert_span(delivery->queue_id, "4ABC");
	assert_span(delivery->message_id, "one@example.net");
	assert_span(delivery->from_domain, "news.example.net");
	assert_true(delivery->has_sender);
	assert_span(delivery->sender, "sender@example.net");
	assert_true(delivery->has_time);
	assert_int_equal(delivery->time_ms, 1725706290000);
	assert_true(delivery->has_delay);
	assert_int_equal(delivery->delay_ms, 30000);
}

/* Sendmail's Diagnostic-Code is the first line of the reply only. */
static const char sendmail[] =
	"From: Mail Delivery Subsystem <MAILER-DAEMON@mta.example.net>\n"
	"To: sender@example.net\n"
	"Subject: Returned mail: see transcript for details\n"
	"Content-Type: multipart/report; boundary=b2\n"
	"\n"
	"--b2\n"
	"\n"
	"   ----- The following addresses had permanent fatal errors -----\n"
	"<user@example.org>\n"
	"    (reason: 550-5.7.1 [192.0.2.7] first line of a reply)\n"
	"\n"
	"   ----- Transcript of session follows -----\n"
	"... while talking to mx.example.org.:\n"
	">>> DATA\n"
	"<<< 550-5.7.1 [192.0.2.7] first line of a reply\n"
	"<<< 550 5.7.1 p=LastWord\n"
	"554 5.0.0 Service unavailable\n"
	"\n"
	"--b2\n"
	"Content-Type: message/delivery-status\n"
	"\n"
	"Reporting-MTA: dns; mta.example.net\n"
	"\n"
	"Final-Recipient: RFC822; user@example.org\n"
	"Action: failed\n"
	"Status: 5.7.1\n"
	"Remote-MTA: DNS; mx.example.org\n"
	"Diagnostic-Code: SMTP; 550-5.7.1 [192.0.2.7] first line of a reply\n"
	"\n"
	"--b2--\n";

static void the_whole_reply_comes_from_the_session(void **state)
{
	struct inbound_message message;
	const struct delivery *delivery;

	(void)state;
	read_text(sendmail, &message);
	delivery = only(&message);
	assert_span(delivery->text,
		"550-5.7.1 [192.0.2.7] first line of a reply\n"
		"550 5.7.1 p=LastWord");
	assert_int_equal(delivery->stage, STAGE_DOT);
	assert_false(delivery->has_relay);
	assert_true(delivery->has_source);
	assert_int_equal(delivery->family, FAMILY_IPV4);
	assert_false(delivery->lacks_reply);
}

static void a_status_that_no_server_said_is_told_apart(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text("From: MAILER-DAEMON@a.example\nSubject: Returned mail\n"
		  "Content-Type: multipart/report; boundary=b\n\n"
		  "--b\nContent-Type: message/delivery-status\n\n"
		  "Final-Recipient: rfc822; user@example.org\n"
		  "Action: failed\nStatus: 5.0.0\n"
		  "Diagnostic-Code: smtp; 550 no\n\n--b--\n",
		&message);
	assert_status(only(&message), 5, 0, 0);
	assert_true(only(&message)->is_local_status);
}

/* One action a row: what becomes of it. */
static const struct action_row {
	const char *fields;
	enum inbound_kind kind;
	enum delivery_result result;
} actions[] = {
	{ .fields = "Action: failed\nStatus: 5.1.1\n",
		.kind = INBOUND_BOUNCE,
		.result = DELIVERY_REFUSED },
	{ .fields = "Action: failed\nStatus: 4.4.7\n",
		.kind = INBOUND_BOUNCE,
		.result = DELIVERY_EXPIRED },
	{ .fields = "Action: delayed\nStatus: 4.4.7\n",
		.kind = INBOUND_BOUNCE,
		.result = DELIVERY_DEFERRED },
	{ .fields = "Action: delivered\nStatus: 2.0.0\n",
		.kind = INBOUND_SUCCESS,
		.result = DELIVERY_ACCEPTED },
	{ .fields = "Action: relayed\nStatus: 2.0.0\n",
		.kind = INBOUND_SUCCESS,
		.result = DELIVERY_ACCEPTED },
	{ .fields = "Action: expanded\nStatus: 2.0.0\n",
		.kind = INBOUND_SUCCESS,
		.result = DELIVERY_ACCEPTED },
};

static void an_action_says_what_became_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(actions); i++) {
		struct inbound_message message;
		struct span text = arena_print(arena,
			"Content-Type: message/delivery-status\n\n"
			"Final-Recipient: rfc822; user@example.org\n%s",
			actions[i].fields);

		inbound_message_read(arena, text, &message);
		assert_int_equal(message.kind, actions[i].kind);
		assert_int_equal(message.delivery_count, 1);
		assert_int_equal(
			message.deliveries[0].result, actions[i].result);
	}
}

/* ---- free forms: each a notice by one mail system, in short */

static const struct form_row {
	const char *name, *notice, *recipient, *relay, *text;
	unsigned code;
	unsigned status[3];
	bool has_stage;
	enum stage stage;
} forms[] = {
	{ .name = "qmail",
		.notice = "Hi. This is the qmail-send program at "
			  "mta.example.net.\n"
			  "I'm afraid I wasn't able to deliver your message "
			  "to the following addresses.\n\n"
			  "<user@example.org>:\n"
			  "192.0.2.1 does not like recipient.\n"
			  "Remote host said: 550 5.1.1 nobody here\n"
			  "Giving up on 192.0.2.1.\n\n"
			  "--- Below this line is a copy of the message.\n\n"
			  "Return-Path: <sender@example.net>\n",
		.recipient = "user@example.org",
		.relay = "192.0.2.1",
		.text = "550 5.1.1 nobody here\nGiving up on 192.0.2.1.",
		.code = 550,
		.status = { 5, 1, 1 },
		.has_stage = true,
		.stage = STAGE_RCPT },
	{ .name = "Exim",
		.notice = "A message that you sent could not be delivered to "
			  "one or more of its\nrecipients. The following "
			  "address(es) failed:\n\n"
			  "  user@example.org\n"
			  "    host mx.example.org [2001:db8::1]\n"
			  "    SMTP error from remote mail server after MAIL "
			  "FROM:<sender@example.net> SIZE=1024:\n"
			  "    554 5.7.1 no PTR\n\n"
			  "------ This is a copy of the message. ------\n\n"
			  "Return-path: <sender@example.net>\n",
		.recipient = "user@example.org",
		.relay = "2001:db8::1",
		.text = "554 5.7.1 no PTR",
		.code = 554,
		.status = { 5, 7, 1 },
		.has_stage = true,
		.stage = STAGE_MAIL },
	{ .name = "Postfix",
		.notice = "I'm sorry to have to inform you that your message "
			  "could not be delivered\n\n"
			  "<user@example.org>: connect to "
			  "mx.example.org[192.0.2.9]:25: Connection\n"
			  "    timed out\n",
		.recipient = "user@example.org",
		.relay = "192.0.2.9",
		.text = "connect to mx.example.org[192.0.2.9]:25: Connection\n"
			"timed out",
		.has_stage = true,
		.stage = STAGE_CONNECT },
	{ .name = "OpenSMTPD",
		.notice = "An error has occurred while attempting to deliver "
			  "a message for\nthe following list of "
			  "recipients:\n\n"
			  "user@example.org: 552 5.2.2 full\n\n"
			  "    Below is a copy of the original message:\n",
		.recipient = "user@example.org",
		.text = "552 5.2.2 full",
		.code = 552,
		.status = { 5, 2, 2 } },
	{ .name = "Google",
		.notice = "Delivery to the following recipient failed "
			  "permanently:\n\n     user@example.org\n\n"
			  "Technical details of permanent failure: \n"
			  "Google tried to deliver your message, but it was "
			  "rejected by the server for the recipient domain "
			  "example.org by mx.example.org. [192.0.2.3].\n\n"
			  "The error that the other server returned was:\n"
			  "550 5.1.1 unknown\n\n----- Original message -----\n",
		.recipient = "user@example.org",
		.relay = "192.0.2.3",
		.text = "550 5.1.1 unknown",
		.code = 550,
		.status = { 5, 1, 1 } },
	{ .name = "Sendmail without its status part",
		.notice = "   ----- The following addresses had permanent "
			  "fatal errors -----\n<user@example.org>\n\n"
			  "   ----- Transcript of session follows -----\n"
			  "... while talking to mx.example.org.:\n"
			  ">>> RCPT To:<user@example.org>\n"
			  "<<< 550 5.1.1 unknown\n"
			  "550 5.1.1 <user@example.org>... User unknown\n",
		.recipient = "user@example.org",
		.text = "550 5.1.1 unknown",
		.code = 550,
		.status = { 5, 1, 1 },
		.has_stage = true,
		.stage = STAGE_RCPT },
	{ .name = "Sendmail, a RCPT refused under pipelining",
		.notice = "   ----- Transcript of session follows -----\n"
			  "... while talking to mx.example.org.:\n"
			  ">>> DATA\n"
			  "<<< 550 5.1.1 unknown\n"
			  "550 5.1.1 <user@example.org>... User unknown\n"
			  "<<< 503 5.0.0 Need RCPT (recipient)\n",
		.recipient = "user@example.org",
		.text = "550 5.1.1 unknown",
		.code = 550,
		.status = { 5, 1, 1 },
		.has_stage = true,
		.stage = STAGE_RCPT },
	{ .name = "Exchange 2003",
		.notice = "Your message\n\n  To:      user@example.org\n"
			  "  Subject: x\n\n"
			  "did not reach the following recipient(s):\n\n"
			  "user@example.org on Thu, 29 Apr 2010 00:00:00 "
			  "-0000\n    The recipient name is not recognized\n",
		.recipient = "user@example.org",
		.text = "The recipient name is not recognized" },
	{ .name = "Domino: the reason some lines below",
		.notice = "Your message\n\n   Subject: x\n\n"
			  "was not delivered to:\n\n   user@example.org\n\n"
			  "because:\n\n   User not listed in public Name & "
			  "Address Book\n",
		.recipient = "user@example.org",
		.text = "User not listed in public Name & Address Book" },
	{ .name = "Notes: the reason above",
		.notice = "------- Failure Reasons  --------\n\n"
			  "User not listed\nuser@example.org\n\n"
			  "------- Returned Message --------\n",
		.recipient = "user@example.org",
		.text = "User not listed" },
	{ .name = "DragonFly",
		.notice = "There was an error delivering your mail to "
			  "<user@example.org>.\n\n"
			  "mx.example.org [192.0.2.4] did not like our final "
			  "DATA:\n550 5.7.1 no\n\nMessage headers follow.\n",
		.recipient = "user@example.org",
		.relay = "192.0.2.4",
		.text = "550 5.7.1 no",
		.code = 550,
		.status = { 5, 7, 1 },
		.has_stage = true,
		.stage = STAGE_DOT },
	{ .name = "a status without a code",
		.notice = "Unable to deliver message to the following "
			  "address(es).\n\n<user@example.org>:\n"
			  "Please try again later [#4.1.9].\n",
		.recipient = "user@example.org",
		.text = "Please try again later [#4.1.9].",
		.status = { 4, 1, 9 } },
	{ .name = "a label counts where a reply is told",
		.notice = "Your mail could not be delivered.\n\n"
			  "Error message below:\n550 no such user\n\n"
			  "Message details:\n  RCPT TO: user@example.org\n",
		.recipient = "user@example.org",
		.text = "550 no such user",
		.code = 550 },
};

static void assert_form(
	const struct form_row *row, const struct inbound_message *message)
{
	const struct delivery *delivery = message->deliveries;

	if (message->kind != INBOUND_BOUNCE || message->delivery_count != 1)
		fail_msg("%s: %s, %zu recipients", row->name,
			inbound_kind_word(message->kind),
			message->delivery_count);
	assert_span(delivery->recipient, row->recipient);
	assert_span(delivery->text, row->text);
	assert_int_equal(delivery->code, row->code);
	assert_status(delivery, row->status[0], row->status[1], row->status[2]);
	assert_int_equal(delivery->has_stage, row->has_stage);
	if (row->has_stage)
		assert_int_equal(delivery->stage, row->stage);
	if (row->relay)
		assert_relay(delivery, row->relay);
	else
		assert_false(delivery->has_relay);
}

static struct span with_header(const char *notice)
{
	return arena_print(arena,
		"From: MAILER-DAEMON@mta.example.net\n"
		"To: sender@example.net\nSubject: failure notice\n\n%s",
		notice);
}

static void each_mail_system_names_its_recipient(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct inbound_message message;

		inbound_message_read(
			arena, with_header(forms[i].notice), &message);
		assert_form(&forms[i], &message);
	}
}

static struct span with_crlf(struct span text)
{
	char *room = arena_take(arena, text.len * 2 + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\n')
			room[len++] = '\r';
		room[len++] = text.at[i];
	}
	return (struct span){ room, len };
}

static void crlf_makes_no_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct inbound_message message;

		inbound_message_read(arena,
			with_crlf(with_header(forms[i].notice)), &message);
		assert_form(&forms[i], &message);
	}
}

static struct span quoted(struct span text)
{
	char *room = arena_take(arena, text.len * 3 + 3);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (i == 0 || text.at[i - 1] == '\n') {
			room[len++] = '>';
			room[len++] = ' ';
		}
		room[len++] = text.at[i];
	}
	return (struct span){ room, len };
}

static void a_forwarded_notice_is_one_too(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct inbound_message message;
		struct span text = quoted(span_of(forms[i].notice));

		text = arena_print(arena,
			"From: someone@example.net\nTo: other@example.net\n"
			"Subject: Fwd: failure notice\n\nSee "
			"below.\n\n%.*s",
			SPAN_ARG(text));
		inbound_message_read(arena, text, &message);
		/* Of those that neither quote the message nor a reply. */
		if (message.kind == INBOUND_OTHER && !forms[i].code &&
			!forms[i].status[0])
			continue;
		assert_form(&forms[i], &message);
	}
}

static void each_of_several_recipients_has_its_own_reason(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		with_header("I wasn't able to deliver your message.\n\n"
			    "<one@example.org>:\n"
			    "Remote host said: 550 5.1.1 unknown\n\n"
			    "<two@example.org>:\n"
			    "Remote host said: 552 5.2.2 full\n\n"),
		&message);
	assert_int_equal(message.delivery_count, 2);
	assert_span(message.deliveries[0].recipient, "one@example.org");
	assert_span(message.deliveries[0].text, "550 5.1.1 unknown");
	assert_span(message.deliveries[1].recipient, "two@example.org");
	assert_span(message.deliveries[1].text, "552 5.2.2 full");
}

static void recipients_in_a_list_share_the_reason_below(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		with_header("Delivery to these recipients failed:\n\n"
			    "  one@example.org\n  two@example.org\n\n"
			    "550 5.7.1 no mail from you\n"),
		&message);
	assert_int_equal(message.delivery_count, 2);
	assert_span(message.deliveries[0].text, "550 5.7.1 no mail from you");
	assert_span(message.deliveries[1].text, "550 5.7.1 no mail from you");
}

static void the_sender_is_no_recipient(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		with_header("A message sent by\n\n  <sender@example.net>\n\n"
			    "could not be delivered. The following "
			    "address(es) failed:\n\n  user@example.org\n"
			    "    unrouteable address\n"),
		&message);
	assert_span(only(&message)->recipient, "user@example.org");
	assert_int_equal(only(&message)->stage, STAGE_RESOLVE);
}

static void a_wrapped_line_that_begins_with_an_address_is_none(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		with_header("Your message could not be delivered.\n\n"
			    "<user@example.org>: host mx.example.org said: "
			    "554 5.7.1\n"
			    "    <other@example.com>: Sender address "
			    "rejected\n"),
		&message);
	assert_span(only(&message)->recipient, "user@example.org");
	assert_span(only(&message)->text,
		"554 5.7.1\n<other@example.com>: Sender address rejected");
}

static void a_warning_is_deferred_and_an_old_message_expired(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		with_header("THIS IS A WARNING MESSAGE ONLY.\n\n"
			    "<user@example.org>:\n450 4.2.0 later\n"),
		&message);
	assert_int_equal(only(&message)->result, DELIVERY_DEFERRED);
	inbound_message_read(arena,
		with_header("I wasn't able to deliver your message.\n\n"
			    "<user@example.org>:\n450 4.2.0 later\n"
			    "I'm not going to try again; this message has been "
			    "in the queue too long.\n"),
		&message);
	assert_int_equal(only(&message)->result, DELIVERY_EXPIRED);
}

static void service_unavailable_alone_lacks_the_reply(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		with_header("<user@example.org>:\n"
			    "554 5.0.0 Service unavailable\n"),
		&message);
	assert_true(only(&message)->lacks_reply);
}

static void x_failed_recipients_name_whom_the_text_does_not(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text("X-Failed-Recipients: one@example.org, two@example.org\n"
		  "From: daemon@example.net\nTo: sender@example.net\n\n"
		  "The group may not exist.\n",
		&message);
	assert_int_equal(message.delivery_count, 2);
	assert_span(message.deliveries[1].recipient, "two@example.org");
	assert_span(message.deliveries[1].text, "The group may not exist.");
}

/* ---- MIME in bad shape */

static void base64_and_a_charset_are_read(void **state)
{
	struct inbound_message message;

	(void)state;
	/* "Nicht zustellbar: unable to deliver\n\n<user@example.org>:\n
	   550 Empf\xe4nger unbekannt\n" in ISO-8859-1 */
	read_text("From: postmaster@example.net\nSubject: x\n"
		  "Content-Type: text/plain; charset=iso-8859-1\n"
		  "Content-Transfer-Encoding: base64\n\n"
		  "TmljaHQgenVzdGVsbGJhcjogdW5hYmxlIHRvIGRlbGl2ZXIKCjx1c2VyQGV4"
		  "YW1wbGUu\nb3JnPjoKNTUwIEVtcGbkbmdlciB1bmJla2FubnQK\n",
		&message);
	assert_span(only(&message)->text, "550 Empf\xc3\xa4nger unbekannt");
}

static void a_boundary_that_the_header_does_not_name_is_found(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text("From: postmaster@example.net\nSubject: x\n"
		  "Content-Type: multipart/report\n\n"
		  "--unnamed\nContent-Type: text/plain\n\nwords\n"
		  "--unnamed\nContent-Type: message/delivery-status\n\n"
		  "Final-Recipient: rfc822; user@example.org\n"
		  "Action: failed\nStatus: 5.1.1\n\n--unnamed--\n",
		&message);
	assert_span(only(&message)->recipient, "user@example.org");
}

static void a_status_part_under_a_wrong_type_is_one(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text("From: postmaster@example.net\nSubject: x\n"
		  "Content-Type: multipart/mixed; boundary=b\n\n"
		  "--b\nContent-Type: text/plain\n\n"
		  "Reporting-MTA: dns; mta.example.net\n\n"
		  "Final-Recipient: rfc822; user@example.org\n"
		  "Action: failed\nStatus: 5.1.1\n\n--b--\n",
		&message);
	assert_span(only(&message)->recipient, "user@example.org");
	assert_span(only(&message)->dialect, "rfc3464");
}

static void status_fields_in_prose_are_read(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		with_header("An error occurred while trying to deliver the "
			    "mail to the following recipients:\n"
			    "user@example.org\n\nTechnical report:\n\n"
			    "Reporting-MTA: dns; mta.example.net\n\n"
			    "Action: failed\n"
			    "Final-Recipient: rfc822; user@example.org\n"
			    "Diagnostic-Code: smtp; 550 5.1.1 nobody\n"
			    " of that name\n"
			    "Status: 5.1.1\n"),
		&message);
	assert_span(only(&message)->text, "550 5.1.1 nobody of that name");
}

static void html_alone_is_read(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text("From: postmaster@example.net\nSubject: Undeliverable: x\n"
		  "Content-Type: text/html\n\n"
		  "<html><style>p { x: y }</style><p>Delivery has failed to "
		  "these recipients:</p><p>user@example.org</p>"
		  "<p>550 5.7.1 R&amp;D says no</p></html>\n",
		&message);
	assert_span(only(&message)->recipient, "user@example.org");
	assert_span(only(&message)->text, "550 5.7.1 R&D says no");
}

static void a_bounce_that_is_enclosed_is_read(void **state)
{
	struct inbound_message message;
	struct span text = arena_print(arena,
		"From: someone@example.net\nSubject: what is this?\n"
		"Content-Type: multipart/mixed; boundary=outer\n\n"
		"--outer\n\nSee there.\n"
		"--outer\nContent-Type: message/rfc822\n\n%s\n--outer--\n",
		postfix);

	(void)state;
	inbound_message_read(arena, text, &message);
	assert_span(only(&message)->recipient, "user@example.org");
}

static void amazon_tells_in_json(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text("From: no-reply@sns.example\nSubject: Notification\n\n"
		  "{\"notificationType\":\"Bounce\",\"bounce\":{"
		  "\"bouncedRecipients\":[{\"emailAddress\":"
		  "\"user@example.org\",\"action\":\"failed\",\"status\":"
		  "\"5.1.1\",\"diagnosticCode\":\"smtp; 550 5.1.1 "
		  "\\\"nobody\\\"\"}],\"reportingMTA\":\"dsn; a.example\"}}\n",
		&message);
	assert_span(only(&message)->recipient, "user@example.org");
	assert_span(only(&message)->text, "550 5.1.1 \"nobody\"");
}

static void amazon_tells_of_delays_and_complaints_too(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text("From: no-reply@sns.example\nSubject: Notification\n\n"
		  "{\"eventType\":\"DeliveryDelay\",\"deliveryDelay\":{"
		  "\"delayedRecipients\":[{\"emailAddress\":"
		  "\"user@example.org\",\"status\":\"4.4.1\","
		  "\"diagnosticCode\":\"smtp; 421 4.4.1 no\"}]}}\n",
		&message);
	assert_span(only(&message)->recipient, "user@example.org");
	assert_int_equal(only(&message)->result, DELIVERY_DEFERRED);
	read_text("From: no-reply@sns.example\nSubject: Notification\n\n"
		  "{\"notificationType\":\"Complaint\",\"complaint\":{"
		  "\"complainedRecipients\":[{\"emailAddress\":"
		  "\"user@example.org\"}],\"complaintFeedbackType\":"
		  "\"fraud\"},\"mail\":{\"source\":\"a@example.net\"}}\n",
		&message);
	assert_int_equal(message.kind, INBOUND_FEEDBACK);
	assert_span(message.feedback.type, "fraud");
	assert_span(message.feedback.rcpt_to, "user@example.org");
	assert_span(message.feedback.mail_from, "a@example.net");
	read_text("Subject: x\n\n{\"complaint\":{}}\n", &message);
	assert_int_equal(message.kind, INBOUND_OTHER);
}

/* ---- what is none */

static const char *const others[] = {
	/* a letter */
	"From: a@example.net\nTo: b@example.net\nSubject: hello\n\n"
	"Please write to\n\ncarol@example.org\n\nand call 550 1234.\n",
	/* somebody is away, with the null path as RFC 3834 wants it */
	"Return-Path: <>\nFrom: b@example.org\nSubject: Auto reply: hello\n"
	"Auto-Submitted: auto-replied\n\nI am away. Ask\n\n"
	"carol@example.org\n",
	/* a parcel */
	"From: news@shop.example\nSubject: Your parcel\n\n"
	"We were unable to deliver your parcel. Write to\n\n"
	"help@shop.example\n",
	/* a mail enclosed */
	"From: a@example.net\nSubject: see there\n"
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nno bounce\n"
	"--b\nContent-Type: message/rfc822\n\nFrom: c@example.org\n"
	"Subject: hello\n\nhello\n--b--\n",
	/* a newsletter that speaks of bounces */
	"From: list@example.org\nSubject: Ten reasons for bounces\n"
	"List-Id: <list.example.org>\n\n550 5.1.1 means that a user is "
	"unknown.\nWe explain the others on our site.\n",
	"",
	"\n",
	"no header at all\n",
};

static void other_mail_is_no_bounce(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct inbound_message message;

		read_text(others[i], &message);
		if (message.kind == INBOUND_BOUNCE || message.delivery_count)
			fail_msg("called a bounce: %s", others[i]);
	}
}

static void an_autoreply_is_told_as_one(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text(others[1], &message);
	assert_int_equal(message.kind, INBOUND_AUTOREPLY);
}

/* ---- feedback */

static void a_feedback_report_is_its_own_kind(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text("From: fbl@example.org\nSubject: FW: x\n"
		  "Content-Type: multipart/report; "
		  "report-type=feedback-report; boundary=b\n\n"
		  "--b\n\nThis is an email abuse report\n"
		  "--b\nContent-Type: message/feedback-report\n\n"
		  "Feedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\n"
		  "Original-Mail-From: <sender@example.net>\n"
		  "Original-Rcpt-To: user@example.org\n"
		  "Source-IP: 2001:db8::25\n"
		  "Arrival-Date: Sat, 7 Sep 2024 10:51:30 +0000\n\n"
		  "--b\nContent-Type: message/rfc822\n\n"
		  "From: x@news.example.net\nTo: user@example.org\n"
		  "Message-ID: <m@example.net>\n\nhello\n--b--\n",
		&message);
	assert_int_equal(message.kind, INBOUND_FEEDBACK);
	assert_int_equal(message.delivery_count, 0);
	assert_span(message.feedback.type, "abuse");
	assert_span(message.feedback.mail_from, "sender@example.net");
	assert_span(message.feedback.rcpt_to, "user@example.org");
	assert_span(message.feedback.from_domain, "news.example.net");
	assert_span(message.feedback.message_id, "m@example.net");
	assert_true(message.feedback.has_source);
	assert_int_equal(message.feedback.source.family, FAMILY_IPV6);
	assert_int_equal(message.feedback.time_ms, 1725706290000);
}

static void a_complaint_may_stand_in_the_subject(void **state)
{
	struct inbound_message message;

	(void)state;
	read_text("From: staff@example.com\n"
		  "Subject: complaint about message from 192.0.2.7\n"
		  "Content-Type: multipart/mixed; boundary=b\n\n"
		  "--b\nContent-Type: message/rfc822\n\n"
		  "From: x@example.net\nTo: user@example.org\n\nhello\n"
		  "--b--\n",
		&message);
	assert_int_equal(message.kind, INBOUND_FEEDBACK);
	assert_span(ip_text(arena, &message.feedback.source), "192.0.2.7");
	assert_span(message.feedback.rcpt_to, "user@example.org");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delivery_status_is_completed_by_the_text),
		cmocka_unit_test(a_bounce_tells_of_the_message_too),
		cmocka_unit_test(the_whole_reply_comes_from_the_session),
		cmocka_unit_test(a_status_that_no_server_said_is_told_apart),
		cmocka_unit_test(an_action_says_what_became_of_it),
		cmocka_unit_test(each_mail_system_names_its_recipient),
		cmocka_unit_test(crlf_makes_no_difference),
		cmocka_unit_test(a_forwarded_notice_is_one_too),
		cmocka_unit_test(each_of_several_recipients_has_its_own_reason),
		cmocka_unit_test(recipients_in_a_list_share_the_reason_below),
		cmocka_unit_test(the_sender_is_no_recipient),
		cmocka_unit_test(
			a_wrapped_line_that_begins_with_an_address_is_none),
		cmocka_unit_test(
			a_warning_is_deferred_and_an_old_message_expired),
		cmocka_unit_test(service_unavailable_alone_lacks_the_reply),
		cmocka_unit_test(
			x_failed_recipients_name_whom_the_text_does_not),
		cmocka_unit_test(base64_and_a_charset_are_read),
		cmocka_unit_test(
			a_boundary_that_the_header_does_not_name_is_found),
		cmocka_unit_test(a_status_part_under_a_wrong_type_is_one),
		cmocka_unit_test(status_fields_in_prose_are_read),
		cmocka_unit_test(html_alone_is_read),
		cmocka_unit_test(a_bounce_that_is_enclosed_is_read),
		cmocka_unit_test(amazon_tells_in_json),
		cmocka_unit_test(amazon_tells_of_delays_and_complaints_too),
		cmocka_unit_test(other_mail_is_no_bounce),
		cmocka_unit_test(an_autoreply_is_told_as_one),
		cmocka_unit_test(a_feedback_report_is_its_own_kind),
		cmocka_unit_test(a_complaint_may_stand_in_the_subject),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
