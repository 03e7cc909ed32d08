#include "probe/policy/deviation.h"

const char *departs_word(enum departs departs)
{
	switch (departs) {
	case DEPARTS_SIGNER:
		return "signer";
	case DEPARTS_ON_THE_WAY:
		return "on-the-way";
	case DEPARTS_UNKNOWN:
		return "unknown";
	}
	return "";
}

const char *departs_ending(enum departs departs)
{
	switch (departs) {
	case DEPARTS_SIGNER:
		return "the signer, not the verifier, departs from the RFC";
	case DEPARTS_ON_THE_WAY:
		return "it was changed after it was signed";
	case DEPARTS_UNKNOWN:
		return "who departs from the RFC cannot be told";
	}
	return "";
}

void deviation_add(struct deviation rows[static DEVIATIONS_MAX], size_t *count,
	const struct deviation *deviation)
{
	if (*count < DEVIATIONS_MAX)
		rows[(*count)++] = *deviation;
}
