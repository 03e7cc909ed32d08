/*
 * dkim_libopendkim COUNT MESSAGE RECORD
 *
 * The same verification by libopendkim, in a loop, the key record handed to it
 * by a callback.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* in this order */
#include <opendkim/dkim.h>

static char record[8192];

static DKIM_CBSTAT look_up(
	DKIM *dkim, DKIM_SIGINFO *signature, unsigned char *room, size_t size)
{
	(void)dkim;
	(void)signature;
	snprintf((char *)room, size, "%s", record);
	return DKIM_CBSTAT_CONTINUE;
}

static size_t must_read(const char *name, char *room, size_t size)
{
	FILE *in = fopen(name, "rb");
	size_t len = in ? fread(room, 1, size - 1, in) : 0;

	if (!len)
		exit(2);
	fclose(in);
	room[len] = '\0';
	return len;
}

static int verify(DKIM_LIB *library, char *message, size_t len)
{
	DKIM_STAT status;
	DKIM *dkim = dkim_verify(
		library, (const unsigned char *)"bench", NULL, &status);
	bool is_testing;

	status = dkim_chunk(dkim, (unsigned char *)message, len);
	if (status == DKIM_STAT_OK)
		status = dkim_chunk(dkim, NULL, 0);
	if (status == DKIM_STAT_OK)
		status = dkim_eom(dkim, &is_testing);
	dkim_free(dkim);
	return status == DKIM_STAT_OK;
}

int main(int argc, char **argv)
{
	static char message[1024 * 1024];
	int count = argc == 4 ? atoi(argv[1]) : 0;
	int passed = 0;
	DKIM_LIB *library;
	size_t len;

	if (argc != 4)
		return 2;
	len = must_read(argv[2], message, sizeof(message));
	must_read(argv[3], record, sizeof(record));
	library = dkim_init(NULL, NULL);
	dkim_set_key_lookup(library, look_up);
	for (int i = 0; i < count; i++)
		passed += verify(library, message, len);
	dkim_close(library);
	return passed == count ? 0 : 1;
}
