/*
 * spf_limit COUNT ADDRESS PORT
 *
 * The least that COUNT live evaluations cost: their six questions each, sent
 * and answered in batches, of which nothing is read.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "tests/bench/spf_zone.h"

enum { BATCH = 64, UNDER_WAY_MAX = 192, MESSAGE_MAX = 1024 };

static uint8_t room[BATCH][MESSAGE_MAX];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];

static size_t put_question(uint8_t *message, long question)
{
	static const uint8_t head[12] = { 0, 0, 1, 0, 0, 1 };
	static const uint8_t tail[] = { 0, 0, 16, 0, 1 };
	uint8_t *label = message + sizeof(head);
	char name[64];
	int len = spf_bench_name(name, sizeof(name),
		(int)(question % SPF_BENCH_RECORDS),
		(int)(question / SPF_BENCH_RECORDS) + 1);

	memcpy(message, head, sizeof(head));
	message[0] = (uint8_t)(question >> 8);
	message[1] = (uint8_t)question;
	*label = 0;
	for (int i = 0; i < len; i++) {
		if (name[i] == '.') {
			label += *label + 1;
			*label = 0;
		} else {
			label[++*label] = (uint8_t)name[i];
		}
	}
	label += *label + 1;
	memcpy(label, tail, sizeof(tail));
	return (size_t)(label - message) + sizeof(tail);
}

static void prepare(int i, size_t len)
{
	parts[i] = (struct iovec){ room[i], len };
	messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i],
		.msg_iovlen = 1 };
}

static int run(int fd, long total)
{
	long sent = 0, heard = 0;

	while (heard < total) {
		int count = 0, got;

		while (count < BATCH && sent + count < total &&
			sent + count - heard < UNDER_WAY_MAX) {
			size_t len = put_question(room[count], sent + count);

			prepare(count++, len);
		}
		if (count) {
			got = sendmmsg(fd, messages, (unsigned)count, 0);
			sent += got > 0 ? got : 0;
		}
		for (int i = 0; i < BATCH; i++)
			prepare(i, MESSAGE_MAX);
		got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
		if (got <= 0)
			return 1;
		heard += got;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in there = { .sin_family = AF_INET };
	struct timeval patience = { .tv_sec = 2 };
	int size = 4 * 1024 * 1024;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc != 4 || fd < 0 ||
		inet_pton(AF_INET, argv[2], &there.sin_addr) != 1)
		return 2;
	there.sin_port = htons((uint16_t)atoi(argv[3]));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&there, sizeof(there)) != 0)
		return 2;
	return run(fd, SPF_BENCH_RECORDS * atol(argv[1]));
}
