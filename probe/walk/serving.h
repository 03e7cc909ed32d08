#ifndef MXP_SERVING_H
#define MXP_SERVING_H

#include "scenarios/server_script.h"

/*
 * The server's side of a dialogue, for scripted servers: it agrees to all that
 * a client may say (RFC 5321 section 4.1), but where its script says
 * otherwise.  It does no input or output: it says what it wants next, and is
 * told what came.
 *
 *	for (;;) switch (serving_want(serving, &bytes, &pause_ms)) { ... }
 *
 * Memory and work are bounded whatever a client says: a line is kept up to
 * SERVING_LINE_MAX octets, a message not at all, and behind
 * SERVING_COMMANDS_MAX commands or SERVING_MESSAGE_MAX octets of message it
 * hangs up.
 */
enum {
	SERVING_LINE_MAX = 2048,        /* RFC 5321 section 4.5.3.1 wants 512
					   and more for each extension */
	SERVING_COMMANDS_MAX = 1000,
	SERVING_MESSAGE_MAX = 64 * 1024 * 1024,
	SERVING_GREET_PAUSE_MS = 300,   /* where it looks for early talkers */
};

enum serving_want {
	SERVING_SAY,            /* send *bytes, then ask again */
	SERVING_HEAR,           /* serving_hear() what comes */
	SERVING_PAUSE,          /* *pause_ms, then ask again */
	SERVING_TLS,            /* shake hands, then serving_tls_up() */
	SERVING_HANG,           /* neither speak nor listen any more */
	SERVING_CLOSE,          /* when all is sent */
	SERVING_RESET,          /* at once, with a RST */
};

enum serving_turn {
	SERVING_AT_DELAY,       /* a stage begins */
	SERVING_AT_ACT,         /* it has waited as long as it was to */
	SERVING_ANSWERS,        /* says `answer` to a command of no stage */
	SERVING_LISTENS,
	SERVING_SHAKES,
	SERVING_LEAVES,
};

struct serving {
	struct arena *arena;
	const struct server_script *script;
	struct span name;
	enum serving_turn turn;
	enum script_stage stage;        /* of SERVING_AT_DELAY, _AT_ACT */
	enum script_stage meant;        /* that of SCRIPT_PIPELINING */
	const struct script_turn *doing;        /* at this stage */
	struct span answer;
	char line[SERVING_LINE_MAX];
	size_t line_len;                /* of the line that is coming */
	size_t command_len;             /* of the last one */
	bool is_line_too_long;
	bool is_in_one_go;              /* more came with the last command */
	bool was_early;
	bool is_refusing;               /* the banner said no */
	bool offers_tls;                /* has a certificate */
	bool is_encrypted;
	bool is_extended;               /* EHLO, and not HELO */
	bool has_mail, has_rcpt;
	bool is_in_message;
	unsigned dot;                   /* octets of CR LF . CR LF seen */
	size_t message_size;
	unsigned commands;
};

/* The arena is that of the connection; the script is borrowed. */
void serving_init(struct serving *serving, struct arena *arena,
	const struct server_script *script, struct span name, bool offers_tls);

enum serving_want serving_want(struct serving *serving, struct span *bytes,
	uint64_t *pause_ms);

/*
 * Only while it wants to hear.  Returns how many octets were taken: behind a
 * command that is to be answered first, the others wait.
 */
size_t serving_hear(struct serving *serving, struct span bytes);

/* Something came while it wanted to pause. */
void serving_overhear(struct serving *serving);
void serving_tls_up(struct serving *serving);

#endif
