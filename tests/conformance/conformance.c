/*
 * conformance DATADIR [SUITE...]: our code asked what others' test suites ask.
 * Without SUITE, all that are known here.  README.md beside this file tells
 * how to read what it prints and how to add a suite.
 */
#include "tests/conformance/conformance.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe/base/escape.h"

/* One row a suite, one file beside this one. */
static const struct suite *const suites[] = {
	&suite_arc,
	&suite_bounces,
	&suite_canon,
	&suite_captures,
	&suite_dane,
	&suite_dkim,
	&suite_dmarc,
	&suite_faults,
	&suite_incident,
	&suite_logs,
	&suite_mtasts,
	&suite_pcap,
	&suite_preflight,
	&suite_replies,
	&suite_reports,
	&suite_smtp,
	&suite_spf,
	&suite_tlsrpt,
};

struct score {
	size_t passed, failed, not_scored;
};

static size_t lines_printed;

/* Nothing that a line of the data holds may look like a line of ours. */
static void print_line(const struct suite_question *question, const char *suite,
	const char *id, enum verdict verdict)
{
	struct span name = escape_text(question->arena, span_of(id));
	struct span why = escape_text(question->arena, question->why);

	bool is_miss = verdict == VERDICT_FAIL || verdict == VERDICT_SHORT;

	printf("%sok %zu - %s %.*s%s%s\n", is_miss ? "not " : "",
		++lines_printed, suite, SPAN_ARG(name),
		verdict == VERDICT_NOT_SCORED ? " # SKIP not scored" : "",
		verdict == VERDICT_SHORT ? " # TODO the shares decide" : "");
	if (is_miss)
		printf("# %.*s\n", SPAN_ARG(why));
}

static void count(struct score *score, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
		score->passed++;
		break;
	case VERDICT_FAIL:
		score->failed++;
		break;
	case VERDICT_NOT_SCORED:
	case VERDICT_SHORT:
		score->not_scored++;
		break;
	}
}

static void ask(const struct suite *suite, const char *path,
	struct suite_question *question, struct score *score)
{
	const json_t *id = json_object_get(question->line, "id");
	enum verdict verdict;

	if (!json_is_string(id)) /* what was made in a lab has none */
		id = json_object_get(question->line, "file");
	if (json_is_string(id))
		verdict = suite->judge(question);
	else
		verdict = question_fail(question,
			"%s has a line that is no JSON object with an id",
			path);
	count(score, verdict);
	print_line(question, suite->name,
		json_is_string(id) ? json_string_value(id) : "(no id)",
		verdict);
}

/* Paths in a line start where its file is. */
static const char *folder_of(struct arena *arena, const char *path)
{
	size_t len = (size_t)(strrchr(path, '/') - path);

	return arena_copy(arena, (struct span){ path, len }).at;
}

static void ask_line(const struct suite *suite, const char *path,
	struct span text, struct score *score)
{
	struct suite_question question = { .arena = arena_open() };
	json_t *line = json_loadb(text.at, text.len, JSON_ALLOW_NUL, NULL);

	question.folder = folder_of(question.arena, path);
	question.line = line;
	ask(suite, path, &question, score);
	json_decref(line);
	arena_close(question.arena);
}

static void ask_file(const struct suite *suite, const char *path,
	struct score *score)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	FILE *in = fopen(path, "r");

	if (!in) {
		printf("# %s: cannot be read\n", path);
		return;
	}
	while ((len = getline(&text, &room, in)) > 0)
		if (len > 1)
			ask_line(suite, path,
				(struct span){ text, (size_t)len }, score);
	free(text);
	fclose(in);
}

/* A file that is no list of questions, but one itself. */
static void ask_whole_file(const struct suite *suite, const char *folder,
	const char *path, struct score *score)
{
	struct suite_question question = {
		.arena = arena_open(),
		.folder = folder,
	};
	json_t *line = json_pack("{s:s,s:s}", "id", path + strlen(folder) + 1,
		"path", path);

	question.line = line;
	ask(suite, path, &question, score);
	json_decref(line);
	arena_close(question.arena);
}

