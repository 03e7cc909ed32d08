/*
 * pcap_make SESSIONS OCTETS: a capture of so many SMTP sessions, to stdout.
 *
 * Half of them IPv6; WIDTH go on at a time, a packet of one after a packet of
 * another.  Each delivers a message of so many octets; every tenth recipient is
 * refused.  Of the segments of messages one in a hundred comes twice, and one in
 * a hundred a packet too late.  Checksums are right.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 200, SEGMENT = 1428, PACKET_MAX = 1600, HEADERS = 14 + 40 + 20 };
enum { CLIENT, SERVER };
enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };

struct session {
	uint32_t number;
	int step;
	size_t said;                    /* octets of its message */
	uint32_t next[2];               /* sequence numbers */
};

struct packet {
	uint8_t bytes[PACKET_MAX];
	size_t len;
};

static uint64_t dice = 88172645463325252u, now_us = 1700000000000000;
static struct packet late;              /* its len is 0: there is none */
static char *message;
static size_t message_len;

static uint32_t roll(uint32_t sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (uint32_t)(dice >> 33) % sides;
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static uint32_t sum(uint32_t from, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		from += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	return from;
}

static uint32_t checksum(uint32_t value)
{
	while (value >> 16)
		value = (value & 0xffff) + (value >> 16);
	return ~value & 0xffff;
}

static void write_packet(const struct packet *packet)
{
	uint32_t head[4] = { (uint32_t)(now_us / 1000000),
		(uint32_t)(now_us % 1000000), (uint32_t)packet->len,
		(uint32_t)packet->len };

	fwrite(head, sizeof(head), 1, stdout);
	fwrite(packet->bytes, packet->len, 1, stdout);
	now_us += 10;
}

static void deliver(const struct packet *packet, int is_message)
{
	if (is_message && !late.len && roll(100) == 0) {
		late = *packet;
		return;
	}
	write_packet(packet);
	if (is_message && roll(100) == 0)
		write_packet(packet);
	if (late.len)
		write_packet(&late);
	late.len = 0;
}

/* ---- headers */

static size_t put_ip(const struct session *session, int from, uint8_t *ip,
	size_t tcp_len)
{
	uint8_t *end[2];

	if (session->number & 1) {
		put16(ip - 2, 0x86dd);
		ip[0] = 0x60;
		put16(ip + 4, (uint32_t)tcp_len);
		ip[6] = 6;
		ip[7] = 64;
		end[from == SERVER] = ip + 8;
		end[from == CLIENT] = ip + 24;
		put32(end[0], 0x20010db8);
		put32(end[0] + 12, session->number);
		put32(end[1], 0x20010db8);
		put32(end[1] + 12, 0x250000);
		return 40;
	}
	put16(ip - 2, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)(20 + tcp_len));
	ip[8] = 64;
	ip[9] = 6;
	put32(ip + (from == CLIENT ? 12 : 16), 0x0a000000 + session->number);
	put32(ip + (from == CLIENT ? 16 : 12), 0xc0000219);
	put16(ip + 10, checksum(sum(0, ip, 20)));
	return 20;
}

static void say(struct session *session, int from, unsigned flags,
	const char *text, size_t len)
{
	struct packet packet;
	uint8_t *ip = packet.bytes + 14, *tcp;
	size_t ip_len, ends;

	memset(packet.bytes, 0, HEADERS);
	ip_len = put_ip(session, from, ip, 20 + len);
	tcp = ip + ip_len;
	put16(tcp, from == CLIENT ? 1024 + session->number % 60000 : 25);
	put16(tcp + 2, from == CLIENT ? 25 : 1024 + session->number % 60000);
	put32(tcp + 4, session->next[from]);
	put32(tcp + 8, flags & ACK ? session->next[!from] : 0);
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)flags;
	put16(tcp + 14, 65535);
	if (len)
		memcpy(tcp + 20, text, len);
	ends = ip_len == 40 ? 32 : 8;
	put16(tcp + 16,
		checksum(sum(sum(6 + 20 + (uint32_t)len, ip + ip_len - ends,
				     ends),
			tcp, 20 + len)));
	packet.len = 14 + ip_len + 20 + len;
	deliver(&packet, len > 500);
	session->next[from] += (uint32_t)len + ((flags & (SYN | FIN)) != 0);
}

/* ---- one packet of a session after the other */

static void say_text(struct session *session, int from, const char *text)
{
	say(session, from, ACK | PSH, text, strlen(text));
}

static void say_number(struct session *session, int from, const char *form)
{
	char text[200];

	snprintf(text, sizeof(text), form, session->number);
	say_text(session, from, text);
}

