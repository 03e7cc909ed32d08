#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/facts/delivery.h"
#include "probe/judge/path_fault.h"

static struct delivery deferred(const char *text)
{
	return (struct delivery){ .result = DELIVERY_DEFERRED,
		.text = span_of(text) };
}

static void the_words_of_mail_servers_are_known(void **state)
{
	static const struct {
		const char *text;
		bool has_stage;
		enum stage stage;
		enum path_fault fault;
	} rows[] = {
		{ "connect to mx.example[2001:db8::1]:25: Connection refused",
			true, STAGE_CONNECT, PATH_REFUSED },
		{ "connect to mx.example[2001:db8::1]:25: Connection timed out",
			true, STAGE_CONNECT, PATH_NO_ANSWER },
		{ "connect to mx.example[2001:db8::1]:25: Network is "
		  "unreachable",
			true, STAGE_CONNECT, PATH_UNREACHABLE },
		{ "connect to mx.example[192.0.2.1]:25: No route to host", true,
			STAGE_CONNECT, PATH_UNREACHABLE },
		{ "connect to mx.example[192.0.2.1]:25: Permission denied",
			true, STAGE_CONNECT, PATH_PROHIBITED },
		{ "conversation with mx[192.0.2.1] timed out while sending end "
		  "of data -- message may be sent more than once",
			true, STAGE_DOT, PATH_STALL },
		{ "conversation with mx[192.0.2.1] timed out while receiving "
		  "the initial server greeting",
			true, STAGE_BANNER, PATH_SILENT },
		{ "lost connection with mx[192.0.2.1] while sending RCPT TO",
			true, STAGE_RCPT, PATH_CLOSED },
		{ "Deferred: Connection timed out with mx.example.", false,
			STAGE_CONNECT, PATH_SILENT },
		{ "Deferred: Connection reset by mx.example.", false,
			STAGE_CONNECT, PATH_CLOSED },
		{ "Remote host closed connection in response to end of data",
			true, STAGE_DOT, PATH_CLOSED },
		{ "SSL_connect error to mx[192.0.2.1]:25: -1", true, STAGE_TLS,
			PATH_TLS },
		{ "SSL_connect error to mx[192.0.2.1]:25: Connection timed out",
			true, STAGE_TLS, PATH_SILENT },
		{ "TLS connection to mx [192.0.2.1]: (gnutls_handshake): "
		  "Internal error",
			true, STAGE_TLS, PATH_TLS },
		{ "Server certificate not verified", true, STAGE_TLS,
			PATH_NO_FAULT },
		{ "Greylisted, come back", true, STAGE_RCPT, PATH_NO_FAULT },
		{ "", false, STAGE_CONNECT, PATH_NO_FAULT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct delivery delivery = deferred(rows[i].text);

		delivery.has_stage = rows[i].has_stage;
		delivery.stage = rows[i].stage;
		if (path_fault_of(&delivery) != rows[i].fault)
			fail_msg("%s is %s, not %s", rows[i].text,
				path_fault_word(path_fault_of(&delivery)),
				path_fault_word(rows[i].fault));
	}
}

static void what_a_server_replied_is_no_fault_of_the_way(void **state)
{
	struct delivery delivery = deferred("Connection refused, says policy");

	(void)state;
	delivery.code = 554;
	assert_int_equal(path_fault_of(&delivery), PATH_NO_FAULT);
	delivery.code = 0;
	delivery.has_stage = true;
	delivery.stage = STAGE_RESOLVE;
	assert_int_equal(path_fault_of(&delivery), PATH_NO_FAULT);
	delivery.has_stage = false;
	delivery.result = DELIVERY_ACCEPTED;
	assert_int_equal(path_fault_of(&delivery), PATH_NO_FAULT);
}

static void packets_know_better_than_words(void **state)
{
	struct delivery delivery = deferred("Connection timed out");

	(void)state;
	delivery.has_stage = true;
	delivery.stage = STAGE_DOT;
	assert_int_equal(path_fault_of(&delivery), PATH_STALL);
	delivery.fault = SPAN("server-silent");
	assert_int_equal(path_fault_of(&delivery), PATH_SILENT);
	delivery.fault = SPAN("packet-too-big");
	assert_int_equal(path_fault_of(&delivery), PATH_BLACK_HOLE);
}

static void each_fault_has_its_finding(void **state)
{
	(void)state;
	for (int i = PATH_NO_FAULT + 1; i < PATH_FAULT_COUNT; i++) {
		struct finding finding = { .id = SPAN("") };

		path_fault_describe((enum path_fault)i, &finding);
		assert_true(finding.id.len && finding.title.len &&
			    finding.remedy.len && finding.reference.len);
		assert_true(*path_fault_phrase((enum path_fault)i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_of_mail_servers_are_known),
		cmocka_unit_test(what_a_server_replied_is_no_fault_of_the_way),
		cmocka_unit_test(packets_know_better_than_words),
		cmocka_unit_test(each_fault_has_its_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
