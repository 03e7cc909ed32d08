#include "reports/inbound/mailbox_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "probe/mail/header.h"
#include "reports/inbound/compressed_file.h"

/* A folder under way: its names, and where we are in them. */
struct folder {
	struct arena *arena;
	struct span path;
	struct span *names;
	size_t count, room, next;
};

struct mailbox {
	struct arena *arena; /* of the file under way */
	struct arena *name_arena;
	struct span name; /* not looked at yet; or empty */
	struct folder folders[MAILBOX_DEPTH_MAX];
	size_t depth;
	struct compressed_file *file;
	struct span path;  /* of it */
	struct span piece; /* of it, not used yet */
	struct mbox_split split;
};

struct mailbox *mailbox_open(const char *name)
{
	struct arena *arena = arena_open();
	struct mailbox *mailbox = arena_new(arena, struct mailbox);

	mailbox->name_arena = arena;
	mailbox->arena = arena_open();
	mailbox->name = arena_copy(arena, span_of(name));
	return mailbox;
}

static void close_file(struct mailbox *mailbox)
{
	if (!mailbox->file)
		return;
	compressed_file_close(mailbox->file);
	mailbox->file = NULL;
	mbox_split_close(&mailbox->split);
}

static void close_folder(struct mailbox *mailbox)
{
	arena_close(mailbox->folders[--mailbox->depth].arena);
}

void mailbox_close(struct mailbox *mailbox)
{
	close_file(mailbox);
	while (mailbox->depth)
		close_folder(mailbox);
	arena_close(mailbox->arena);
	arena_close(mailbox->name_arena);
}

/* ---- folders */

static int by_name(const void *a, const void *b)
{
	const struct span *one = a, *other = b;
	size_t len = one->len < other->len ? one->len : other->len;
	int order = memcmp(one->at, other->at, len);

	if (order)
		return order;
	return (one->len > other->len) - (one->len < other->len);
}

static bool is_passed_over(const char *name)
{
	return name[0] == '.' || strcmp(name, "tmp") == 0;
}

static bool open_folder(
	struct mailbox *mailbox, struct span path, struct span *why)
{
	struct folder *folder;
	struct dirent *entry;
	DIR *dir;

	if (mailbox->depth == MAILBOX_DEPTH_MAX) {
		*why = SPAN("there are too many folders in each other");
		return false;
	}
	dir = opendir(path.at);
	if (!dir) {
		*why = arena_copy(mailbox->arena, span_of(strerror(errno)));
		return false;
	}
	folder = &mailbox->folders[mailbox->depth++];
	*folder = (struct folder){ .arena = arena_open() };
	folder->path = arena_copy(folder->arena, path);
	while ((entry = readdir(dir))) {
		if (is_passed_over(entry->d_name))
			continue;
		folder->names = arena_grow(folder->arena, folder->names,
			folder->count, &folder->room, sizeof(struct span));
		folder->names[folder->count++] = arena_copy(
			folder->arena, span_of(entry->d_name));
	}
	closedir(dir);
	if (folder->count)
		qsort(folder->names, folder->count, sizeof(struct span),
			by_name);
	return true;
}

/* The next path to look at; false: there is none. */
static bool next_path(struct mailbox *mailbox, struct span *path)
{
	if (mailbox->name.len) {
		*path = mailbox->name;
		mailbox->name = SPAN("");
		return true;
	}
	while (mailbox->depth) {
		struct folder *folder = &mailbox->folders[mailbox->depth - 1];

		if (folder->next < folder->count) {
			*path = arena_print(mailbox->arena, "%.*s/%.*s",
				SPAN_ARG(folder->path),
				SPAN_ARG(folder->names[folder->next]));
			folder->next++;
			return true;
		}
		close_folder(mailbox);
	}
	return false;
}

/* ---- files */

static bool is_folder(struct span path)
{
	struct stat status;

	return stat(path.at, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool open_file(
	struct mailbox *mailbox, struct span path, struct span *why)
{
	mailbox->file = compressed_file_open(mailbox->arena, path.at, why);
	if (!mailbox->file)
		return false;
	mailbox->path = path;
	mailbox->piece = SPAN("");
	mbox_split_open(&mailbox->split, 0);
	return true;
}

/* True: a mail is in *mail.  False: the file is over, or bad with why set. */
static bool next_of_file(struct mailbox *mailbox, struct mailbox_mail *mail)
{
	enum compressed_state state = COMPRESSED_MORE;

	while (state == COMPRESSED_MORE) {
		if (mbox_split_take(
			    &mailbox->split, &mailbox->piece, &mail->mail))
			return true;
		state = compressed_file_read(
			mailbox->file, &mailbox->piece, &mail->why);
	}
	if (state == COMPRESSED_BAD)
		return false;
	mail->why = SPAN("");
	return mbox_split_end(&mailbox->split, &mail->mail);
}

/* What is opened next; MAILBOX_MAIL: a file is open. */
static enum mailbox_state open_next(
	struct mailbox *mailbox, struct mailbox_mail *mail)
{
	struct span path;

	for (;;) {
		bool is_open;

		arena_empty(mailbox->arena);
		mail->file = SPAN("");
		if (!next_path(mailbox, &path))
			return MAILBOX_END;
		mail->file = path;
		if (is_folder(path)) {
			is_open = open_folder(mailbox, path, &mail->why);
			if (is_open)
				continue;
		} else {
			is_open = open_file(mailbox, path, &mail->why);
		}
		return is_open ? MAILBOX_MAIL : MAILBOX_BAD;
	}
}

enum mailbox_state mailbox_next(
	struct mailbox *mailbox, struct mailbox_mail *mail)
{
	for (;;) {
		*mail = (struct mailbox_mail){ .file = mailbox->path };
		if (!mailbox->file) {
			enum mailbox_state state = open_next(mailbox, mail);

			if (state != MAILBOX_MAIL)
				return state;
		}
		if (next_of_file(mailbox, mail)) {
			mail->file = mailbox->path;
			return MAILBOX_MAIL;
		}
		close_file(mailbox);
		mail->file = mailbox->path;
		if (mail->why.len)
			return MAILBOX_BAD;
	}
}

/* ---- is it one? */

/* One of these is at the top of any mail that was delivered. */
static bool is_mail_field(struct span line)
{
	static const char *const names[] = { "Return-Path:", "Received:",
		"Delivered-To:", "X-Original-To:", "From:", "To:", "Date:",
		"Subject:", "Message-ID:", "MIME-Version:", "Content-Type:",
		"X-Failed-Recipients:", "Auto-Submitted:", "DKIM-Signature:",
		"Authentication-Results:", "ARC-Seal:", "X-Apparently-To:",
		"Status:", "Envelope-To:", "Delivery-Date:", "Sender:" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (span_starts_nocase(line, span_of(names[i])))
			return true;
	return false;
}

bool mailbox_is_one(struct span head)
{
	struct span rest = span_part(head, 0, 16 * 1024);
	bool is_known = false;

	if (span_starts_nocase(rest, SPAN("From ")))
		return mbox_is_from_line(span_cut(&rest, '\n'));
	/* A line that the head cuts says nothing. */
	while (span_find(rest, '\n') < rest.len) {
		struct span line = span_cut(&rest, '\n'), name = line;

		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		if (!line.len)
			break;
		if (ascii_is_blank(line.at[0]))
			continue;
		name.len = span_find(line, ':');
		if (name.len == line.len || !header_name_is_valid(name))
			return false;
		is_known |= is_mail_field(line);
	}
	return is_known;
}
