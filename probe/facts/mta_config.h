#ifndef MXP_MTA_CONFIG_H
#define MXP_MTA_CONFIG_H

#include "probe/base/arena.h"
#include "probe/base/ip.h"

/*
 * What a mail server's configuration says of the addresses it sends to: what of
 * it decides the order, and nothing else.  What the file does not set is the
 * program's own default.  reports/inbound/mta_config_file.h reads it.
 */
enum mta { MTA_POSTFIX, MTA_SENDMAIL, MTA_EXIM, MTA_OPENSMTPD };
enum { MTA_COUNT = MTA_OPENSMTPD + 1 };

enum mta_prefers { MTA_PREFERS_NEITHER, MTA_PREFERS_IPV4, MTA_PREFERS_IPV6 };

/* One line of the file that counts. */
struct mta_setting {
	struct span name;               /* "smtp_address_preference" */
	struct span value;
	unsigned line;                  /* 1.. */
};

/* A destination, or a host, to which only one family is used. */
struct mta_exception {
	struct span pattern;            /* "gmail.com", "*.example", "*" */
	bool is_negated;
	bool is_host;                   /* the exchanger's name, else the
					   domain's */
	enum family only;
	unsigned line;
};

enum { MTA_SETTINGS_MAX = 64, MTA_EXCEPTIONS_MAX = 256, MTA_DOUBTS_MAX = 32 };

struct mta_config {
	enum mta mta;
	struct span file;               /* empty: none was given */
	bool uses[FAMILY_COUNT];        /* it may connect over this one */
	struct span uses_why;           /* the setting that forbids a family;
					   empty: none does */
	enum mta_prefers prefers;
	bool randomizes;                /* addresses that rank alike */
	bool balances;                  /* Postfix: both families within the
					   limit */
	unsigned address_limit;         /* addresses tried; 0: no limit */
	unsigned session_limit;         /* sessions held; 0: no limit */
	bool skips_5xx_greeting;        /* Postfix */
	struct span relay;              /* all mail goes there; or empty */
	struct span transport_maps;     /* Postfix: as set; or empty */
	const struct mta_exception *exceptions;
	size_t exception_count;
	const struct mta_setting *settings;     /* those that were found */
	size_t setting_count;
	const struct span *doubts;      /* sentences: what could not be told */
	size_t doubt_count;
};

const char *mta_word(enum mta mta);     /* "postfix": as --mta takes it */
const char *mta_name(enum mta mta);     /* "Postfix" */
bool mta_find(struct span word, enum mta *mta) MXP_MUST_USE;

/* As the program is without a configuration. */
void mta_config_init(struct mta_config *config, enum mta mta);

#endif
