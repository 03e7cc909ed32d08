#ifndef MXP_CAPTURE_FILE_H
#define MXP_CAPTURE_FILE_H

#include "probe/base/ip.h"

/*
 * Reads a capture as a stream of bytes: pcap (micro- and nanoseconds, both
 * byte orders, and the older form with longer record headers) and pcapng.  Feed
 * it whatever has arrived, in pieces of any size; it takes what it can use and
 * leaves the rest in *input.  Nothing is kept of what was given out, so a file
 * may be of any length, or a pipe.
 *
 *      CAPTURE_MORE    *input is used up
 *      CAPTURE_PACKET  file->packet is the next one
 *      CAPTURE_SECRETS file->secrets is a TLS key log (a block of pcapng)
 *      CAPTURE_NAME    file->name_of has the name file->name
 *      CAPTURE_BAD     it is no capture, or is broken here: file->why
 *
 * What is given out is borrowed until the next call.  After CAPTURE_BAD the rest
 * of the stream is dropped; what came before it is whole.  At the end of the
 * input capture_file_end() says whether the file was cut.
 */
enum capture_got {
	CAPTURE_MORE,
	CAPTURE_PACKET,
	CAPTURE_SECRETS,
	CAPTURE_NAME,
	CAPTURE_BAD,
};

enum {
	CAPTURE_PACKET_MAX = 1024 * 1024,       /* tcpdump's limit is a quarter
						   of it */
	CAPTURE_BLOCK_MAX = CAPTURE_PACKET_MAX + 64 * 1024,
	CAPTURE_INTERFACES_MAX = 4096,          /* of one section */
	CAPTURE_WHY_MAX = 128,
};

enum capture_format {
	CAPTURE_UNKNOWN,
	CAPTURE_PCAP,
	CAPTURE_PCAPNG,
};

struct captured_packet {
	uint64_t frame;                 /* 1.., of this file */
	int64_t time_ns;                /* since 1970 */
	bool has_time;                  /* simple blocks of pcapng have none */
	unsigned link_type;             /* LINKTYPE_ number */
	unsigned interface;             /* of its section, 0.. */
	struct span bytes;              /* as captured */
	size_t original_len;            /* on the wire; never less */
	struct span comment;            /* of pcapng; the first one, or empty */
};

struct capture_interface {
	unsigned link_type;
	unsigned snap_len;              /* 0: none */
	uint8_t resolution;             /* if_tsresol as it stands */
	int64_t offset_s;               /* if_tsoffset */
};

struct capture_file {
	struct captured_packet packet;
	struct span secrets;
	struct ip name_of;
	struct span name;
	char why[CAPTURE_WHY_MAX];      /* of CAPTURE_BAD, or of the cut */

	/* What the file is, so far. */
	enum capture_format format;
	bool is_big_endian, is_nano;
	bool is_bad, is_cut;
	uint64_t packets;
	uint64_t octets;                /* of the stream, read so far */
	uint64_t sections;
	uint64_t skipped_blocks;        /* kinds that are not known here */
	uint64_t bad_blocks;            /* known ones that make no sense */
	uint64_t drops;                 /* lost while capturing, as the file
					   itself says */
	bool has_secrets;

	/* Its own. */
	struct capture_interface *interfaces;
	size_t interface_count, interface_room;
	char *held;                     /* a record or block not yet whole */
	size_t held_len, held_room;
	uint64_t to_skip;               /* octets of a block not wanted */
	unsigned record_header;         /* octets of a pcap record's header */
	unsigned link_type;             /* of a pcap */
	struct span names;              /* records of a name block, not told */
};

void capture_file_init(struct capture_file *file);
void capture_file_close(struct capture_file *file);

enum capture_got capture_file_next(struct capture_file *file,
	struct span *input) MXP_MUST_USE;

/* There is no more input: sets is_cut and why when something is missing. */
void capture_file_end(struct capture_file *file);

#endif
