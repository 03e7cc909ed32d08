#include "reports/spool.h"

FILE *spool_open(void)
{
	return tmpfile();
}

bool spool_pour(FILE *spool, FILE *out)
{
	char room[16 * 1024];
	size_t len;

	if (fflush(spool) != 0 || ferror(spool))
		return false;
	rewind(spool);
	while ((len = fread(room, 1, sizeof(room), spool)) > 0)
		fwrite(room, 1, len, out);
	return !ferror(spool);
}
