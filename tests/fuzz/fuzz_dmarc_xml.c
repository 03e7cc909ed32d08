/*
 * A DMARC aggregate report.  Claims: it is read the same twice; what is read
 * keeps the limits of dmarc_aggregate.h; what is refused says why; of a part of
 * it, unless it is in UTF-16, no more rows come than of the whole; and no
 * entity ever becomes more than its own octets.
 */
#include <stdint.h>

#include "reports/inbound/dmarc_aggregate.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void dmarc_xml_row_must_be_sound(
	const struct dmarc_row *row, size_t octets)
{
	MUST(row->dkim_count <= DMARC_RESULTS_MAX);
	MUST(row->spf_count <= DMARC_RESULTS_MAX);
	MUST(row->reason_count <= DMARC_RESULTS_MAX);
	MUST(row->count <= 1000000000000);
	MUST(row->ip_text.len <= DMARC_TEXT_MAX);
	MUST(row->header_from.len <= DMARC_TEXT_MAX);
	MUST(row->header_from.len <= 3 * octets);
	MUST(!row->has_ip || row->ip_text.len < IP_TEXT_MAX);
}

static bool dmarc_xml_read(
	struct arena *arena, struct span text, struct dmarc_report *report)
{
	struct span why = SPAN("");

	if (!dmarc_report_read(arena, text, report, &why)) {
		MUST(why.len > 0);
		return false;
	}
	MUST(report->row_count <= DMARC_ROWS_MAX);
	MUST(report->row_count <= text.len);
	for (size_t i = 0; i < report->row_count; i++)
		dmarc_xml_row_must_be_sound(&report->rows[i], text.len);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span text = { (const char *)bytes, size };
	struct dmarc_report report, again;
	bool is_read = dmarc_xml_read(arena, text, &report);

	(void)dmarc_report_is_likely(text);
	MUST(dmarc_xml_read(arena, text, &again) == is_read);
	MUST(again.row_count == report.row_count);
	MUST(span_is(again.trouble, report.trouble));
	/* What breaks off in UTF-16 is turned into other UTF-8. */
	if (size && bytes[0] < 0xfe &&
		dmarc_xml_read(arena, span_part(text, 0, size / 2), &again))
		MUST(again.row_count <= report.row_count);
	arena_close(arena);
	return 0;
}
