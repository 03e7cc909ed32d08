/*
 * dns_sink [-r RESOLV_CONF] ADDRESS PORT COMMAND [ARGUMENT...]
 *
 * Runs a command beside a DNS server for it: TXT of the names of spf_zone.h,
 * over UDP; those of number 1 may be remembered, the others have a TTL of 0.
 * The server ends with the command, and is not in its accounts.  With -r (as
 * root) both are in a network of their own, and RESOLV_CONF stands in the
 * place of /etc/resolv.conf there: libresolv asks nobody else, and only at
 * port 53.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/spf_zone.h"

enum { BATCH = 64, MESSAGE_MAX = 1024, HEADER = 12 };

static void must(int is_so, const char *what)
{
	if (is_so)
		return;
	perror(what);
	exit(2);
}

static void own_network(const char *resolv_conf)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd;

	must(unshare(CLONE_NEWNET | CLONE_NEWNS) == 0, "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "mount");
	must(mount(resolv_conf, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0,
		"/etc/resolv.conf");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	must(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0, "lo");
	close(fd);
}

/* The labels of the question, "spf", "7", "bench"...; 0 when it is broken. */
static size_t question_end(const uint8_t *message, size_t len)
{
	size_t at = HEADER;

	while (at < len && message[at])
		at += message[at] + 1u;
	return at + 5 <= len ? at + 5 : 0;
}

/* Which record of which number?  -1: a name that is not ours. */
static int record_of(const uint8_t *name, int *number)
{
	char label[64];
	const uint8_t *next = name + 1 + name[0];

	if (name[0] < 2 || name[0] > 3 || next[0] > 10)
		return -1;
	memcpy(label, next + 1, next[0]);
	label[next[0]] = '\0';
	*number = atoi(label);
	if (name[0] == 3 && memcmp(name + 1, "spf", 3) == 0)
		return 0;
	if (name[0] == 3 && name[1] == '_' && name[2] == 's')
		return name[3] - '0';
	return -1;
}

static size_t put_txt(uint8_t *message, size_t at, int record, int number)
{
	static const uint8_t head[] = { 0xc0, HEADER, 0, 16, 0, 1, 0, 0, 0, 0 };
	char text[SPF_BENCH_RECORD_MAX];
	size_t len = (size_t)spf_bench_record(
		text, sizeof(text), record, number);
	size_t strings = (len + 254) / 255;

	memcpy(message + at, head, sizeof(head));
	at += sizeof(head);
	message[at - 3] = number == 1; /* 256 seconds */
	message[at++] = (uint8_t)((len + strings) >> 8);
	message[at++] = (uint8_t)(len + strings);
	for (size_t i = 0; i < len; i += 255) {
		size_t part = len - i < 255 ? len - i : 255;

		message[at++] = (uint8_t)part;
		memcpy(message + at, text + i, part);
		at += part;
	}
	return at;
}

/* Turns a question into its answer in place. */
static size_t answer(uint8_t *message, size_t len)
{
	size_t end = len > HEADER ? question_end(message, len) : 0;
	int number = 0, record;

	if (!end)
		return 0;
	record = record_of(message + HEADER, &number);
	message[2] = (uint8_t)(0x84 | (message[2] & 1));
	message[3] = (uint8_t)(record < 0 ? 0x83 : 0x80);
	memset(message + 6, 0, 6);
	if (record < 0 || message[end - 3] != 16)
		return end;
	message[7] = 1;
	return put_txt(message, end, record, number);
}

static void serve(int fd)
{
	static uint8_t room[BATCH][MESSAGE_MAX];
	static struct sockaddr_in from[BATCH];
	static struct mmsghdr in[BATCH];
	static struct iovec parts[BATCH];

	for (;;) {
		int count, kept = 0;

		for (int i = 0; i < BATCH; i++) {
			parts[i] = (struct iovec){ room[i], 512 };
			in[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i],
				.msg_iovlen = 1,
				.msg_name = &from[i],
				.msg_namelen = sizeof(from[i]) };
		}
		count = recvmmsg(fd, in, BATCH, MSG_WAITFORONE, NULL);
		must(count > 0, "recvmmsg");
		for (int i = 0; i < count; i++) {
			parts[i].iov_len = answer(room[i], in[i].msg_len);
			if (parts[i].iov_len)
				in[kept++] = in[i];
		}
		for (int sent = 0; sent < kept;) {
			int now = sendmmsg(
				fd, in + sent, (unsigned)(kept - sent), 0);

			sent += now > 0 ? now : 1;
		}
	}
}

static int bound(const char *address, const char *port)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)) };
	int size = 4 * 1024 * 1024;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd >= 0 && inet_pton(AF_INET, address, &here.sin_addr) == 1,
		address);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	must(bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0, address);
	return fd;
}

int main(int argc, char **argv)
{
	pid_t parent = getpid(), child;
	int fd;

	if (argc > 3 && strcmp(argv[1], "-r") == 0) {
		own_network(argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc < 4) {
		fputs("usage: dns_sink [-r RESOLV_CONF] ADDRESS PORT "
		      "COMMAND...\n",
			stderr);
		return 2;
	}
	fd = bound(argv[1], argv[2]);
	child = fork();
	must(child >= 0, "fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			return 0;
		serve(fd);
	}
	close(fd);
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 2;
}
