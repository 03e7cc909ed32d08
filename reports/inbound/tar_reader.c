#include "reports/inbound/tar_reader.h"

#include <limits.h>
#include <string.h>

/*
 * A header is a block of text fields, each ended by a NUL or a blank unless it
 * is full:
 *
 *	name 100, mode 8, uid 8, gid 8, size 12, mtime 12, chksum 8,
 *	typeflag 1, linkname 100, magic 6, version 2, uname 32, gname 32,
 *	devmajor 8, devminor 8, prefix 155
 *
 * The octets of the member follow, padded to whole blocks.
 */
enum {
	NAME_AT = 0,
	NAME_LEN = 100,
	SIZE_AT = 124,
	MTIME_AT = 136,
	NUMBER_LEN = 12,
	SUM_AT = 148,
	SUM_LEN = 8,
	TYPE_AT = 156,
	MAGIC_AT = 257,
	PREFIX_AT = 345,
	PREFIX_LEN = 155,
	/* Of GNU: are there blocks that list more holes? */
	HOLES_AT = 482,
	MORE_HOLES_AT = 504,
};

static const unsigned long largest = LONG_MAX / 2;
static const unsigned long latest_s = LONG_MAX / 1024;

void tar_reader_init(struct tar_reader *reader)
{
	memset(reader, 0, sizeof(*reader));
}

/* ---- fields */

static struct span field_of(const char *block, size_t at, size_t len)
{
	struct span field = { block + at, len };

	return span_part(field, 0, span_find(field, '\0'));
}

/* The first bit says that the others are the number, big end first. */
static bool read_binary(const char *at, uint64_t *number)
{
	uint64_t sum = (unsigned char)at[0] & 0x7f;

	for (size_t i = 1; i < NUMBER_LEN; i++) {
		if (sum > largest >> 8)
			return false;
		sum = sum << 8 | (unsigned char)at[i];
	}
	*number = sum;
	return sum <= largest;
}

static bool read_octal(struct span text, uint64_t *number)
{
	text = span_trim(text);
	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '7')
			return false;
		*number = *number << 3 | (uint64_t)(text.at[i] - '0');
	}
	return true;
}

static bool read_number(const char *block, size_t at, uint64_t *number)
{
	if ((unsigned char)block[at] & 0x80)
		return read_binary(block + at, number);
	return read_octal(field_of(block, at, NUMBER_LEN), number);
}

/* Some have summed signed octets.  The field itself counts as blanks. */
static bool is_header(const char *block)
{
	uint64_t wanted;
	long plain = 0, with_sign = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++) {
		bool is_sum = i >= SUM_AT && i < SUM_AT + SUM_LEN;

		plain += is_sum ? ' ' : (unsigned char)block[i];
		with_sign += is_sum ? ' ' : (signed char)block[i];
	}
	return read_octal(field_of(block, SUM_AT, SUM_LEN), &wanted) &&
	       ((long)wanted == plain || (long)wanted == with_sign);
}

static bool has_magic(const char *block)
{
	return memcmp(block + MAGIC_AT, "ustar", 5) == 0;
}

bool tar_is_likely(struct span start)
{
	return start.len >= TAR_BLOCK && has_magic(start.at) &&
	       is_header(start.at);
}

/* ---- names and numbers of headers that come before */

static size_t keep_name(char *name, size_t len, struct span part)
{
	if (part.len > TAR_NAME_MAX - len)
		part.len = TAR_NAME_MAX - len;
	if (part.len)
		memcpy(name + len, part.at, part.len);
	return len + part.len;
}

static void extend_name(struct tar_extension *extension, struct span name)
{
	name = span_part(name, 0, span_find(name, '\0'));
	extension->has_name = true;
	extension->name_len = keep_name(extension->name, 0, name);
}

static bool take_record(
	struct tar_extension *extension, struct span key, struct span value)
{
	unsigned long number;

	if (span_starts_nocase(key, SPAN("GNU.sparse."))) {
		extension->is_sparse = true;
	} else if (span_is(key, SPAN("path"))) {
		extend_name(extension, value);
	} else if (span_is(key, SPAN("size"))) {
		extension->has_size = span_number(value, largest, &number);
		if (!extension->has_size)
			return false;
		extension->size = number;
	} else if (span_is(key, SPAN("mtime"))) {
		/* With a fraction, or before 1970. */
		value = span_part(value, 0, span_find(value, '.'));
		extension->has_time = span_number(value, latest_s, &number);
		if (extension->has_time)
			extension->written_ms = (int64_t)number * 1000;
	}
	return true;
}

