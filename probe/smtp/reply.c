#include "probe/smtp/reply.h"

#include "probe/smtp/status.h"

struct span reply_text(const struct reply *reply, size_t i)
{
	struct span line = reply->lines[i];
	unsigned part[3];
	size_t len = status_take(line, reply->code / 100, part);

	if (!len)
		return line;
	line = span_part(line, len, line.len);
	while (line.len && ascii_is_blank(line.at[0]))
		line = span_part(line, 1, line.len);
	return line;
}
