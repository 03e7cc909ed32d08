#ifndef MXP_LOG_MEMORY_H
#define MXP_LOG_MEMORY_H

#include "probe/base/arena.h"

/*
 * What earlier lines of a log told of a queue id, for the lines that come
 * later: Postfix names the sender and the Message-ID in lines of their own.
 *
 * It forgets, at the end.  The words of messages that are gone make room for
 * others; where too many are not (or never told to be) gone, the newest take
 * the place of the oldest, and a key has its place in a set of a few, where the
 * longest unused gives way: a log of any length is read in the same memory.
 */
struct log_memory;

enum { LOG_MEMORY_OCTETS_MAX = 8 * 1024 * 1024, LOG_MEMORY_SETS_MAX = 32768 };

/* Two things are known of a key. */
enum log_fact { LOG_FACT_SENDER, LOG_FACT_MESSAGE_ID, LOG_FACT_COUNT };

/* Lives as long as the arena, and grows in it up to the limits above. */
struct log_memory *log_memory_open(struct arena *arena);

void log_memory_keep(struct log_memory *memory, struct span key,
	enum log_fact fact, struct span value);

/* False: never told, or forgotten.  The value stays until something is kept. */
bool log_memory_find(const struct log_memory *memory, struct span key,
	enum log_fact fact, struct span *value) MXP_MUST_USE;

/* The message is gone: what is known of it makes room. */
void log_memory_drop(struct log_memory *memory, struct span key);

#endif
