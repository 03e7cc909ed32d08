/*
 * bounces_limit FOLDER
 *
 * The least that a folder of mails takes: each file opened and read.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char piece[256 * 1024];

static long read_file(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY);
	long octets = 0;
	ssize_t got;

	if (fd < 0)
		exit(1);
	while ((got = read(fd, piece, sizeof(piece))) > 0)
		octets += got;
	close(fd);
	return octets;
}

static long read_folder(const char *name)
{
	DIR *folder = opendir(name);
	struct dirent *entry;
	long octets = 0;

	if (!folder)
		exit(1);
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			octets += read_file(dirfd(folder), entry->d_name);
	closedir(folder);
	return octets;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	printf("%ld octets\n", read_folder(argv[1]));
	return 0;
}
