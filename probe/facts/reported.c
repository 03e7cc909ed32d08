#include "probe/facts/reported.h"

const char *report_kind_word(enum report_kind kind)
{
	switch (kind) {
	case REPORT_DMARC:
		return "dmarc";
	case REPORT_DMARC_FAILURE:
		return "dmarc-failure";
	case REPORT_TLS:
		return "tls";
	}
	return "";
}

const char *disposition_word(enum reported_disposition disposition)
{
	switch (disposition) {
	case DISPOSITION_NONE:
		return "none";
	case DISPOSITION_QUARANTINE:
		return "quarantine";
	case DISPOSITION_REJECT:
		return "reject";
	}
	return "";
}

const char *override_word(enum reported_override override)
{
	switch (override) {
	case OVERRIDE_FORWARDED:
		return "forwarded";
	case OVERRIDE_MAILING_LIST:
		return "mailing_list";
	case OVERRIDE_TRUSTED_FORWARDER:
		return "trusted_forwarder";
	case OVERRIDE_SAMPLED_OUT:
		return "sampled_out";
	case OVERRIDE_LOCAL_POLICY:
		return "local_policy";
	case OVERRIDE_OTHER:
		return "other";
	}
	return "";
}

const char *told_family_word(enum told_family family)
{
	switch (family) {
	case TOLD_NOTHING:
		return "?";
	case TOLD_IPV4:
		return "IPv4";
	case TOLD_IPV6:
		return "IPv6";
	}
	return "";
}

const struct source_name *source_names_find(
	const struct source_names *names, struct span name)
{
	for (size_t i = 0; i < names->count; i++)
		if (span_is(names->at[i].name, name))
			return &names->at[i];
	return NULL;
}
