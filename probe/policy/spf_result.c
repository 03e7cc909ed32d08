#include "probe/policy/spf_result.h"

const char *spf_result_word(enum spf_result result)
{
	switch (result) {
	case SPF_OPEN:
		return "open";
	case SPF_NONE:
		return "none";
	case SPF_NEUTRAL:
		return "neutral";
	case SPF_PASS:
		return "pass";
	case SPF_FAIL:
		return "fail";
	case SPF_SOFTFAIL:
		return "softfail";
	case SPF_TEMPERROR:
		return "temperror";
	case SPF_PERMERROR:
		return "permerror";
	}
	return "";
}

const char *spf_outcome_word(enum spf_outcome outcome)
{
	switch (outcome) {
	case SPF_TERM_OPEN:
		return "open";
	case SPF_TERM_MATCH:
		return "match";
	case SPF_TERM_NO_MATCH:
		return "no match";
	case SPF_TERM_TEMPERROR:
		return "temperror";
	case SPF_TERM_PERMERROR:
		return "permerror";
	}
	return "";
}

enum spf_outcome spf_result_outcome(enum spf_result result)
{
	switch (result) {
	case SPF_OPEN:
		return SPF_TERM_OPEN;
	case SPF_TEMPERROR:
		return SPF_TERM_TEMPERROR;
	case SPF_PERMERROR:
		return SPF_TERM_PERMERROR;
	case SPF_NONE:
	case SPF_NEUTRAL:
	case SPF_PASS:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
		break;
	}
	return SPF_TERM_MATCH;
}

enum spf_outcome spf_result_included(enum spf_result result)
{
	switch (result) {
	case SPF_OPEN:
		return SPF_TERM_OPEN;
	case SPF_PASS:
		return SPF_TERM_MATCH;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL:
		return SPF_TERM_NO_MATCH;
	case SPF_TEMPERROR:
		return SPF_TERM_TEMPERROR;
	case SPF_NONE:
	case SPF_PERMERROR:
		break;
	}
	return SPF_TERM_PERMERROR;
}
