#include "probe/judge/finding.h"

const char *severity_word(enum severity severity)
{
	switch (severity) {
	case SEVERITY_INFO:
		return "info";
	case SEVERITY_WARN:
		return "warn";
	case SEVERITY_FAIL:
		return "fail";
	}
	return "";
}

const char *blame_word(enum blame blame)
{
	switch (blame) {
	case BLAME_UNKNOWN:
		return "unknown";
	case BLAME_OURS:
		return "ours";
	case BLAME_PATH:
		return "path";
	case BLAME_THEIRS:
		return "theirs";
	}
	return "";
}

const char *confidence_word(enum confidence confidence)
{
	switch (confidence) {
	case CONFIRMED:
		return "confirmed";
	case LIKELY:
		return "likely";
	case SUSPECTED:
		return "suspected";
	}
	return "";
}
