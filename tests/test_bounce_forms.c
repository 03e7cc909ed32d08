/*
 * Bounces in the forms that mail systems have beyond RFC 3464: other tongues,
 * a mail that somebody passed on, words around an address.  Those of the
 * common MTAs are in test_inbound_message.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/inbound_message.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static const struct delivery *read_only(
	const char *mail, struct inbound_message *message)
{
	inbound_message_read(arena, span_of(mail), message);
	if (message->kind != INBOUND_BOUNCE || message->delivery_count != 1)
		fail_msg("%s, %zu recipients: %s",
			inbound_kind_word(message->kind),
			message->delivery_count, mail);
	return &message->deliveries[0];
}

static void assert_other(const char *mail)
{
	struct inbound_message message;

	inbound_message_read(arena, span_of(mail), &message);
	if (message.kind == INBOUND_BOUNCE || message.delivery_count)
		fail_msg("called a bounce: %s", mail);
}

/* ---- other tongues */

/* A robot that is no MAILER-DAEMON, and no reply: the words alone tell. */
static const struct tongue_row {
	const char *subject, *words, *reason;
} tongues[] = {
	{ "Ihre Nachricht wurde nicht zugestellt",
		"Ihre Nachricht konnte nicht zugestellt werden an:",
		"Unbekannt" },
	{ "Échec de la remise",
		"Votre message n'a pas pu être remis à :", "Inconnu" },
	{ "No se pudo entregar el mensaje",
		"Su mensaje no pudo ser entregado a:", "No existe" },
	{ "Mensagem não entregue",
		"A mensagem não pôde ser entregue a:", "Caixa cheia" },
	{ "Messaggio non recapitato",
		"Il messaggio non può essere consegnato a:", "Sconosciuto" },
	{ "Onbestelbaar bericht",
		"Uw bericht kon niet worden bezorgd bij:", "Onbekend" },
	{ "Meddelandet gick inte att leverera",
		"Det kunde inte levereras till:", "Ok\xc3\xa4nd" },
	{ "Niedostarczona", "Nie można dostarczyć do:", "Nieznany" },
	{ "Недоставленное сообщение", "Сообщение не доставлено:", "Нет" },
	{ "メールを配信できませんでした", "次の宛先に配信できませんでした：",
		"不明" },
	{ "系统退信", "邮件无法投递：", "不存在" },
	{ "메일 전송 실패", "배달되지 않았습니다:", "없음" },
};

static void a_notice_in_another_tongue_is_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(tongues); i++) {
		struct inbound_message message;
		struct span mail = arena_print(arena,
			"Return-Path: <>\nFrom: robot@mx.example.org\n"
			"Subject: %s\n"
			"Content-Type: text/plain; charset=utf-8\n\n"
			"%s\n\n  user@example.org\n    %s\n",
			tongues[i].subject, tongues[i].words,
			tongues[i].reason);
		const struct delivery *delivery = read_only(mail.at, &message);

		assert_span(delivery->recipient, "user@example.org");
		assert_span(delivery->text, tongues[i].reason);
	}
}

static void a_sender_may_be_an_encoded_word(void **state)
{
	struct inbound_message message;

	(void)state;
	assert_span(read_only("From: =?utf-8?Q?Mail_Delivery_Subsystem?= "
			      "<robot@mx.example.org>\nSubject: x\n\n"
			      "<user@example.org>: 550 5.1.1 nobody\n",
			    &message)
			    ->text,
		"550 5.1.1 nobody");
}

/* ---- whose words the subject begins with */

static void a_bounce_of_a_mail_about_a_vacation_is_one(void **state)
{
	struct inbound_message message;

	(void)state;
	read_only("From: postmaster@mta.example.net\n"
		  "Subject: Undeliverable: Vacation plans\n\n"
		  "<user@example.org>: 550 5.1.1 nobody\n",
		&message);
	assert_other("From: user@example.org\n"
		     "Subject: Automatic reply: Undeliverable: Minutes\n\n"
		     "Your message was not delivered to me. Write to\n\n"
		     "colleague@example.org\n");
}

/* ---- passed on by somebody */

#define QMAIL                                                                  \
	"From: MAILER-DAEMON@mta.example.net\nSubject: failure notice\n\n"     \
	"Hi. I wasn't able to deliver your message.\n\n"                       \
	"<user@example.org>:\n550 5.1.1 nobody here\n"