/* "%d %s=%s\n": the number is that of all octets of the record. */
static bool take_records(struct tar_extension *extension, struct span text)
{
	while (text.len) {
		struct span record = text, digits = span_cut(&record, ' '), key;
		unsigned long len;

		if (!span_number(digits, text.len, &len) ||
			len < digits.len + 2 || text.at[len - 1] != '\n')
			return false;
		record = span_part(record, 0, len - digits.len - 2);
		key = span_cut(&record, '=');
		if (!take_record(extension, key, record))
			return false;
		text = span_part(text, len, text.len);
	}
	return true;
}

/* ---- one state each */

static enum tar_got fail(struct tar_reader *reader, const char *why)
{
	reader->state = TAR_IS_BAD;
	reader->why = why;
	return TAR_BAD;
}

static unsigned padding_of(uint64_t size)
{
	return (unsigned)(-size % TAR_BLOCK);
}

/* A whole block, or all there is of it. */
static bool has_block(struct tar_reader *reader, struct span *piece)
{
	struct span part = span_part(*piece, 0, TAR_BLOCK - reader->block_len);

	memcpy(reader->block + reader->block_len, part.at, part.len);
	reader->block_len += part.len;
	*piece = span_part(*piece, part.len, piece->len);
	if (reader->block_len < TAR_BLOCK)
		return false;
	reader->block_len = 0;
	return true;
}

/* pax, that of Solaris too, and for all; long names, and those of links. */
static bool is_extension(char type)
{
	return memchr("xXgLK", type, 5) != NULL;
}

/* Whatever is not known may have octets, and says how many. */
static bool has_octets(char type)
{
	return !memchr("123456V", type, 7);
}

static enum tar_got begin_extension(struct tar_reader *reader, uint64_t size)
{
	if (size > TAR_EXTENSION_MAX)
		return fail(reader,
			"a header in it is longer than any that is known");
	reader->extension_type = reader->block[TYPE_AT];
	reader->extension_left = size;
	reader->padding = padding_of(size);
	reader->text_len = 0;
	reader->state = TAR_IN_EXTENSION;
	return TAR_MORE;
}

/* A prefix is POSIX's; GNU has other things in its place. */
static void name_member(struct tar_reader *reader)
{
	struct tar_member *member = &reader->member;
	const char *block = reader->block;
	struct span prefix = field_of(block, PREFIX_AT, PREFIX_LEN);

	if (reader->extension.has_name) {
		member->name_len = keep_name(member->name, 0,
			(struct span){ reader->extension.name,
				reader->extension.name_len });
		return;
	}
	member->name_len = 0;
	if (has_magic(block) && !block[MAGIC_AT + 5] && prefix.len) {
		member->name_len = keep_name(member->name, 0, prefix);
		member->name_len = keep_name(
			member->name, member->name_len, SPAN("/"));
	}
	member->name_len = keep_name(member->name, member->name_len,
		field_of(block, NAME_AT, NAME_LEN));
}

/* Before there was a type for it, the name of a folder ended in "/". */
static bool is_file(const struct tar_reader *reader)
{
	const struct tar_member *member = &reader->member;
	char type = reader->block[TYPE_AT];

	if (reader->extension.is_sparse)
		return false;
	return (type == '0' || type == '7' || type == '\0') &&
	       !(member->name_len && member->name[member->name_len - 1] == '/');
}

static enum tar_got begin_member(struct tar_reader *reader, uint64_t size)
{
	const struct tar_extension *extension = &reader->extension;
	struct tar_member *member = &reader->member;
	char type = reader->block[TYPE_AT];
	uint64_t time;

	name_member(reader);
	member->is_file = is_file(reader);
	member->size = extension->has_size ? extension->size : size;
	if (!has_octets(type))
		member->size = 0;
	member->written_ms = 0;
	if (extension->has_time)
		member->written_ms = extension->written_ms;
	else if (read_number(reader->block, MTIME_AT, &time) &&
		 time <= latest_s)
		member->written_ms = (int64_t)time * 1000;
	reader->left = member->size;
	reader->padding = padding_of(member->size);
	reader->state = type == 'S' && reader->block[HOLES_AT] ? TAR_IN_HOLES
							       : TAR_IN_CONTENT;
	memset(&reader->extension, 0, sizeof(reader->extension));
	return TAR_MEMBER;
}

