#ifndef MXP_CHARSET_H
#define MXP_CHARSET_H

#include "probe/base/arena.h"

/*
 * Text of any charset as UTF-8, by iconv.  A charset that is unknown, and none
 * at all, leave the text as it is, except that the escapes of ISO-2022-JP are
 * known when they are seen.  What cannot be read becomes U+FFFD; nothing
 * fails, and the text may grow fourfold.
 */
struct span charset_to_utf8(struct arena *arena, struct span charset,
	struct span text);

/*
 * A header's value with its encoded words (RFC 2047) of any charset read, and
 * its folds opened.
 */
struct span charset_header_text(struct arena *arena, struct span value);

#endif
