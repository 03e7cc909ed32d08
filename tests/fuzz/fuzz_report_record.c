/*
 * One TXT record, read as TLSRPT and as BIMI.  What is taken has its pieces
 * inside of the text, and is taken as well when a semicolon follows it.
 */
#include <stdint.h>

#include "probe/policy/bimi.h"
#include "probe/policy/tls_rpt.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool report_record_is_inside(struct span part, struct span whole)
{
	return part.len == 0 ||
	       (part.at >= whole.at &&
		       part.at + part.len <= whole.at + whole.len);
}

static bool report_record_ends_open(struct span text)
{
	struct span trimmed = span_trim(text);

	return trimmed.len && trimmed.at[trimmed.len - 1] != ';';
}

static void report_record_tls_rpt(struct arena *arena, struct span text)
{
	struct tls_rpt_record record;
	struct span why;
	size_t count;

	if (!tls_rpt_parse(arena, text, &record, &why)) {
		MUST(why.len > 0);
		return;
	}
	count = record.count;
	MUST(count > 0 && count <= TLS_RPT_DESTINATIONS_MAX);
	MUST(record.usable <= count);
	for (size_t i = 0; i < count; i++) {
		MUST(report_record_is_inside(
			record.destinations[i].text, text));
		MUST(report_record_is_inside(
			record.destinations[i].host, text));
	}
	if (!report_record_ends_open(text))
		return;
	text = arena_print(arena, "%.*s ;", SPAN_ARG(text));
	MUST(tls_rpt_parse(arena, text, &record, &why));
	MUST(record.count == count);
}

static void report_record_bimi(struct arena *arena, struct span text)
{
	struct bimi_record record;
	struct span why;

	if (!bimi_parse(arena, text, &record, &why)) {
		MUST(why.len > 0);
		return;
	}
	MUST(record.is_declined == (record.location.text.len == 0));
	MUST(report_record_is_inside(record.location.text, text));
	MUST(report_record_is_inside(record.evidence.host, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span text = { (const char *)bytes, size };

	report_record_tls_rpt(arena, text);
	report_record_bimi(arena, text);
	arena_close(arena);
	return 0;
}
