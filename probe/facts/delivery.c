#include "probe/facts/delivery.h"

const char *witness_kind_word(enum witness_kind kind)
{
	switch (kind) {
	case WITNESS_LOG:
		return "log";
	case WITNESS_BOUNCE:
		return "bounce";
	case WITNESS_CAPTURE:
		break;
	}
	return "capture";
}

const char *delivery_result_word(enum delivery_result result)
{
	switch (result) {
	case DELIVERY_ACCEPTED:
		return "accepted";
	case DELIVERY_DEFERRED:
		return "deferred";
	case DELIVERY_REFUSED:
		return "refused";
	case DELIVERY_EXPIRED:
		return "expired";
	case DELIVERY_UNKNOWN:
		break;
	}
	return "unknown";
}
