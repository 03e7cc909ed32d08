#ifndef MXP_WITNESS_H
#define MXP_WITNESS_H

#include "probe/verbs/explanation.h"
#include "reports/inbound/archive_file.h"
#include "reports/inbound/marked_text.h"
#include "reports/inbound/witness_file.h"

/*
 * A witness is a file under way: what has been read of it to know what it is,
 * then the rest of it.  A member of an archive is one.
 */
struct witness {
	struct explanation *explanation;
	struct arena *arena;            /* it lives in, with its head */
	struct span name;               /* as it is told to the user */
	struct compressed_file *file;
	int64_t written_ms;             /* 0: not known */
	struct marked_text text;        /* it holds, in UTF-8 */
	struct span head;
	bool is_whole;                  /* the head is all */
	bool has_given_head;
	bool is_input;                  /* standard input */
	bool is_found;                  /* in a folder or an archive: nobody has
					   named it */
};

/* NULL: it cannot be opened, which has been told. */
struct witness *witness_open(struct explanation *explanation, const char *name);

/* It lives in the arena given, but for its file.  NULL: it cannot be unpacked,
 * which has been told. */
struct witness *witness_open_member(const struct witness *archive,
	struct arena *arena, const struct archive_member *member,
	const struct compressed_source *octets);

/* A pipe, or standard input, which cannot be opened again from its start. */
bool witness_is_once(const struct witness *source);

void witness_close(struct witness *source);

/* The whole file from its start, a piece at a time.  False: it is over. */
bool witness_read(struct witness *source, struct span *piece) MXP_MUST_USE;

/* The same at once, to be freed; false: it has more than `max` octets. */
bool witness_read_whole(struct witness *source, size_t max, char **bytes,
	size_t *len) MXP_MUST_USE;

/* It holds nothing that is read here: told of what the user has named. */
void witness_is_useless(struct witness *source, struct span why);

/* What each form of it tells. */
void explain_log(struct witness *source);
void explain_mails(struct witness *source);
void explain_report(struct witness *source);
void explain_reply(struct witness *source);
void explain_capture(struct witness *source);

/* A folder in the form of a mailbox: a Maildir. */
bool explain_is_mailbox(const char *name);
void explain_mailbox(struct explanation *explanation, const char *name);

/* Either the members that are logs, or the others; whether there are logs. */
bool explain_archive(struct witness *source, bool wants_logs);

/* One file by what it is.  Logs are put off (true) or wanted. */
bool explain_witness(struct witness *source, bool wants_logs);

/* A folder and those in it; each of their files. */
void explain_folder(struct explanation *explanation, const char *name,
	void (*take)(struct explanation *explanation, const char *name));

#endif
