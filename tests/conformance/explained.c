#include "tests/conformance/explained.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* $BUILD/tests/conformance/conformance is this, $BUILD/mxprobe the program. */
static const char *program(struct arena *arena)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	struct span build = { path, len < 0 ? 0 : (size_t)len };

	for (int i = 0; i < 3; i++)
		while (build.len && build.at[--build.len] != '/')
			;
	return arena_print(arena, "%.*s/mxprobe", SPAN_ARG(build)).at;
}

static void become(const char *path, const char *const *files, size_t count)
{
	const char *words[EXPLAINED_FILES_MAX + 4] = { path, "explain",
		"--jsonl" };

	assert(count <= EXPLAINED_FILES_MAX);
	memcpy(words + 3, files, count * sizeof(*files));
	/* What it leaves aside is not asked here. */
	if (!freopen("/dev/null", "w", stderr))
		_exit(127);
	execv(path, (char *const *)(uintptr_t)words);
	_exit(127);
}

static bool read_lines(struct explained *explained, FILE *in)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	bool is_well = true;

	while ((len = getline(&text, &room, in)) > 0) {
		json_t *line = json_loadb(
			text, (size_t)len, JSON_ALLOW_NUL, NULL);

		is_well &= line != NULL;
		json_array_append_new(explained->lines, line);
	}
	free(text);
	return is_well;
}

/* The end of its standard output that is to be read; -1: there is none. */
static int run(
	const char *path, const char *const *files, size_t count, pid_t *pid)
{
	int ends[2];

	if (pipe(ends) != 0)
		return -1;
	fflush(stdout);
	*pid = fork();
	if (*pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		become(path, files, count);
	}
	close(ends[1]);
	return ends[0];
}

bool explained_open(struct explained *explained,
	struct suite_question *question, const char *const *files, size_t count)
{
	const char *path = program(question->arena);
	bool is_well = false;
	pid_t pid = -1;
	int status, end = run(path, files, count, &pid);
	FILE *in = end < 0 ? NULL : fdopen(end, "r");

	*explained = (struct explained){ -1, json_array() };
	if (in) {
		is_well = read_lines(explained, in);
		fclose(in);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		explained->status = WEXITSTATUS(status);
	if (explained->status == 127 || explained->status < 0)
		question_note(question, "%s crashed, or is not there", path);
	else if (!is_well)
		question_note(question, "what it writes is no JSON");
	else
		return true;
	return false;
}

void explained_close(struct explained *explained)
{
	json_decref(explained->lines);
}

struct span explained_text(const json_t *line, const char *key)
{
	const json_t *value = json_object_get(line, key);

	if (!json_is_string(value))
		return SPAN("");
	return (struct span){ json_string_value(value),
		json_string_length(value) };
}

json_int_t explained_number(const json_t *line, const char *key)
{
	return json_integer_value(json_object_get(line, key));
}

bool explained_is(const json_t *line, const char *key, const char *word)
{
	return span_is(explained_text(line, key), span_of(word));
}
