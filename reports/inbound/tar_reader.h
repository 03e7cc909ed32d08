#ifndef MXP_TAR_READER_H
#define MXP_TAR_READER_H

#include <stdint.h>

#include "probe/base/attr.h"
#include "probe/base/span.h"

/*
 * Reads a tar archive as it comes, in pieces of any size, and keeps nothing of
 * it but the header under way: POSIX ustar and pax (IEEE Std 1003.1, pax,
 * "Interchange Format") and the form of GNU tar, with its long names and its
 * numbers of 256 to the digit.  Folders, links, devices and files with holes in
 * them are members that are no files.
 *
 * libarchive reads more forms; but it takes the map of a file with holes to
 * memory before it tells of the file, which made 630 MB of a tar.gz of 17 MB.
 *
 *	tar_reader_init(&reader);
 *	while (...)                     feed it a piece of any size
 *		while ((got = tar_reader_next(&reader, &piece)) != TAR_MORE)
 *			...
 *	got = tar_reader_end(&reader);
 */
enum {
	TAR_BLOCK = 512,
	TAR_NAME_MAX = 255,             /* octets of a name that are kept */
	TAR_EXTENSION_MAX = 64 * 1024,  /* of a pax header or a long name; one
					   that is longer is an error */
};

enum tar_got {
	TAR_MORE,                       /* the piece is used up */
	TAR_MEMBER,                     /* `member` is the next one */
	TAR_OCTETS,                     /* `octets` are of what is in it */
	TAR_END,
	TAR_BAD,                        /* `why`; nothing more comes */
};

struct tar_member {
	char name[TAR_NAME_MAX];
	size_t name_len;
	uint64_t size;                  /* octets that follow */
	int64_t written_ms;             /* since 1970; 0: not known */
	bool is_file;
};

/* What headers before that of a member say of it. */
struct tar_extension {
	bool has_name, has_size, has_time, is_sparse;
	char name[TAR_NAME_MAX];
	size_t name_len;
	uint64_t size;
	int64_t written_ms;
};

struct tar_reader {
	struct tar_member member;
	struct span octets;             /* in the piece given */
	uint64_t left;                  /* of the member's, still to come */
	const char *why;

	/* Its own. */
	enum tar_state {
		TAR_IN_HEADER,
		TAR_IN_HOLES,
		TAR_IN_EXTENSION,
		TAR_IN_CONTENT,
		TAR_IN_PADDING,
		TAR_IS_OVER,
		TAR_IS_BAD,
	} state;
	char block[TAR_BLOCK];
	size_t block_len;
	unsigned padding;
	char extension_type;
	size_t extension_left;
	char text[TAR_EXTENSION_MAX];
	size_t text_len;
	struct tar_extension extension;
};

void tar_reader_init(struct tar_reader *reader);

/* Takes what it uses off *piece. */
enum tar_got tar_reader_next(struct tar_reader *reader,
	struct span *piece) MXP_MUST_USE;

/* There is no more: TAR_END, or TAR_BAD when something is missing.  The blocks
 * of zeros at the end may be. */
enum tar_got tar_reader_end(struct tar_reader *reader) MXP_MUST_USE;

/* Is this the header of a member, as "ustar" and its sum say? */
bool tar_is_likely(struct span start);

#endif
