#ifndef MXP_CHECKSUM_H
#define MXP_CHECKSUM_H

#include <stdint.h>

#include "probe/base/span.h"

/*
 * The Internet checksum (RFC 1071): the sum of 16-bit words in ones' complement,
 * over bytes that begin at an even place.  Adds up in any number of calls; fold
 * at the end.  A right checksum makes the sum 0xffff.
 */
uint64_t checksum_add(uint64_t sum, struct span bytes);
uint16_t checksum_fold(uint64_t sum);

#endif
