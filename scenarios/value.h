#ifndef MXP_VALUE_H
#define MXP_VALUE_H

#include <stdint.h>

#include "probe/base/ip.h"
#include "scenarios/lexer.h"

/*
 * A value is one word of a scenario that is not the language's own: a name, a
 * duration, an address.  Its kind decides what it must look like.  It keeps
 * the text as written, with ${names} in it, and the text that these mean; a
 * secret is never in either, but stands there as "***".
 */
enum value_kind {
	VALUE_NAME,                     /* one that the file gives */
	VALUE_PATH,                     /* the name of a path */
	VALUE_PROBE,                    /* the name of a probe */
	VALUE_SERVER,                   /* the name of a server */
	VALUE_TWIN,                     /* the name of a twin */
	VALUE_TAG,
	VALUE_TEXT,
	VALUE_FILE,
	VALUE_ENV,
	VALUE_MAILBOX,
	VALUE_DOMAIN,
	VALUE_HOST,
	VALUE_INTERFACE,
	VALUE_SELECTOR,
	VALUE_IPV4,
	VALUE_IPV6,
	VALUE_ADDRESS,
	VALUE_FAMILY,                   /* number: 4, 6 */
	VALUE_NUMBER,
	VALUE_RATIO,                    /* number: thousandths */
	VALUE_PORT,
	VALUE_DURATION,                 /* number: milliseconds */
	VALUE_SIZE,                     /* number: octets */
	VALUE_DATE,                     /* number: days since 1970-01-01 */
	VALUE_CODE,
	VALUE_STATUS,
	VALUE_REASON,
	VALUE_RECORD_TYPE,              /* of the DNS */
	VALUE_KEYWORD,
	VALUE_TLS_VERSION,              /* number: 10 .. 13 */
	VALUE_OPERATOR,
	VALUE_REGEX,
};
enum { VALUE_KINDS = VALUE_REGEX + 1, VALUE_TEXT_MAX = 8192 };
enum { VALUE_REGEX_MAX = 1000 };

struct value {
	enum value_kind kind;
	enum token_kind form;           /* TOKEN_WORD, _STRING or _REGEX */
	struct span raw;                /* as written, without quotes */
	struct span text;               /* what it means */
	bool has_secret;
	bool ignores_case;              /* a regular expression's i */
	uint64_t number;
	struct ip ip;                   /* VALUE_IPV4, _IPV6, _ADDRESS */
	struct place place;
};

/* "DURATION", as the table of verbs spells it. */
const char *value_kind_word(enum value_kind kind);

/* "a duration, such as 500ms, 30s or 6h" */
const char *value_kind_phrase(enum value_kind kind);

/* The kind of this word; false: it is none. */
bool value_kind_of(struct span word, enum value_kind *kind);

/* Does the text look like it was meant as one?  For what may be left out. */
bool value_looks_like(enum value_kind kind, struct span text);

/*
 * Reads value->text as its kind says, and fills number and ip.  False: *why
 * says what was wanted, and begins in lower case.  What holds a secret cannot
 * be looked at; it is taken where text may stand.
 */
bool value_read(struct value *value, const char **why) MXP_MUST_USE;

#endif
