#ifndef MXP_BODY_FORM_H
#define MXP_BODY_FORM_H

#include <openssl/evp.h>
#include <stdint.h>

#include "probe/base/span.h"

/*
 * The canonical form of a body as somebody may have made it: by the rules of
 * RFC 6376 section 3.4, or with one of them left out, misread or done in the
 * wrong order.  The verifier has its own, which is fast and knows only the
 * RFC's; this one is for finding out what a signer did instead.
 *
 * A line ends at LF, and a CR before it belongs to the end, as in
 * probe/mail/canon.h.  White space is SP and TAB.
 */
enum body_rule {
	BODY_REDUCE = 1 << 0,           /* runs of white space become one SP */
	BODY_STRIP = 1 << 1,            /* white space at line ends goes */
	BODY_EMPTY_IS_NOTHING = 1 << 2, /* an empty body is no octet */

	BODY_KEEP_EMPTY_LINES = 1 << 3, /* at the end of the body, too */
	BODY_EMPTY_LINES_FIRST = 1 << 4,        /* they go before white space
				   does, so a line of spaces stays: the order
				   of RFC 4871 before erratum 1384 */
	BODY_TAB_IS_TEXT = 1 << 5,      /* only SP is white space */
	BODY_TAB_TO_SPACE = 1 << 6,     /* one for one, and no run reduced */
	BODY_END_NOT_ADDED = 1 << 7,    /* where the last CRLF is missing */
	BODY_END_CUT = 1 << 8,          /* the last CRLF is left out */
	BODY_END_DOUBLED = 1 << 9,      /* one CRLF more at the end */
	BODY_LF = 1 << 10,              /* line ends are hashed as LF */
	BODY_LF_IS_TEXT = 1 << 11,      /* a LF without CR ends no line */
	BODY_LAST_UNSTRIPPED = 1 << 12, /* a last line without end keeps its
				   white space */
};

#define BODY_SIMPLE  0u
#define BODY_RELAXED (BODY_REDUCE | BODY_STRIP | BODY_EMPTY_IS_NOTHING)
#define BODY_UNCOUNTED UINT64_MAX

enum { BODY_HASH_MAX = 32, BODY_FORM_ROOM = 4096 };

/* The octets of a SHA-1 or SHA-256. */
struct body_hash {
	unsigned char octets[BODY_HASH_MAX];
	size_t len;
};

/*
 * One body, line by line, into one hash.  The fields are its own.
 *
 *	body_form_open(&form, rules, BODY_UNCOUNTED, "SHA256");
 *	while (rest.len)
 *		body_form_line(&form, body_line(rules, &rest));
 *	body_form_end(&form, &hash);
 *	body_form_close(&form);
 */
struct body_form {
	EVP_MD_CTX *state, *branch;
	uint64_t room;          /* octets that l= still lets in */
	size_t empty_lines;     /* seen, and hashed only if text follows */
	size_t held;            /* octets in `octets` */
	unsigned rules;
	bool has_text;
	char octets[BODY_FORM_ROOM];
};

/* A line with its end, cut off *rest; the last one may have none. */
struct span body_line(unsigned rules, struct span *rest);

size_t body_line_count(struct span body);

/* counted: the value of l=, or BODY_UNCOUNTED.  hash: OpenSSL's name. */
void body_form_open(struct body_form *form, unsigned rules, uint64_t counted,
	const char *hash);
void body_form_line(struct body_form *form, struct span line);

/* The hash if the body ended here; more lines may follow. */
void body_form_so_far(struct body_form *form, struct body_hash *hash);
void body_form_end(struct body_form *form, struct body_hash *hash);
void body_form_close(struct body_form *form);

/* All of it at once. */
void body_form_hash(struct span body, unsigned rules, uint64_t counted,
	const char *name, struct body_hash *hash);

bool body_hash_is(const struct body_hash *hash, struct span octets);

#endif
