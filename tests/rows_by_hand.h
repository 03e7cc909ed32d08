#ifndef MXP_TESTS_ROWS_BY_HAND_H
#define MXP_TESTS_ROWS_BY_HAND_H

#include <stdio.h>
#include <stdlib.h>

#include "reports/row_formats.h"

#include "tests/outcomes.c"
#include "tests/own_arena.h"

/*
 * Rows of a run for the tests of its reports: two families of a probe, of
 * which each report makes the same run.
 */
static const struct report_run run_by_hand = { .host = { "probe.example", 13 },
	.codebook = { "2026-11-01", 10 },
	.began_ms = 1795000385123 };

/* What a scenario hides: the mailbox that the samples write to. */
static struct variable secret_by_hand[] = {
	{ .name = { "rcpt", 4 },
		.kind = VARIABLE_ENV,
		.text = { "me@gmail.com", 12 },
		.has_secret = true,
		.is_revealed = true },
};
static const struct variables secrets_by_hand = { .list = secret_by_hand,
	.count = 1 };
static const struct variables no_secrets;

static const struct egress office_by_hand = { .name = { "office", 6 } };
static const struct aim aim_by_hand = { .kind = AIM_MX,
	.name = { "gmail.com", 9 } };
static const struct matrix_cell cells_by_hand[] = {
	{ .probe = { "delivery", 8 },
		.aim = &aim_by_hand,
		.family = FAMILY_IPV4,
		.egress = &office_by_hand },
	{ .probe = { "delivery", 8 },
		.aim = &aim_by_hand,
		.family = FAMILY_IPV6,
		.egress = &office_by_hand },
};
static const struct matrix matrix_by_hand = { .name = { "gmail", 5 },
	.cells = cells_by_hand,
	.cell_count = COUNT_OF(cells_by_hand) };

static struct result_row row_by_hand(const struct sample *sample,
	enum family family, enum cell_verdict verdict)
{
	struct cell_result *result = arena_new(arena, struct cell_result);

	result->verdict = verdict;
	return (struct result_row){ .kind = ROW_CELL,
		.file = SPAN("gmail.mxp"),
		.matrix = &matrix_by_hand,
		.variables = &no_secrets,
		.cell = &cells_by_hand[family],
		.has_family = true,
		.family = family,
		.result = result,
		.outcome = sample ? &sample->outcome : NULL,
		.judgement = sample ? &sample->judgement : NULL,
		.began_ms = run_by_hand.began_ms,
		.took_ns = sample ? 262000000 : 0 };
}

static void row_misses(struct result_row *row, struct span found)
{
	struct cell_result *result = arena_new(arena, struct cell_result);
	struct miss *miss = arena_new(arena, struct miss);

	*miss = (struct miss){
		.place = { .file = SPAN("gmail.mxp"), .line = 12, .column = 3 },
		.stage = STAGE_DOT,
		.wanted = SPAN("accept"),
		.found = found
	};
	*result = *row->result;
	result->misses = miss;
	result->miss_count = 1;
	row->result = result;
}

/* IPv4 passes, IPv6 is refused at the end of DATA. */
static void rows_of_demo(struct result_row rows[static 2])
{
	struct sample *sample = sample_demo(arena);

	rows[0] = row_by_hand(sample, FAMILY_IPV4, CELL_PASS);
	rows[1] = row_by_hand(sample, FAMILY_IPV6, CELL_FAIL);
	row_misses(&rows[1], SPAN("550 5.7.1 google.not-authorized"));
}

/* Every sample there is, by number; NULL behind the last. */
static struct sample *sample_numbered(size_t number)
{
	switch (number) {
	case 0:
		return sample_demo(arena);
	case 1:
		return sample_no_ipv6(arena);
	case 2:
		return sample_only_ipv6(arena);
	case 3:
		return sample_no_dns(
			arena, FAILURE_DNS_SERVFAIL, VERDICT_UNKNOWN);
	case 4:
		return sample_hostile(arena);
	case 5:
		return sample_hosts(arena);
	case 6:
		return sample_put_off(arena);
	default:
		return NULL;
	}
}

/* The report of these rows, whole. */
static struct span report_of_run(const struct report_run *run, const char *word,
	const char *file, const struct result_row *rows, size_t count)
{
	const struct row_format *format = row_format_of(span_of(word));
	char *at = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&at, &len);
	void *report = format->begin(arena, out, file, run);
	struct span text;

	for (size_t i = 0; i < count; i++)
		format->row(report, &rows[i]);
	if (!format->end(report, 1))
		abort();
	fclose(out);
	text = arena_copy(arena, (struct span){ at, len });
	free(at);
	return text;
}

static struct span report_of(const char *word, const char *file,
	const struct result_row *rows, size_t count)
{
	return report_of_run(&run_by_hand, word, file, rows, count);
}

#endif
