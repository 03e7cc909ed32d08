#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>

#include "tests/tls_talk_by_hand.h"

static struct span read_file(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "re");
	char room[8192];
	size_t len;

	assert_non_null(file);
	len = fread(room, 1, sizeof(room), file);
	fclose(file);
	return arena_copy(arena, (struct span){ room, len });
}

static size_t count_lines(struct span text)
{
	size_t count = 0;

	while (text.len) {
		struct span line = span_cut(&text, '\n');

		assert_true(line.len > 100);
		assert_true(span_starts_nocase(line, SPAN("CLIENT_")) ||
			    span_starts_nocase(line, SPAN("SERVER_")) ||
			    span_starts_nocase(line, SPAN("EXPORTER_")));
		count++;
	}
	return count;
}

static void secrets_are_appended_in_whole_lines(void **state)
{
	struct arena *arena = arena_open();
	struct tls_setup wanted = { .ca_file = ca_file, .keylog = keylog_file };
	SSL_CTX *setup = pki_server(&good, NULL);
	struct stat status;

	(void)state;
	for (size_t i = 1; i <= 2; i++) {
		struct span why = { 0 }, text;
		struct talk talk = { 0 };

		talk_begin(&talk, tls_context_open(arena, &wanted, &why), setup,
			"mx.example");
		shake_hands(&talk);
		talk_end(&talk, true);
		text = read_file(arena, keylog_file);
		assert_int_equal(text.at[text.len - 1], '\n');
		assert_int_equal(count_lines(text), 5 * i);
	}
	assert_int_equal(stat(keylog_file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	unlink(keylog_file);
	SSL_CTX_free(setup);
	arena_close(arena);
}

static void files_that_cannot_be_read_are_named(void **state)
{
	static const struct {
		struct tls_setup setup;
		const char *why;
	} cases[] = {
		/* clang-format off */
		{ { .ca_file = "/nonexistent/ca.pem" },
		  "cannot read trust anchors from /nonexistent/ca.pem: "
		  "No such file or directory" },
		{ { .ca_file = "/dev/null" },
		  "cannot read trust anchors from /dev/null: "
		  "no certificate or crl found" },
		{ { .ca_dir = "/nonexistent" },
		  "cannot read trust anchors in /nonexistent: "
		  "No such file or directory" },
		{ { .ca_file = ca_file, .keylog = "/nonexistent/keys" },
		  "cannot open the key log /nonexistent/keys: "
		  "No such file or directory" },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena = arena_open();
		struct span why = { 0 };

		assert_null(tls_context_open(arena, &cases[i].setup, &why));
		assert_span(why, cases[i].why);
		arena_close(arena);
	}
}

/* The place of the system's anchors is OpenSSL's, and a variable moves it. */
static void without_a_ca_file_the_systems_anchors_are_used(void **state)
{
	struct arena *arena = arena_open();
	struct tls_setup wanted = { 0 };
	struct span why = { 0 };
	struct tls_context *context = tls_context_open(arena, &wanted, &why);
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { 0 };

	(void)state;
	assert_non_null(context);
	setenv("SSL_CERT_FILE", ca_file, 1);
	talk_begin(&talk, context, setup, "mx.example");
	unsetenv("SSL_CERT_FILE");
	shake_hands(&talk);
	assert_true(engine_session(talk.engine)->is_trusted);
	talk_end(&talk, true);
	SSL_CTX_free(setup);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_appended_in_whole_lines),
		cmocka_unit_test(files_that_cannot_be_read_are_named),
		cmocka_unit_test(
			without_a_ca_file_the_systems_anchors_are_used),
	};

	return cmocka_run_group_tests(
		tests, make_certificates, drop_certificates);
}