static enum tar_got take_header(struct tar_reader *reader)
{
	static const char zeros[TAR_BLOCK];
	uint64_t size;

	if (memcmp(reader->block, zeros, TAR_BLOCK) == 0) {
		reader->state = TAR_IS_OVER;
		return TAR_END;
	}
	if (!is_header(reader->block) ||
		!read_number(reader->block, SIZE_AT, &size))
		return fail(reader, "it is damaged: a header is none");
	if (is_extension(reader->block[TYPE_AT]))
		return begin_extension(reader, size);
	return begin_member(reader, size);
}

static enum tar_got take_extension(struct tar_reader *reader)
{
	struct span text = { reader->text, reader->text_len };

	reader->state = TAR_IN_PADDING;
	switch (reader->extension_type) {
	case 'L':
		extend_name(&reader->extension, text);
		break;
	case 'x':
	case 'X':
		if (!take_records(&reader->extension, text))
			return fail(
				reader, "it is damaged: a header is cut off");
		break;
	}
	return TAR_MORE;
}

static enum tar_got gather_extension(
	struct tar_reader *reader, struct span *piece)
{
	struct span part = span_part(*piece, 0, reader->extension_left);

	if (part.len)
		memcpy(reader->text + reader->text_len, part.at, part.len);
	reader->text_len += part.len;
	reader->extension_left -= part.len;
	*piece = span_part(*piece, part.len, piece->len);
	return reader->extension_left ? TAR_MORE : take_extension(reader);
}

static enum tar_got give_octets(struct tar_reader *reader, struct span *piece)
{
	size_t len = reader->left < piece->len ? (size_t)reader->left
					       : piece->len;

	if (!len) {
		reader->state = TAR_IN_PADDING;
		return TAR_MORE;
	}
	reader->octets = span_part(*piece, 0, len);
	reader->left -= len;
	*piece = span_part(*piece, len, piece->len);
	return TAR_OCTETS;
}

static void pass_padding(struct tar_reader *reader, struct span *piece)
{
	size_t len = span_part(*piece, 0, reader->padding).len;

	reader->padding -= (unsigned)len;
	*piece = span_part(*piece, len, piece->len);
	if (!reader->padding)
		reader->state = TAR_IN_HEADER;
}

static enum tar_got step(struct tar_reader *reader, struct span *piece)
{
	switch (reader->state) {
	case TAR_IN_HEADER:
		return has_block(reader, piece) ? take_header(reader)
						: TAR_MORE;
	case TAR_IN_HOLES:
		if (has_block(reader, piece) && !reader->block[MORE_HOLES_AT])
			reader->state = TAR_IN_CONTENT;
		return TAR_MORE;
	case TAR_IN_EXTENSION:
		return gather_extension(reader, piece);
	case TAR_IN_CONTENT:
		return give_octets(reader, piece);
	case TAR_IN_PADDING:
		pass_padding(reader, piece);
		return TAR_MORE;
	case TAR_IS_OVER:
		return TAR_END;
	case TAR_IS_BAD:
		break;
	}
	return TAR_BAD;
}

enum tar_got tar_reader_next(struct tar_reader *reader, struct span *piece)
{
	enum tar_got got = TAR_MORE;

	while (got == TAR_MORE && piece->len)
		got = step(reader, piece);
	return got;
}

static bool is_between_members(const struct tar_reader *reader)
{
	if (reader->extension_left || reader->left ||
		reader->extension.has_name || reader->extension.has_size ||
		reader->extension.has_time)
		return false;
	return reader->state == TAR_IN_CONTENT ||
	       reader->state == TAR_IN_PADDING ||
	       (reader->state == TAR_IN_HEADER && !reader->block_len);
}

enum tar_got tar_reader_end(struct tar_reader *reader)
{
	if (reader->state == TAR_IS_BAD)
		return TAR_BAD;
	if (reader->state != TAR_IS_OVER && !is_between_members(reader))
		return fail(reader, "it is cut off");
	reader->state = TAR_IS_OVER;
	return TAR_END;
}