enum step {
	STEP_SYN,
	STEP_SYN_ACK,
	STEP_ACK,
	STEP_BANNER,
	STEP_EHLO,
	STEP_OFFERS,
	STEP_MAIL,
	STEP_MAIL_REPLY,
	STEP_RCPT,
	STEP_RCPT_REPLY,
	STEP_DATA,
	STEP_DATA_REPLY,
	STEP_MESSAGE,
	STEP_MESSAGE_ACK,
	STEP_DOT,
	STEP_DOT_REPLY,
	STEP_QUIT,
	STEP_QUIT_REPLY,
	STEP_SERVER_FIN,
	STEP_CLIENT_FIN,
	STEP_LAST_ACK,
	STEP_OVER,
};

static const char *const said[STEP_OVER] = {
	[STEP_BANNER] = "220 mx.example ESMTP ready\r\n",
	[STEP_EHLO] = "EHLO out.example\r\n",
	[STEP_OFFERS] = "250-mx.example\r\n250-PIPELINING\r\n"
			"250-SIZE 10240000\r\n250-8BITMIME\r\n"
			"250-ENHANCEDSTATUSCODES\r\n250 DSN\r\n",
	[STEP_MAIL] = "MAIL FROM:<bounce-%u@out.example>\r\n",
	[STEP_MAIL_REPLY] = "250 2.1.0 Ok\r\n",
	[STEP_RCPT] = "RCPT TO:<user%u@mx.example>\r\n",
	[STEP_RCPT_REPLY] = "250 2.1.5 Ok\r\n",
	[STEP_DATA] = "DATA\r\n",
	[STEP_DATA_REPLY] = "354 End data with <CR><LF>.<CR><LF>\r\n",
	[STEP_DOT] = "\r\n.\r\n",
	[STEP_DOT_REPLY] = "250 2.0.0 Ok: queued as %08X\r\n",
	[STEP_QUIT] = "QUIT\r\n",
	[STEP_QUIT_REPLY] = "221 2.0.0 Bye\r\n",
};

static unsigned flags_of(int step)
{
	if (step == STEP_SYN)
		return SYN;
	if (step == STEP_SYN_ACK)
		return SYN | ACK;
	return step == STEP_SERVER_FIN || step == STEP_CLIENT_FIN ? FIN | ACK :
								    ACK;
}

static int is_servers(int step)
{
	switch (step) {
	case STEP_SYN_ACK:
	case STEP_BANNER:
	case STEP_OFFERS:
	case STEP_MAIL_REPLY:
	case STEP_RCPT_REPLY:
	case STEP_DATA_REPLY:
	case STEP_MESSAGE_ACK:
	case STEP_DOT_REPLY:
	case STEP_QUIT_REPLY:
	case STEP_SERVER_FIN:
		return SERVER;
	}
	return CLIENT;
}

static void take_step(struct session *session)
{
	int step = session->step++;

	if (step == STEP_MESSAGE) {
		size_t len = message_len - session->said;

		len = len < SEGMENT ? len : SEGMENT;
		say(session, CLIENT, ACK, message + session->said, len);
		session->said += len;
		if (session->said < message_len)
			session->step = STEP_MESSAGE;
	} else if (step == STEP_RCPT_REPLY && session->number % 10 == 9) {
		say_number(session, SERVER,
			"550 5.1.1 <user%u@mx.example>: User unknown\r\n");
		session->step = STEP_QUIT;
	} else if (said[step]) {
		say_number(session, is_servers(step), said[step]);
	} else {
		say(session, is_servers(step), flags_of(step), "", 0);
	}
}

static void make_message(size_t len)
{
	static const char head[] = "From: <a@out.example>\r\n"
				   "To: <b@mx.example>\r\nSubject: one\r\n\r\n";

	message_len = len;
	message = malloc(len + sizeof(head));
	if (!message)
		exit(1);
	for (size_t i = 0; i < len; i++)
		message[i] = i % 70 == 68 ? '\r' :
			     i % 70 == 69 ? '\n' :
					    (char)('a' + i % 26);
	memcpy(message, head, sizeof(head) - 1 < len ? sizeof(head) - 1 : len);
}

static void begin(struct session *session, uint32_t number)
{
	*session = (struct session){ .number = number,
		.next = { roll(UINT32_MAX), roll(UINT32_MAX) } };
}

int main(int argc, char **argv)
{
	static struct session sessions[WIDTH];
	uint32_t head[6] = { 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1 };
	uint32_t count, begun = 0;
	size_t active = 0;

	if (argc != 3)
		return 2;
	count = (uint32_t)strtoul(argv[1], NULL, 10);
	make_message(strtoul(argv[2], NULL, 10));
	fwrite(head, sizeof(head), 1, stdout);
	while (active < WIDTH && begun < count)
		begin(&sessions[active++], begun++);
	while (active) {
		struct session *session = &sessions[roll((uint32_t)active)];

		take_step(session);
		if (session->step < STEP_OVER)
			continue;
		if (begun < count)
			begin(session, begun++);
		else
			*session = sessions[--active];
	}
	free(message);
	return fflush(stdout) != 0;
}