static bool is_left_out(const struct suite *suite, const char *path)
{
	return suite->left_out &&
	       strcmp(strrchr(path, '/') + 1, suite->left_out) == 0;
}

static const char *pattern_of(const struct suite *suite)
{
	if (suite->files)
		return suite->files;
	return suite->lines ? suite->lines : "*.jsonl";
}

static void ask_files(
	const struct suite *suite, const char *folder, struct score *score)
{
	struct arena *arena = arena_open();
	struct span pattern =
		arena_print(arena, "%s/%s", folder, pattern_of(suite));
	glob_t found;

	if (glob(pattern.at, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (suite->files)
				ask_whole_file(suite, folder,
					found.gl_pathv[i], score);
			else if (!is_left_out(suite, found.gl_pathv[i]))
				ask_file(suite, found.gl_pathv[i], score);
		globfree(&found);
	}
	arena_close(arena);
}

static void tell_share(const struct suite *suite, const struct share *share,
	struct score *score)
{
	bool is_met = share->met * 1000 >= share->asked * share->goal;

	if (!share->goal || !share->asked) {
		printf("# %s %s: %zu/%zu\n", suite->name, share->field,
			share->met, share->asked);
		return;
	}
	printf("%sok %zu - %s %s: %zu/%zu, %u.%u %% wanted\n",
		is_met ? "" : "not ", ++lines_printed, suite->name,
		share->field, share->met, share->asked, share->goal / 10,
		share->goal % 10);
	count(score, is_met ? VERDICT_PASS : VERDICT_FAIL);
}

/* A suite that was named and has no case fails; else it is only told. */
static struct score ask_suite(
	const struct suite *suite, const char *data, bool is_named)
{
	struct arena *arena = arena_open();
	struct span folder = arena_print(arena, "%s/%s", data,
		suite->folder ? suite->folder : suite->name);
	struct score score = { 0 };

	ask_files(suite, folder.at, &score);
	arena_close(arena);
	if (score.passed + score.failed + score.not_scored == 0 && !is_named) {
		printf("# %s: no case in %s\n", suite->name, data);
		return score;
	}
	if (score.passed + score.failed + score.not_scored == 0) {
		printf("not ok %zu - %s has no case in %s\n", ++lines_printed,
			suite->name, data);
		score.failed = 1;
	}
	if (suite->tell)
		suite->tell();
	for (size_t i = 0; i < suite->share_count; i++)
		tell_share(suite, &suite->shares[i], &score);
	printf("%s: %zu/%zu\n", suite->name, score.passed,
		score.passed + score.failed);
	return score;
}

static const struct suite *find_suite(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(suites); i++)
		if (strcmp(suites[i]->name, name) == 0)
			return suites[i];
	return NULL;
}

static int usage(void)
{
	fputs("usage: conformance DATADIR [SUITE...]\nsuites:", stderr);
	for (size_t i = 0; i < COUNT_OF(suites); i++)
		fprintf(stderr, " %s", suites[i]->name);
	fputc('\n', stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct score all = { 0 };
	size_t wanted = argc > 2 ? (size_t)argc - 2 : COUNT_OF(suites);

	if (argc < 2)
		return usage();
	for (int i = 2; i < argc; i++)
		if (!find_suite(argv[i]))
			return usage();
	for (size_t i = 0; i < wanted; i++) {
		struct score one = ask_suite(
			argc > 2 ? find_suite(argv[i + 2]) : suites[i],
			argv[1], argc > 2);

		all.passed += one.passed;
		all.failed += one.failed;
	}
	if (lines_printed == 0)
		printf("not ok %zu - %s holds no suite that is known here\n",
			++lines_printed, argv[1]);
	if (all.passed + all.failed == 0)
		all.failed = 1;
	printf("1..%zu\n", lines_printed);
	printf("%zu passed, %zu failed\n", all.passed, all.failed);
	return all.failed != 0;
}
