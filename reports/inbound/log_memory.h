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

/* What is known of a key; a fact that is not has NULL. */
struct log_known {
	struct span of[LOG_FACT_COUNT];
};

/* The values stay until log_memory_tidy(); or, when the memory is full, until
 * something is kept. */
struct log_known log_memory_find(const struct log_memory *memory,
	struct span key) MXP_MUST_USE;

/* From now on, what is kept takes the place of something else. */
bool log_memory_is_full(const struct log_memory *memory);

/* To be called now and then, when nothing that was found is needed any more:
 * messages that are gone make room. */
void log_memory_tidy(struct log_memory *memory);

/* The message is gone. */
void log_memory_drop(struct log_memory *memory, struct span key);

#endif
