#include "tests/hostile/verdicts.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "probe/base/attr.h"

enum {
	GRACE_MS = 2000,                /* beyond the timeout that cuts it */
	SHOWN_MAX = 6000,               /* of a wrong run's output */
	/* A server that talks without end must not fill our memory.  Not
	   measured with a sanitizer, which keeps what was freed. */
	PEAK_KIB_MAX = 64 * 1024,
};

#if defined(__SANITIZE_ADDRESS__)
static const bool is_sanitized = true;
#elif defined(__has_feature)
static const bool is_sanitized = __has_feature(address_sanitizer);
#else
static const bool is_sanitized = false;
#endif

struct verdicts {
	const struct hostile_case *expected;
	bool is_right;
	json_t *document, *target, *visit;      /* visit: over IPv6 */
};

static void wrong(struct verdicts *verdicts, const char *format, ...)
	MXP_PRINTF(2, 3);

static void wrong(struct verdicts *verdicts, const char *format, ...)
{
	va_list arguments;

	if (verdicts->is_right)
		fprintf(stderr, "# %s:\n", verdicts->expected->name);
	verdicts->is_right = false;
	fputs("#   ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

bool word_is_one_of(const char *word, const char *words)
{
	size_t len = strlen(word);

	for (; *words; words += strspn(words, "|")) {
		size_t next = strcspn(words, "|");

		if (next == len && strncmp(words, word, len) == 0)
			return true;
		words += next;
	}
	return false;
}

long case_deadline_ms(const struct hostile_case *expected)
{
	/* Honest slowness takes a second or two by its script. */
	return expected->cut_ms + GRACE_MS + (expected->failure ? 0 : 1000);
}

static const char *worst_verdict(const struct hostile_case *expected)
{
	if (!expected->failure)
		return "pass|warn";
	return expected->undecided ? "unknown" : "fail";
}

static int exit_status(const struct hostile_case *expected)
{
	if (!expected->failure)
		return 0;
	return expected->undecided ? 4 : 1;
}

/* "a.b.c" below `from`, or NULL. */
static json_t *at(json_t *from, const char *path)
{
	char word[64];

	while (from && *path) {
		size_t len = strcspn(path, ".");

		if (len >= sizeof(word))
			return NULL;
		memcpy(word, path, len);
		word[len] = '\0';
		from = json_object_get(from, word);
		path += len + (path[len] == '.');
	}
	return from;
}

static const char *text_at(json_t *from, const char *path)
{
	const char *text = json_string_value(at(from, path));

	return text ? text : "(none)";
}

static void expect_word(struct verdicts *verdicts, json_t *from,
	const char *path, const char *words)
{
	if (!word_is_one_of(text_at(from, path), words))
		wrong(verdicts, "%s is %s, not %s", path, text_at(from, path),
			words);
}

static void expect_number(struct verdicts *verdicts, json_t *from,
	const char *path, long long number)
{
	if (!json_is_integer(at(from, path)) ||
		json_integer_value(at(from, path)) != number)
		wrong(verdicts, "%s is %lld, not %lld", path,
			(long long)json_integer_value(at(from, path)), number);
}

/* ---- parts of the document */

static json_t *visit_of(json_t *target, const char *family)
{
	json_t *visits = at(target, "visits"), *visit;
	size_t i;

	json_array_foreach(visits, i, visit)
		if (strcmp(text_at(visit, "family"), family) == 0)
			return visit;
	return NULL;
}

static bool visit_has_oddity(json_t *visit, const char *word)
{
	json_t *event, *oddity;
	size_t i, j;

	json_array_foreach(at(visit, "transcript"), i, event)
		json_array_foreach(at(event, "oddities"), j, oddity)
			if (strcmp(json_string_value(oddity), word) == 0)
				return true;
	return false;
}

static void check_fault(struct verdicts *verdicts)
{
	const struct hostile_case *expected = verdicts->expected;
	json_t *fault = at(verdicts->visit, "fault");

	if (!expected->failure) {
		if (json_is_object(fault))
			expect_word(verdicts, fault, "stage", "quit");
		return;
	}
	if (!json_is_object(fault)) {
		wrong(verdicts, "no fault, and %s was to come",
			expected->failure);
		return;
	}
	expect_word(verdicts, fault, "failure", expected->failure);
	expect_word(verdicts, fault, "stage", expected->stage);
	if (!*text_at(fault, "why"))
		wrong(verdicts, "the fault does not say why");
	if (expected->code)
		expect_number(verdicts, fault, "reply.code", expected->code);
	if (expected->lines &&
		json_array_size(at(fault, "reply.lines")) != expected->lines)
		wrong(verdicts, "the refusal lost its lines");
}

static void check_facts(struct verdicts *verdicts)
{
	const struct hostile_case *expected = verdicts->expected;
	const char *fact = expected->tls_fact;
	json_t *visit = verdicts->visit;

	expect_word(verdicts, visit, "state", "walked");
	if (expected->oddity && !visit_has_oddity(visit, expected->oddity))
		wrong(verdicts, "no reply is noted as %s", expected->oddity);
	if (expected->used_helo && !json_is_true(at(visit, "used_helo")))
		wrong(verdicts, "HELO was used and is not told");
	if (fact && *fact == '!') {
		if (!json_is_false(at(at(visit, "tls"), fact + 1)))
			wrong(verdicts, "tls.%s is not false", fact + 1);
	} else if (fact && !json_is_true(at(at(visit, "tls"), fact))) {
		wrong(verdicts, "tls.%s is not true", fact);
	}
	if (expected->finds &&
		json_array_size(at(verdicts->target, "findings")) == 0)
		wrong(verdicts, "nothing was found");
}

static void check_comparison(struct verdicts *verdicts)
{
	const struct hostile_case *expected = verdicts->expected;
	json_t *comparison = at(verdicts->target, "comparison");

	if (expected->undecided) {
		expect_word(verdicts, comparison, "result", "inconclusive");
		return;
	}
	if (!expected->failure || expected->nobody_ipv4) {
		expect_word(verdicts, comparison, "result", "same");
		return;
	}
	expect_word(verdicts, comparison, "result", "family-specific");
	expect_word(verdicts, comparison, "parted", expected->stage);
	expect_word(verdicts, comparison, "worse", "ipv6");
}

static void check_verdicts(struct verdicts *verdicts)
{
	const struct hostile_case *expected = verdicts->expected;
	json_t *target = verdicts->target;
	const char *worst = worst_verdict(expected);

	expect_word(verdicts, target, "families.ipv4.verdict",
		expected->nobody_ipv4 ? "fail" : "pass");
	expect_word(verdicts, target, "families.ipv6.verdict", worst);
	expect_word(verdicts, target, "verdict", worst);
	expect_word(verdicts, verdicts->document, "verdict", worst);
	expect_number(verdicts, verdicts->document, "exit_status",
		exit_status(expected));
}

static void check_document(struct verdicts *verdicts)
{
	json_t *targets = at(verdicts->document, "targets");

	verdicts->target = json_array_get(targets, 0);
	verdicts->visit = visit_of(verdicts->target, "ipv6");
	if (json_array_size(targets) != 1)
		wrong(verdicts, "not one target");
	if (json_array_size(at(verdicts->target, "visits")) != 2)
		wrong(verdicts, "not two visits");
	check_verdicts(verdicts);
	check_comparison(verdicts);
	check_fault(verdicts);
	check_facts(verdicts);
}

/* ---- around the document */

/* Nothing of a report may command a terminal: not from C0, not DEL, not from
 * C1 in its eight-bit form, which UTF-8 text cannot begin with. */
static void check_bytes(struct verdicts *verdicts, const struct child *child)
{
	size_t i;

	for (i = 0; i < child->out_len; i++) {
		unsigned char c = (unsigned char)child->out[i];

		if ((c >= 0x20 && c != 0x7f) || c == '\n')
			continue;
		wrong(verdicts, "byte %02x on stdout", c);
		return;
	}
}

/* More than bytes: what is well-formed UTF-8 and commands a terminal. */
static void check_characters(struct verdicts *verdicts,
	const struct child *child)
{
	static const char *const harmful[] = { "\xc2\x9b", "\xe2\x80\xae" };
	json_t *text = json_stringn(child->out, child->out_len);
	size_t i;

	if (!text)
		wrong(verdicts, "stdout is not UTF-8");
	json_decref(text);
	for (i = 0; i < COUNT_OF(harmful); i++)
		if (strstr(child->out, harmful[i]))
			wrong(verdicts, "a control character on stdout");
}

static void check_end(struct verdicts *verdicts, const struct child *child)
{
	const struct hostile_case *expected = verdicts->expected;

	if (child->was_killed)
		wrong(verdicts, "still there after %ld ms", child->took_ms);
	else if (child->signal)
		wrong(verdicts, "ended by signal %d", child->signal);
	else if (child->exit_status != exit_status(expected))
		wrong(verdicts, "exit status %d", child->exit_status);
	if (child->took_ms < expected->cut_ms)
		wrong(verdicts, "gave up after %ld ms", child->took_ms);
	if (!is_sanitized && expected->message != MESSAGE_BIG &&
		child->peak_kib > PEAK_KIB_MAX)
		wrong(verdicts, "took %ld KiB of memory", child->peak_kib);
	if (strstr(child->err, "Sanitizer") ||
		strstr(child->err, "runtime error"))
		wrong(verdicts, "a sanitizer complains");
}

static void check_server(struct verdicts *verdicts,
	const struct server *server)
{
	const struct hostile_case *expected = verdicts->expected;
	const struct server_side *side = &server->sides[FAMILY_IPV6];

	if (!expected->nobody_ipv6 && side->clients != 1)
		wrong(verdicts, "%u connections over IPv6", side->clients);
	if (expected->heard && !server_side_heard(side, expected->heard))
		wrong(verdicts, "%s was never said", expected->heard);
	if (expected->never && server_side_heard(side, expected->never))
		wrong(verdicts, "%s was said all the same", expected->never);
}

static void show(const struct child *child)
{
	int out = child->out_len > SHOWN_MAX ? SHOWN_MAX : (int)child->out_len;
	int err = child->err_len > SHOWN_MAX ? SHOWN_MAX : (int)child->err_len;

	fprintf(stderr, "# stdout:\n%.*s\n# stderr:\n%.*s\n", out, child->out,
		err, child->err);
}

bool verdicts_are_right(const struct hostile_case *expected,
	const struct child *child, const struct server *server)
{
	struct verdicts verdicts = { .expected = expected, .is_right = true };
	json_error_t error;

	check_end(&verdicts, child);
	check_bytes(&verdicts, child);
	check_server(&verdicts, server);
	if (expected->shows && !strstr(child->out, expected->shows))
		wrong(&verdicts, "\"%s\" is not shown", expected->shows);
	verdicts.document = json_loadb(child->out, child->out_len,
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (verdicts.document)
		check_document(&verdicts);
	else
		wrong(&verdicts, "not JSON: %s", error.text);
	json_decref(verdicts.document);
	if (!verdicts.is_right)
		show(child);
	return verdicts.is_right;
}

bool text_is_harmless(const struct hostile_case *expected,
	const struct child *child)
{
	struct verdicts verdicts = { .expected = expected, .is_right = true };

	check_end(&verdicts, child);
	check_bytes(&verdicts, child);
	check_characters(&verdicts, child);
	if (child->out_len == 0)
		wrong(&verdicts, "nothing on stdout");
	if (expected->shows && !strstr(child->out, expected->shows))
		wrong(&verdicts, "\"%s\" is not in the text",
			expected->shows);
	if (!verdicts.is_right)
		show(child);
	return verdicts.is_right;
}
