#ifndef MXP_LIBARCHIVE_H
#define MXP_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>

#include "probe/base/arena.h"

/*
 * libarchive brings twenty libraries along, among them all of Unicode's data,
 * and few files are packed.  So it is loaded when the first one comes, and
 * called through here (probe/base/library.h).
 */
#define LIBARCHIVE_FUNCTIONS(row)                                              \
	row(read_new) row(read_free) row(read_support_filter_gzip)             \
	row(read_support_filter_zstd) row(read_support_filter_xz)              \
	row(read_support_filter_bzip2) row(read_support_format_raw)            \
	row(read_support_format_empty) row(read_support_format_zip)            \
	row(read_open) row(read_open_memory) row(read_next_header)             \
	row(read_data_block) row(set_error) row(error_string)                  \
	row(entry_pathname) row(entry_filetype) row(entry_size)                \
	row(entry_size_is_set) row(entry_mtime) row(entry_mtime_is_set)

struct libarchive {
#define LIBARCHIVE_MEMBER(name) __typeof__(&archive_##name) name;
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_MEMBER)
#undef LIBARCHIVE_MEMBER
};

/* NULL with *why in the arena: this machine has none.  Loaded once. */
const struct libarchive *libarchive_load(struct arena *arena,
	struct span *why) MXP_MUST_USE;

#endif
