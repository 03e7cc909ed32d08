#include "pcap/checksum.h"

#include <endian.h>

/*
 * Ones' complement does not mind how wide the words are (RFC 1071 section 2):
 * 32-bit words in the machine's own order are added in 64 bits, two sums side
 * by side, and turned into network order once.
 */
static uint64_t add_words(uint64_t sum, struct span *bytes)
{
	uint64_t other = 0;

	while (bytes->len >= 16) {
		uint64_t one, two;

		memcpy(&one, bytes->at, 8);
		memcpy(&two, bytes->at + 8, 8);
		sum += (one & 0xffffffff) + (one >> 32);
		other += (two & 0xffffffff) + (two >> 32);
		bytes->at += 16;
		bytes->len -= 16;
	}
	return sum + other;
}

uint16_t checksum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint64_t checksum_add(uint64_t sum, struct span bytes)
{
	uint64_t own = add_words(0, &bytes);

	while (bytes.len >= 2) {
		uint16_t word;

		memcpy(&word, bytes.at, 2);
		own += word;
		bytes.at += 2;
		bytes.len -= 2;
	}
	if (bytes.len) {
		uint8_t last[2] = { (uint8_t)bytes.at[0], 0 };
		uint16_t word;

		memcpy(&word, last, 2);
		own += word;
	}
	return sum + be16toh(checksum_fold(own));
}