static const char *const passed_on[] = {
	/* as a file, under either name */
	"From: boss@example.net\nSubject: Fwd: see there\n"
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nWhy?\n--b\n"
	"Content-Type: application/octet-stream; name=\"a "
	"notice.eml\"\n\n" QMAIL "--b--\n",
	"From: boss@example.net\nSubject: see there\n"
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nWhy?\n--b\n"
	"Content-Type: application/octet-stream\n"
	"Content-Disposition: attachment;\n\tfilename=notice.EML\n\n" QMAIL
	"--b--\n",
	/* below the text, as some mail programs do it */
	"From: boss@example.net\nSubject: what is this\n\nWhy?\n\n"
	"-----Original Message-----\n" QMAIL,
	"From: boss@example.net\nSubject: what is this\n\nWhy?\n\n"
	"---------- Forwarded message ---------\n" QMAIL,
	"From: boss@example.net\nSubject: what is this\n\nWhy?\n\n"
	"Begin forwarded message:\n\n" QMAIL,
	/* a heading tells it */
	"From: boss@example.net\nSubject: what is this\n\n"
	"> ---- The following addresses had permanent fatal errors ----\n"
	"> <user@example.org>\n>     (reason: 550 5.1.1 nobody)\n",
	/* and quoted there, in a quote */
	"From: boss@example.net\nSubject: what is this\n\n> Why?\n>\n"
	"> Begin forwarded message:\n>\n"
	"> > From: MAILER-DAEMON@mta.example.net\n"
	"> > Subject: failure notice\n> >\n"
	"> > I wasn't able to deliver your message.\n> >\n"
	"> > <user@example.org>:\n> > 550 5.1.1 nobody here\n",
};

static void a_notice_that_was_passed_on_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(passed_on); i++) {
		struct inbound_message message;
		const struct delivery *delivery = read_only(
			passed_on[i], &message);

		assert_span(delivery->recipient, "user@example.org");
		assert_int_equal(delivery->code, 550);
	}
}

static void a_letter_that_quotes_another_is_none(void **state)
{
	(void)state;
	assert_other("From: a@example.net\nSubject: hello\n\nYes.\n\n"
		     "-----Original Message-----\n"
		     "From: b@example.org\nSubject: hello\n\n"
		     "Could you write to\n\ncarol@example.org\n");
}

/* ---- who failed */

static const struct words_row {
	const char *notice, *text;
	unsigned code;
} named[] = {
	/* the address in a sentence, and the message was addressed to it */
	{ "A message that you sent was rejected.\n\n"
	  "  Local mailbox user@example.org is unavailable: not found\n\n"
	  "------ This is a copy of your message. ------\n\n"
	  "From: sender@example.net\nTo: user@example.org\n",
		"Local mailbox user@example.org is unavailable: not found", 0 },
	/* not even the local part is whole: it had one recipient */
	{ "The message was undeliverable to the following:\n\n"
	  "\tuser (account is expired)\n\n"
	  "------ This is a copy of your message. ------\n\n"
	  "From: sender@example.net\nTo: user@example.org\n",
		"The message was undeliverable to the following:\n"
		"user (account is expired)",
		0 },
	/* no colon leads to it */
	{ "Your message could not be delivered to\nuser@example.org\n",
		"Your message could not be delivered to", 0 },
	/* beside the reply, with more than both on the line */
	{ "It could not be delivered.\n\n"
	  "4711:0:<user@example.org> : 192.0.2.9 : 550 5.1.1 no  in RCPT TO\n",
		"550 5.1.1 no  in RCPT TO", 550 },
	/* a label in a list of those that failed */
	{ "It cannot be delivered to the following recipients:\n\n"
	  "  Recipient address: user@example.org\n"
	  "  Reason: Illegal host\n",
		"Recipient address: user@example.org\nReason: Illegal host",
		0 },
	/* the reason stands below the words that lead to it */
	{ "It was not delivered to:\n\n<user@example.org>\n\n"
	  "Learn more on our site.\n\nThe response was:\n\n"
	  "The group takes no mail.\n",
		"The group takes no mail.", 0 },
	{ "It was not delivered to:\n\n<user@example.org>\n\n"
	  "The response was:\n\n"
	  "The group takes no mail from you for reasons of its own. To "
	  "mend it:\n\nAsk its owner.\n",
		"The group takes no mail from you for reasons of its own. To "
		"mend it:",
		0 },
	/* once with the code alone, once with words */
	{ "Your message to user@example.org couldn't be delivered.\n\n"
	  "Status code: 550 5.1.10\n\nRecipient Address: user@example.org\n\n"
	  "Reported error: 550 5.1.10 Recipient not found\n\n"
	  "--- Below this line is a copy of it.\n\n"
	  "From: sender@example.net\nTo: user@example.org\n",
		"550 5.1.10 Recipient not found", 550 },
	/* only the message's own field names it */
	{ "It could not be delivered.\n\nTo:      user@example.org\n"
	  "Subject: Minutes\nError:   550 5.1.1 nobody\n",
		"550 5.1.1 nobody", 550 },
	/* a field of the message that was wrapped */
	{ "Your mail\n\n  Message-ID:\n  <4711@example.net>\n\n"
	  "was not delivered to:\n\n  user@example.org\n",
		"Your mail\nMessage-ID:\n<4711@example.net>\n"
		"was not delivered to:\nuser@example.org",
		0 },
	/* a telephone number is no reply */
	{ "It was not delivered to:\n<user@example.org>\n\n"
	  "Please call 480-555-2500.\n",
		"Please call 480-555-2500.", 0 },
	/* alone, without words that lead to it, and again in a sentence */
	{ "It could not be delivered.\n\n<user@example.org>\n\n"
	  "There is no address user@example.org here.\n",
		"There is no address user@example.org here.", 0 },
	/* fields of the message that are no copy of it */
	{ "According to a trace it came from there:\n\n"
	  "Return-Path: <sender@example.net>\nSubject: Minutes\n\n"
	  "It was not delivered to:\n<user@example.org>:\n"
	  "   554 5.6.0 no\n",
		"554 5.6.0 no", 554 },
	/* the code alone, and its words further down */
	{ "Your message to user@example.org couldn't be delivered.\n\n"
	  "For admins\nStatus code: 550 5.1.10\n\nOriginal Message Details\n"
	  "Sender Address: sender@example.net\n\nError Details\n"
	  "Reported error: 550 5.1.10 Recipient not found\n",
		"550 5.1.10 Recipient not found", 550 },
};

