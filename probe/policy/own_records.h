#ifndef MXP_OWN_RECORDS_H
#define MXP_OWN_RECORDS_H

#include "probe/policy/bimi.h"
#include "probe/policy/dmarc.h"
#include "probe/policy/mta_sts.h"
#include "probe/policy/tls_rpt.h"

/*
 * What a domain has published that no receiver of its mail demands, and that
 * its owner wants to be right all the same: how mail to it is protected
 * (MTA-STS, TLSRPT), what is shown beside mail of it (BIMI), and whether those
 * who get its DMARC reports have agreed to.  It is told, and never judged.
 */
enum own_record {
	OWN_MTA_STS,
	OWN_TLS_RPT,
	OWN_BIMI,
	OWN_REPORTS,            /* rua= and ruf= of DMARC */
	OWN_SUFFIX_LIST,        /* with which all this was looked at */
};
enum { OWN_RECORD_COUNT = OWN_SUFFIX_LIST + 1 };

enum own_state {
	OWN_SOUND,
	OWN_ABSENT,
	OWN_UNKNOWN,            /* a lookup failed */
	OWN_AMISS,              /* it is there, and does not do what it says */
};

enum { OWN_DESTINATIONS_MAX = 16 };     /* rua and ruf: the others are left
					   out */

struct own_destination {
	const struct dmarc_destination *destination;
	bool is_ruf;
	struct dmarc_consent_check consent;
};

struct own_line {
	enum own_state state;
	struct span says;       /* one sentence; may hold foreign bytes */
};

struct own_records {
	struct span domain;
	struct mta_sts mta_sts;
	struct span unlisted;   /* its own mail exchangers that its policy does
				   not list, "a, b"; or empty */
	struct tls_rpt_check tls_rpt;
	struct bimi_check bimi;
	struct dmarc_check dmarc;       /* by RFC 7489, its record only */
	struct own_destination destinations[OWN_DESTINATIONS_MAX];
	size_t destination_count;
	const char *list_file;  /* of suffix_list_file() */
	int64_t list_date;      /* unix; 0: unknown */
	struct own_line lines[OWN_RECORD_COUNT];
};

/* False: lookups are missing, settle them and run again. */
bool own_records(struct arena *arena, struct answers *answers,
	struct span domain, const struct suffix_list *suffixes,
	struct own_records *records) MXP_MUST_USE;

const char *own_record_word(enum own_record record);    /* "mta-sts" */
const char *own_record_title(enum own_record record);   /* "MTA-STS" */
const char *own_state_word(enum own_state state);       /* "sound" */

#endif
