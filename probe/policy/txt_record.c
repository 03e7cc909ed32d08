#include "probe/policy/txt_record.h"

size_t txt_records_find(const struct answer *answer,
	bool (*is_one)(struct span text), struct span *first)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->value_count; i++)
		if (is_one(answer->values[i]) && count++ == 0)
			*first = answer->values[i];
	return count;
}
