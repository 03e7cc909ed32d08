#include "tests/hostile/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include "tests/hostile/peer.h"

enum {
	LINE_MAX_SMTP = 4096,
	LINES_MAX = 1024,
	PATIENCE_MS = 2000,             /* where a case sets no timeout */
};

struct client {
	const struct rig *rig;
	const struct hostile_case *played;
	struct story *story;
	struct peer peer;
	char reply[32 * 1024];          /* all lines of the last one */
	int code;
};

static bool fails(struct client *client, const char *failure)
{
	client->story->failure = failure;
	return false;
}

static void begin_stage(struct client *client, const char *stage)
{
	long cut_ms = client->played->cut_ms;

	client->story->stage = stage;
	client->peer.deadline_ms =
		peer_now_ms() + (cut_ms ? cut_ms : PATIENCE_MS);
}

static bool fails_by_its_end(struct client *client)
{
	if (client->peer.is_late)
		return fails(client, "timeout");
	return fails(client,
		client->peer.is_reset ? "connection_reset" : "smtp_closed");
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "250 text", "250-text", "250" and a line end: the code, or 0. */
static int line_code(const char *line)
{
	if (line[0] < '2' || line[0] > '5' || !is_digit(line[1]) ||
		!is_digit(line[2]) || !strchr(" -\r\n", line[3]))
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
}

static bool hear(struct client *client)
{
	size_t used = 0, lines, len;

	client->code = 0;
	for (lines = 0; lines < LINES_MAX; lines++) {
		char line[LINE_MAX_SMTP + 1];
		int code;

		len = peer_hear(&client->peer, line, sizeof(line));
		if (len == 0)
			return fails_by_its_end(client);
		code = line_code(line);
		if (len > LINE_MAX_SMTP || code == 0 ||
			(lines > 0 && code != client->code))
			return fails(client, "smtp_syntax");
		client->code = code;
		if (used + len < sizeof(client->reply))
			memcpy(client->reply + used, line, len);
		used += used + len < sizeof(client->reply) ? len : 0;
		client->reply[used] = '\0';
		if (line[3] != '-')
			return true;
	}
	return fails(client, "smtp_syntax");
}

/* Nothing may follow a reply but the server's own end. */
static bool is_quiet(struct client *client)
{
	if (client->peer.len == 0)
		return true;
	if (memcmp(client->peer.bytes, "421", 3) == 0)
		return fails(client, "smtp_4xx");
	return fails(client, "smtp_unexpected");
}

/* Hears a reply that must be of this hundred. */
static bool hear_class(struct client *client, int hundred)
{
	if (!hear(client))
		return false;
	if (client->code / 100 == 4)
		return fails(client, "smtp_4xx");
	if (client->code / 100 == 5)
		return fails(client, "smtp_5xx");
	if (client->code / 100 != hundred)
		return fails(client, "smtp_unexpected");
	return is_quiet(client);
}

static bool say(struct client *client, const char *text)
{
	return peer_say(&client->peer, text, strlen(text));
}

/* What a write fails with does not matter: the reply may still be there. */
static bool ask(struct client *client, const char *command)
{
	(void)say(client, command);
	return hear_class(client, 2);
}

static bool hello(struct client *client)
{
	if (ask(client, "EHLO client.test\r\n"))
		return true;
	if (client->code / 100 != 5)
		return false;
	client->story->failure = NULL;
	return ask(client, "HELO client.test\r\n");
}

/* ---- TLS */

static bool handshake(struct client *client)
{
	bool is_secure = strcmp(client->played->tls, "secure") == 0, is_up;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	SSL_CTX_load_verify_file(context, client->rig->authority);
	X509_VERIFY_PARAM_set1_host(
		SSL_CTX_get0_param(context), HOSTILE_HOST, 0);
	begin_stage(client, "tls");
	is_up = peer_shake(&client->peer, context, false);
	SSL_CTX_free(context);
	if (!is_up && client->peer.is_late)
		return fails(client, "timeout");
	if (!is_up)
		return fails(client, "tls_handshake");
	if (is_secure && SSL_get_verify_result(client->peer.tls) != X509_V_OK)
		return fails(client, "tls_verify");
	return true;
}

static bool start_tls(struct client *client)
{
	bool is_optional;

	if (!client->played->tls)
		return true;
	is_optional = strcmp(client->played->tls, "may") == 0;
	begin_stage(client, "starttls");
	if (!strcasestr(client->reply, "STARTTLS"))
		return is_optional || fails(client, "tls_not_offered");
	if (!ask(client, "STARTTLS\r\n")) {
		if (client->peer.len > 0)
			return fails(client, "tls_injection");
		if (is_optional && client->code / 100 == 4)
			client->story->failure = NULL;
		return is_optional && !client->story->failure;
	}
	if (!handshake(client))
		return false;
	begin_stage(client, "ehlo");
	return hello(client);
}

/* ---- the message */

static bool fits(struct client *client)
{
	const char *size = strstr(client->reply, "SIZE ");

	begin_stage(client, "mail");
	if (client->played->message == MESSAGE_NONE)
		return true;
	if (size && strtoul(size + 5, NULL, 10) < 200)
		return fails(client, "smtp_limit");
	if (client->played->message == MESSAGE_8BIT &&
		!strstr(client->reply, "8BITMIME"))
		return fails(client, "smtp_limit");
	return true;
}

/* False when the server did not take all of it. */
static bool say_message(struct client *client)
{
	FILE *file = fopen(
		client->rig->messages[client->played->message], "r");
	char line[1024], chunk[PEER_BUFFER];
	size_t len = 0;
	bool goes_on = file != NULL;

	while (goes_on && fgets(line, sizeof(line), file)) {
		/* RFC 5321 section 4.5.2: a dot that begins it is doubled. */
		len += (size_t)snprintf(chunk + len, sizeof(chunk) - len,
			"%s%s", line[0] == '.' ? "." : "", line);
		if (len < sizeof(chunk) - sizeof(line) - 1)
			continue;
		goes_on = peer_say(&client->peer, chunk, len);
		len = 0;
	}
	if (file)
		fclose(file);
	return goes_on && peer_say(&client->peer, chunk, len) &&
		say(client, ".\r\n");
}

static bool deliver(struct client *client)
{
	bool is_whole;

	if (client->played->message == MESSAGE_NONE)
		return true;
	begin_stage(client, "data");
	(void)say(client, "DATA\r\n");
	if (!hear_class(client, 3))
		return false;
	begin_stage(client, "dot");
	is_whole = say_message(client);
	if (!hear_class(client, 2))
		return false;
	return is_whole || fails(client, "smtp_unexpected");
}

static bool talk(struct client *client)
{
	begin_stage(client, "banner");
	if (!hear_class(client, 2))
		return false;
	begin_stage(client, "ehlo");
	if (!hello(client) || !start_tls(client) || !fits(client))
		return false;
	if (!ask(client, "MAIL FROM:<probe@client.test>\r\n"))
		return false;
	begin_stage(client, "rcpt");
	return ask(client, "RCPT TO:<rcpt@" HOSTILE_HOST ">\r\n") &&
		deliver(client);
}

/* Whatever answers to QUIT does not change how it went. */
static void quit(struct client *client)
{
	client->peer.deadline_ms = peer_now_ms() + 200;
	(void)say(client, "QUIT\r\n");
	(void)peer_hear(&client->peer, client->reply, sizeof(client->reply));
}

void client_walk(const struct rig *rig, const struct hostile_case *played,
	unsigned port, struct story *story)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
		.sin6_port = htons((uint16_t)port) };
	struct client *client = calloc(1, sizeof(*client));
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*story = (struct story){ .stage = "connect" };
	client->rig = rig;
	client->played = played;
	client->story = story;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		story->failure = errno == ECONNREFUSED ? "connection_refused" :
							 "local";
		close(fd);
		free(client);
		return;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	peer_init(&client->peer, fd, -1, 0);
	(void)talk(client);
	quit(client);
	peer_close(&client->peer);
	free(client);
}