static void the_recipient_is_found_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(named); i++) {
		struct inbound_message message;
		struct span mail = arena_print(arena,
			"Return-Path: <>\n"
			"From: postmaster@mta.example.net\n"
			"To: sender@example.net\n"
			"Subject: Undeliverable mail\n\n%s",
			named[i].notice);
		const struct delivery *delivery = read_only(mail.at, &message);

		assert_span(delivery->recipient, "user@example.org");
		assert_span(delivery->text, named[i].text);
		assert_int_equal(delivery->code, named[i].code);
	}
}

static void each_of_a_list_has_its_reason_below_it(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		SPAN("Return-Path: <>\nFrom: MAILER-DAEMON@a.example\n"
		     "Subject: Returned mail\n\n"
		     "--- The following addresses had errors ---\n"
		     "<a@example.org>\n    (reason: 550 5.1.1 nobody)\n"
		     "<b@example.com>\n    (reason: 554 5.7.1 listed)\n"),
		&message);
	assert_int_equal(message.delivery_count, 2);
	assert_span(message.deliveries[0].recipient, "a@example.org");
	assert_span(message.deliveries[1].recipient, "b@example.com");
	assert_int_equal(message.deliveries[1].code, 554);
}

static void a_label_counts_where_its_reason_is_below(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		SPAN("Return-Path: <>\nFrom: MAILER-DAEMON@a.example\n"
		     "Subject: Returned mail\n\nEach of these failed.\n\n"
		     "  Recipient: <a@example.org>\n"
		     "  Reason:    User Unknown\n\n"
		     "  Recipient: <b@example.com>\n"
		     "  Reason:    552 5.2.2 full\n"),
		&message);
	assert_int_equal(message.delivery_count, 2);
	assert_span(message.deliveries[0].recipient, "a@example.org");
	assert_int_equal(message.deliveries[1].code, 552);
}

