#ifndef MXP_TAG_LIST_H
#define MXP_TAG_LIST_H

#include "probe/base/arena.h"

/*
 * The list that DKIM, ARC, DMARC, MTA-STS, TLSRPT and BIMI write:
 *
 *      tag-list  =  tag-spec *( ";" tag-spec ) [ ";" ]
 *      tag-spec  =  [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
 *      tag-name  =  ALPHA *ALNUMPUNC
 *      tag-value =  [ tval *( 1*(WSP / FWS) tval ) ]
 *
 * RFC 6376 section 3.2, and RFC 8616 section 4, which lets UTF-8 into a
 * value.  Names count by case.  What can be read is in the list even when
 * something is wrong, and the caller decides: DKIM wants fault to be TAG_OK,
 * others live with TAG_DUPLICATE, or with a trailing piece that is no tag.
 */
enum { TAG_LIST_MAX = 128 };    /* tags; the RFCs define a dozen */

enum tag_fault {
	TAG_OK,
	TAG_EMPTY_LIST,         /* no tag at all */
	TAG_NO_EQUALS,          /* a piece without "=" */
	TAG_EMPTY_PIECE,        /* ";;" or a list that begins with ";" */
	TAG_BAD_NAME,
	TAG_BAD_VALUE,          /* a control character in it */
	TAG_DUPLICATE,          /* first one wins in tag_list_get() */
	TAG_TOO_MANY,
};

struct tag {
	struct span name;
	struct span value;      /* without white space at both ends; inside it
				   stays as it came, folds too */
	struct span raw;        /* between "=" and ";", everything */
};

struct tag_list {
	const struct tag *tags; /* in the order they came */
	size_t count;
	enum tag_fault fault;   /* the first one found */
	size_t fault_at;        /* where in the text */
	struct span fault_text; /* the piece that is wrong */
};

/* Spans point into text.  Returns whether fault is TAG_OK. */
bool tag_list_parse(struct arena *arena, struct span text,
	struct tag_list *list);

/* NULL when there is none of that name. */
const struct tag *tag_list_get(const struct tag_list *list, const char *name);

/* The value, or an empty span: where a tag absent and empty are the same. */
struct span tag_list_value(const struct tag_list *list, const char *name);

/* A value without any white space in it: base64, lists with folds. */
struct span tag_squeeze(struct arena *arena, struct span value);

/*
 * Is it a tag-name?  DMARC, whose records are read in another way, says that
 * its lists are these (RFC 7489, 6.3).
 */
bool tag_name_is(struct span name);

/* "a tag has no \"=\"" */
const char *tag_fault_text(enum tag_fault fault);

#endif
