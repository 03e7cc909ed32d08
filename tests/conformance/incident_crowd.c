#include "tests/conformance/incident_crowd.h"

#include <stdio.h>

/* One mail server after the other: of each all is asked once. */
static struct explained crowd;
static char crowd_folder[4096];

static bool find_crowd(struct suite_question *question)
{
	struct span path = question_text(question, "path");
	const char *files[1];

	for (int i = 0; i < 2; i++)
		while (path.len && path.at[--path.len] != '/')
			;
	if (span_is(path, span_of(crowd_folder)))
		return true;
	if (crowd.lines)
		explained_close(&crowd);
	snprintf(crowd_folder, sizeof(crowd_folder), "%.*s", SPAN_ARG(path));
	files[0] = crowd_folder;
	return explained_open(&crowd, question, files, 1);
}

static bool is_in_crowd(const json_t *delivery)
{
	for (size_t i = 0; i < json_array_size(crowd.lines); i++)
		if (json_equal(json_array_get(crowd.lines, i), delivery))
			return true;
	return false;
}

bool incident_is_same_in_crowd(
	struct suite_question *question, const struct explained *alone)
{
	if (!find_crowd(question))
		return false;
	for (size_t i = 0; i < json_array_size(alone->lines); i++) {
		const json_t *line = json_array_get(alone->lines, i);

		if (!explained_is(line, "kind", "delivery") ||
			is_in_crowd(line))
			continue;
		question_note(question,
			"among all others it is not this: %.*s, %.*s, %.*s",
			SPAN_ARG(explained_text(line, "queue_id")),
			SPAN_ARG(explained_text(line, "recipient")),
			SPAN_ARG(explained_text(line, "stage")));
		return false;
	}
	return true;
}
