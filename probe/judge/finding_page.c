#include "probe/judge/finding_page.h"

#include "probe/judge/docket.h"
#include "probe/judge/path_fault.h"
#include "probe/judge/reported_findings.h"
#include "probe/judge/trace_hearing.h"

static const struct finding_kind *const *const areas[] = { domain_kinds,
	source_kinds, fault_kinds, mtu_kinds, voice_kinds, tls_kinds,
	dane_kinds, sts_kinds, reply_kinds, identity_kinds };

/* Each takes from *n how many it has, until the n-th is among them. */
static bool kind_at(size_t *n, struct finding *page)
{
	for (size_t i = 0; i < COUNT_OF(areas); i++)
		for (size_t at = 0; areas[i][at]; at++)
			if (!(*n)--) {
				*page = finding_of_kind(areas[i][at]);
				return true;
			}
	return false;
}

static bool trace_at(size_t *n, struct finding *page)
{
	for (size_t at = 0; trace_kinds[at]; at++)
		if (!(*n)--) {
			*page = finding_of_trace_kind(trace_kinds[at]);
			return true;
		}
	return false;
}

static bool is_of_kind(struct span id)
{
	for (size_t i = 0; i < COUNT_OF(areas); i++)
		for (size_t at = 0; areas[i][at]; at++)
			if (span_is(id, span_of(areas[i][at]->id)))
				return true;
	return false;
}

/* What a log tells of a path has the finding of a walk, mostly. */
static bool path_fault_at(size_t *n, struct finding *page)
{
	for (int fault = 0; fault < PATH_FAULT_COUNT; fault++) {
		*page = (struct finding){ .id = SPAN("") };
		path_fault_describe((enum path_fault)fault, page);
		if (page->id.len && !is_of_kind(page->id) && !(*n)--)
			return true;
	}
	return false;
}

bool finding_page_at(size_t n, struct finding *page)
{
	return kind_at(&n, page) || trace_at(&n, page) ||
	       path_fault_at(&n, page) || reported_page_at(n, page);
}

bool finding_page_has(struct span id)
{
	struct finding page;

	for (size_t n = 0; finding_page_at(n, &page); n++)
		if (span_is(page.id, id))
			return true;
	return false;
}
