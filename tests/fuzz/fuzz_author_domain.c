/*
 * One From field: an address means a domain, and the other way round; in a
 * field that the grammar refused, the domain is a piece of the field without
 * an "@" or a blank.
 */
#include <stdint.h>

#include "probe/policy/author_domain.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span text = { (const char *)bytes, size };
	struct author_domain author;

	author_domain_find(arena, text, &author);
	MUST((author.domain.len > 0) == (author.addresses > 0));
	MUST(!author.is_well_formed || author.addresses > 0);
	if (!author.is_well_formed && author.domain.len) {
		MUST(author.domain.at >= text.at);
		MUST(author.domain.at + author.domain.len <=
			text.at + text.len);
		MUST(span_find(author.domain, '@') == author.domain.len);
		MUST(span_find(author.domain, ' ') == author.domain.len);
	}
	arena_close(arena);
	return 0;
}
