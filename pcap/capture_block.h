#ifndef MXP_CAPTURE_BLOCK_H
#define MXP_CAPTURE_BLOCK_H

#include "pcap/capture_file.h"

/*
 * The blocks of pcapng, for capture_file.c: what one whole block says.  Unknown
 * kinds are counted and passed over; a known one that makes no sense is counted
 * and passed over too, since the length around it is still good.
 */
bool capture_block_is_packet(uint32_t type);

/* `block` begins with its type and has all of its length. */
enum capture_got capture_block_take(struct capture_file *file,
	struct span block) MXP_MUST_USE;

/* The next name of a name block; CAPTURE_MORE when all are told. */
enum capture_got capture_block_next_name(struct capture_file *file)
	MXP_MUST_USE;

/* Numbers in the order of octets of the file, or of its section. */
uint32_t capture_u32(const struct capture_file *file, const char *at);
uint16_t capture_u16(const struct capture_file *file, const char *at);

#endif
