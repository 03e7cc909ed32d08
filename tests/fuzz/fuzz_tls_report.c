/*
 * A report of TLS sessions.  Claims: it is read the same twice and with a mark
 * before it; what is read keeps the limits of tls_report.h; what is refused
 * says why; texts hold well-formed UTF-8.
 */
#include <stdint.h>

#include "probe/base/utf8.h"
#include "reports/inbound/tls_report.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static size_t tls_report_details(const struct tls_report *report)
{
	size_t details = 0;

	for (size_t i = 0; i < report->policy_count; i++) {
		const struct tls_report_policy *policy = &report->policies[i];

		MUST(policy->domain.len <= TLS_REPORT_TEXT_MAX);
		MUST(policy->text.len <=
			TLS_REPORT_LINES_MAX * (TLS_REPORT_TEXT_MAX + 1));
		details += policy->detail_count;
	}
	MUST(details <= TLS_REPORT_DETAILS_MAX);
	return details;
}

static bool tls_report_try(
	struct arena *arena, struct span text, struct tls_report *report)
{
	struct span why = SPAN("");

	if (!tls_report_read(arena, text, report, &why)) {
		MUST(why.len > 0);
		return false;
	}
	MUST(report->policy_count <= TLS_REPORT_POLICIES_MAX);
	MUST(report->report_id.len == TLS_REPORT_TEXT_MAX ||
		utf8_is_whole(report->report_id));
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span text = arena_copy(
		arena, (struct span){ (const char *)bytes, size });
	struct tls_report report, again;
	bool is_read = tls_report_try(arena, text, &report);
	bool has_mark = size && (bytes[0] == 0xef || bytes[0] == 0xbb ||
					bytes[0] == 0xbf);

	(void)tls_report_is_likely(text);
	if (is_read)
		MUST(tls_report_try(arena, text, &again));
	if (is_read)
		MUST(tls_report_details(&again) == tls_report_details(&report));
	if (!has_mark && size < 64 * 1024)
		MUST(tls_report_try(arena,
			     arena_print(
				     arena, "\xef\xbb\xbf%.*s", SPAN_ARG(text)),
			     &again) == is_read ||
			memchr(bytes, 0, size));
	arena_close(arena);
	return 0;
}
