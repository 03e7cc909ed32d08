#include "probe/base/note.h"

#include <stdarg.h>
#include <stdio.h>

void note(const char *fmt, ...)
{
	va_list args;

	flockfile(stderr);
	fputs("mxprobe: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	funlockfile(stderr);
}
