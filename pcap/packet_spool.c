#include "pcap/packet_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct spool_head {
	int64_t time_ns;
	uint32_t len, original_len;
	uint32_t interface;
	uint32_t is_outbound;
};

/* Not every file system knows files without a name. */
static int open_nameless(const char *folder)
{
	char name[4096];
	int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (file >= 0)
		return file;
	if (snprintf(name, sizeof(name), "%s/.mxprobe-XXXXXX", folder) >=
		(int)sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	file = mkostemp(name, O_CLOEXEC);
	if (file >= 0)
		unlink(name);
	return file;
}

bool packet_spool_open(
	struct packet_spool *spool, const char *folder, int *error)
{
	int file = open_nameless(folder);

	if (file < 0)
		file = open_nameless(P_tmpdir);
	*spool = (struct packet_spool){ 0 };
	spool->file = file < 0 ? NULL : fdopen(file, "w+");
	if (spool->file)
		return true;
	*error = errno;
	if (file >= 0)
		close(file);
	return false;
}

void packet_spool_close(struct packet_spool *spool)
{
	if (spool->file)
		fclose(spool->file);
	free(spool->room);
	*spool = (struct packet_spool){ 0 };
}

static void write_whole(
	struct packet_spool *spool, const void *bytes, size_t len)
{
	if (spool->is_broken || fwrite(bytes, 1, len, spool->file) == len)
		return;
	spool->is_broken = true;
	spool->error = errno;
}

void packet_spool_add(
	struct packet_spool *spool, const struct spooled_packet *packet)
{
	struct spool_head head = { .time_ns = packet->time_ns,
		.len = (uint32_t)packet->bytes.len,
		.original_len = (uint32_t)packet->original_len,
		.interface = packet->interface,
		.is_outbound = packet->is_outbound };

	if (packet->bytes.len > SPOOL_PACKET_MAX)
		return;
	write_whole(spool, &head, sizeof(head));
	write_whole(spool, packet->bytes.at, packet->bytes.len);
	/* A packet that is there in part is the end of what is there. */
	if (!spool->is_broken)
		spool->count++;
}

void packet_spool_rewind(struct packet_spool *spool)
{
	if (fflush(spool->file) != 0 && !spool->is_broken) {
		spool->is_broken = true;
		spool->error = errno;
	}
	rewind(spool->file);
}

void packet_spool_empty(struct packet_spool *spool)
{
	fflush(spool->file);
	rewind(spool->file);
	spool->is_broken = ftruncate(fileno(spool->file), 0) != 0;
	spool->error = errno;
	spool->count = 0;
}

static void make_room(struct packet_spool *spool, size_t len)
{
	if (len <= spool->room_len)
		return;
	free(spool->room);
	spool->room_len = len;
	spool->room = malloc(len);
	if (!spool->room)
		abort();
}

bool packet_spool_next(
	struct packet_spool *spool, struct spooled_packet *packet)
{
	struct spool_head head;

	if (fread(&head, sizeof(head), 1, spool->file) != 1 ||
		head.len > SPOOL_PACKET_MAX)
		return false;
	make_room(spool, head.len);
	if (fread(spool->room, 1, head.len, spool->file) != head.len)
		return false;
	*packet = (struct spooled_packet){ .time_ns = head.time_ns,
		.bytes = { spool->room, head.len },
		.original_len = head.original_len,
		.interface = head.interface,
		.is_outbound = head.is_outbound };
	return true;
}
