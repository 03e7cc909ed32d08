#include "reports/rows_jsonl.h"

#include "reports/json.h"
#include "reports/rows_report.h"

struct rows_jsonl {
	FILE *out;
};

void *rows_jsonl_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run)
{
	struct rows_jsonl *report = arena_new(arena, struct rows_jsonl);

	(void)file;
	(void)run;
	report->out = out;
	return report;
}

void rows_jsonl_row(void *report, const struct result_row *row)
{
	struct rows_jsonl *jsonl = report;
	struct arena *arena = arena_open();
	struct json_writer json;

	writer_open(&json, jsonl->out, false, 0);
	writer_hide(&json, arena, row->variables);
	writer_begin_object(&json);
	writer_put_word(&json, "type", "row");
	rows_json_members(&json, row);
	writer_key(&json, "facts");
	if (row->outcome && row->judgement)
		json_target(&json, row->outcome, row->judgement);
	else
		writer_nothing(&json);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
	arena_close(arena);
}

bool rows_jsonl_end(void *report, int exit_status)
{
	(void)report;
	(void)exit_status;
	return true;
}