static void several_on_a_line_share_what_is_said_below(void **state)
{
	struct inbound_message message;

	(void)state;
	inbound_message_read(arena,
		SPAN("Return-Path: <>\nFrom: MAILER-DAEMON@a.example\n"
		     "Subject: Returned mail\n\nIt was not delivered to:\n\n"
		     "  a@example.org, b@example.com\n\n550 5.1.1 nobody\n"),
		&message);
	assert_int_equal(message.delivery_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_span(message.deliveries[i].text, "550 5.1.1 nobody");
	assert_span(message.deliveries[0].recipient, "a@example.org");
	assert_span(message.deliveries[1].recipient, "b@example.com");
}

static void html_counts_where_the_plain_part_is_blank(void **state)
{
	struct inbound_message message;

	(void)state;
	assert_int_equal(
		read_only("From: MAILER-DAEMON@a.example\n"
			  "Subject: Undelivered\n"
			  "Content-Type: multipart/alternative; boundary=b\n\n"
			  "--b\n\n \r\n\n--b\nContent-Type: text/html\n\n"
			  "<p>user@example.org</p><p>550 5.1.1 no</p>\n--b--\n",
			&message)
			->code,
		550);
}

/* What a filter says of a bounce that it passes on, and the bounce. */
static void the_enclosed_bounce_names_its_own_recipient(void **state)
{
	struct inbound_message message;
	const struct delivery *delivery;

	(void)state;
	delivery = read_only(
		"From: postmaster@a.example\nTo: sender@example.net\n"
		"Subject: Undeliverable mail\n"
		"Content-Type: multipart/mixed; boundary=b\n\n"
		"--b\n\nThe attached mail was not delivered.\n"
		"--b\nContent-Type: message/rfc822\n\n"
		"From: MAILER-DAEMON@mx.example.org\n"
		"To: sender@example.net\nSubject: failure notice\n\n"
		"<user@example.org>: 550 5.1.1 nobody\n--b--\n",
		&message);
	assert_span(delivery->recipient, "user@example.org");
}

static void an_address_for_help_is_no_recipient(void **state)
{
	(void)state;
	/* whom, and no word of what became of it */
	assert_other("Return-Path: <>\nFrom: postmaster@example.org\n"
		     "Subject: rejected\n\nIt was not delivered.\n\n"
		     "target mail address: user@example.org\n\n"
		     "original mail:\n\nFrom: sender@example.net\n"
		     "To: user@example.org\n");
	assert_other("Return-Path: <postmaster@example.net>\n"
		     "From: Postmaster <postmaster@example.net>\n"
		     "Subject: Work on Sunday\n\n"
		     "On Sunday mail will not be delivered. Questions to\n\n"
		     "helpdesk@example.net\n");
	assert_other("Return-Path: <support@shop.example>\n"
		     "From: Support <support@shop.example>\n"
		     "Subject: Delivery failed: your parcel\n\n"
		     "We were unable to deliver your parcel. Please write\n\n"
		     "help@shop.example\n");
}

static void a_status_for_a_route_names_the_original_address(void **state)
{
	struct inbound_message message;

	(void)state;
	assert_span(read_only("Content-Type: message/delivery-status\n\n"
			      "Original-Recipient: rfc822;user@example.org\n"
			      "Final-Recipient: "
			      "rfc822;@ms1.example.org.lmtp:1@daemon\n"
			      "Action: failed\nStatus: 4.2.2\n",
			    &message)
			    ->recipient,
		"user@example.org");
}

static void a_recipient_is_never_empty(void **state)
{
	struct inbound_message message;

	(void)state;
	assert_span(read_only("Content-Type: message/delivery-status\n\n"
			      "X-Actual-Recipient: rfc822; somebody\n"
			      "Action: failed\nStatus: 5.2.0\n",
			    &message)
			    ->recipient,
		"somebody");
}

static void a_delay_in_other_words_is_deferred(void **state)
{
	static const char *const words[] = { "Delivery is delayed to:",
		"We will continue to try to deliver your message to:",
		"This is just a warning. Not delivered yet to:" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		struct inbound_message message;
		struct span mail = arena_print(arena,
			"Return-Path: <>\nFrom: MAILER-DAEMON@a.example\n"
			"Subject: Delivery delayed\n\n%s\n\n"
			"user@example.org\n",
			words[i]);

		assert_int_equal(read_only(mail.at, &message)->result,
			DELIVERY_DEFERRED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_notice_in_another_tongue_is_one),
		cmocka_unit_test(a_sender_may_be_an_encoded_word),
		cmocka_unit_test(a_bounce_of_a_mail_about_a_vacation_is_one),
		cmocka_unit_test(a_notice_that_was_passed_on_is_read),
		cmocka_unit_test(a_letter_that_quotes_another_is_none),
		cmocka_unit_test(the_recipient_is_found_in_words),
		cmocka_unit_test(each_of_a_list_has_its_reason_below_it),
		cmocka_unit_test(a_label_counts_where_its_reason_is_below),
		cmocka_unit_test(several_on_a_line_share_what_is_said_below),
		cmocka_unit_test(html_counts_where_the_plain_part_is_blank),
		cmocka_unit_test(the_enclosed_bounce_names_its_own_recipient),
		cmocka_unit_test(an_address_for_help_is_no_recipient),
		cmocka_unit_test(
			a_status_for_a_route_names_the_original_address),
		cmocka_unit_test(a_recipient_is_never_empty),
		cmocka_unit_test(a_delay_in_other_words_is_deferred),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
