#include "tests/hostile/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/hostile/verdicts.h"

enum { BIG_LINES = 120000, BIG_LINE = 72 };    /* about eight megabytes */

/* What an IPv4 side does in every case, and IPv6 differs from. */
static const struct script well = {
	{ SAY("220 mx.test ESMTP\r\n"), WELL }
};

/* clang-format off */
static const char header[] =
	"From: <probe@client.test>\r\n"
	"To: <rcpt@mx.test>\r\n"
	"Subject: a message from the hostile tests\r\n"
	"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
	"Message-ID: <1@client.test>\r\n"
	"\r\n";
static const char *const bodies[MESSAGE_COUNT] = {
	[MESSAGE_SMALL] = ".\r\n..a line of dots\r\nand an end.\r\n",
	[MESSAGE_8BIT] = "gr\xc3\xbc\xc3\x9f\r\n",
	[MESSAGE_BIG] = "big:\r\n",
};
/* clang-format on */

static bool write_message(const char *path, enum message_kind kind)
{
	FILE *file = fopen(path, "w");
	int i;

	if (!file)
		return false;
	fputs(header, file);
	fputs(bodies[kind], file);
	for (i = 0; kind == MESSAGE_BIG && i < BIG_LINES; i++)
		fprintf(file, "%0*d\r\n", BIG_LINE - 2, i);
	return fclose(file) == 0;
}

bool rig_open(struct rig *rig)
{
	const char *build = getenv("BUILD"), *program = getenv("MXPROBE");
	int kind;

	memset(rig, 0, sizeof(*rig));
	if (program)
		snprintf(rig->program, sizeof(rig->program), "%s",
			program);
	else
		snprintf(rig->program, sizeof(rig->program), "%s/mxprobe",
			build ? build : "build");
	strcpy(rig->folder, "/tmp/mxprobe-hostile-XXXXXX");
	if (!mkdtemp(rig->folder))
		return false;
	certificates_open(&rig->certificates);
	snprintf(rig->authority, sizeof(rig->authority), "%s/ca.pem",
		rig->folder);
	certificates_write_authority(&rig->certificates, rig->authority);
	for (kind = MESSAGE_SMALL; kind < MESSAGE_COUNT; kind++) {
		snprintf(rig->messages[kind], sizeof(rig->messages[kind]),
			"%s/%d.eml", rig->folder, kind);
		if (!write_message(rig->messages[kind],
			    (enum message_kind)kind))
			return false;
	}
	return true;
}

void rig_close(struct rig *rig)
{
	int kind;

	for (kind = MESSAGE_SMALL; kind < MESSAGE_COUNT; kind++)
		unlink(rig->messages[kind]);
	unlink(rig->authority);
	rmdir(rig->folder);
	certificates_close(&rig->certificates);
}

bool rig_serve(struct rig *rig, const struct hostile_case *played,
	struct server *server)
{
	int i;

	memset(server, 0, sizeof(*server));
	for (i = 0; i < FAMILY_COUNT; i++) {
		server->sides[i].contexts = rig->certificates.servers;
		server->sides[i].offers_tls = played->tls != NULL;
	}
	if (!played->nobody_ipv4)
		server->sides[FAMILY_IPV4].script = &well;
	if (!played->nobody_ipv6)
		server->sides[FAMILY_IPV6].script = &played->ipv6;
	return server_open(server);
}

/* ---- the command line */

struct line {
	const char *words[CHILD_ARGUMENTS_MAX];
	size_t count;
};

/* Up to a NULL; one place stays free for the NULL that ends them all. */
static void add(struct line *line, const char *const *words)
{
	while (*words && line->count < CHILD_ARGUMENTS_MAX - 1)
		line->words[line->count++] = *words++;
}

static void add_option(struct line *line, const char *option,
	const char *value)
{
	const char *words[] = { option, value, NULL };

	add(line, words);
}

/* Every timeout that a case does not set itself is long enough to fail the
 * case's own deadline. */
static void add_timeouts(struct line *line, const struct hostile_case *played)
{
	static const char *const options[] = { "--connect-timeout",
		"--banner-timeout", "--command-timeout", "--tls-timeout",
		"--data-timeout", NULL };
	const char *const *option;
	int i;

	for (option = options; *option; option++) {
		for (i = 0; i < CASE_OPTIONS_MAX && played->options[i]; i++)
			if (strcmp(played->options[i], *option) == 0)
				break;
		if (i == CASE_OPTIONS_MAX || !played->options[i])
			add_option(line, *option, "10");
	}
	add(line, played->options);
}

bool rig_probe(struct rig *rig, const struct hostile_case *played,
	const struct server *server, bool wants_json, struct child *child)
{
	struct line line = { .count = 0 };
	char host[64], ipv4[64], ipv6[64];

	snprintf(host, sizeof(host), HOSTILE_HOST ":%u", server->port);
	snprintf(ipv4, sizeof(ipv4), HOSTILE_HOST ":%u:127.0.0.1",
		server->port);
	snprintf(ipv6, sizeof(ipv6), HOSTILE_HOST ":%u:::1", server->port);
	add_option(&line, rig->program, wants_json ? "--json" : NULL);
	add_option(&line, "-s", host);
	add_option(&line, "--resolve", ipv4);
	add_option(&line, "--resolve", ipv6);
	add_option(&line, "--ehlo", "client.test");
	add_option(&line, "-f", "probe@client.test");
	add_option(&line, "-t", "rcpt@" HOSTILE_HOST);
	add_option(&line, "--pause", "0");
	add_option(&line, "--tls", played->tls ? played->tls : "none");
	add_option(&line, "--ca-file", rig->authority);
	if (played->message != MESSAGE_NONE) {
		add_option(&line, "--deliver", "--message");
		add_option(&line, rig->messages[played->message], NULL);
	}
	add_timeouts(&line, played);
	line.words[line.count] = NULL;
	return child_run(child, (char *const *)(const void *)line.words,
		case_deadline_ms(played));
}
