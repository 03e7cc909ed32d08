#ifndef MXP_NAME_BOOK_H
#define MXP_NAME_BOOK_H

#include "pcap/packet.h"
#include "probe/base/arena.h"

/*
 * The names of addresses, as far as a capture knows them: from its name
 * resolution blocks, and from the answers to A and AAAA that it holds, which
 * tell by what name a client came to an address.  Of several names the file's
 * own comes first, then the latest answer: a client asks just before it
 * connects.
 *
 * The book is bounded: beyond its room the name that was told first gives way.
 */
enum {
	NAME_BOOK_SETS = 512,           /* a power of two */
	NAME_BOOK_WAYS = 4,             /* names in a set */
	NAME_BOOK_NAME_MAX = 253,       /* longer ones no host has */
};

struct name_book;

struct name_book *name_book_open(void);
void name_book_close(struct name_book *book);

/* From the file itself. */
void name_book_add(struct name_book *book, const struct ip *ip,
	struct span name);

/* A packet of kind PACKET_DNS; what is no good answer is passed over. */
void name_book_hear(struct name_book *book, const struct packet *packet);

/* In the book, until it is told of another; empty: not known. */
struct span name_book_find(const struct name_book *book, const struct ip *ip);

#endif
