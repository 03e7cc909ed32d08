#include "probe/verbs/explain_follow.h"

#include <sys/stat.h>
#include <unistd.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/judge/delivery_destination.h"
#include "probe/judge/delivery_meaning.h"
#include "probe/judge/delivery_words.h"
#include "probe/verbs/explain_delivery.h"
#include "probe/verbs/growing_file.h"
#include "probe/watch.h"
#include "reports/inbound/maillog.h"
#include "reports/inbound/marked_text.h"

/* How long a change goes unseen at most, where the system does not tell of
 * it: a network's file system, a folder that was renamed. */
enum { FOLLOW_REST_MS = 1000 };

enum { FOLLOW_TEXT_MAX = 160 }; /* octets of a reply in a line */

struct followed {
	struct span name;
	bool is_input;
	struct growing_file *file; /* NULL: it is over */
	struct maillog *log;
	uint64_t lines_before; /* of the files before this one */
	struct marked_text text;
	char last; /* octet that was read */
};

struct explain_follow {
	struct explanation *explanation;
	struct followed *logs;
	size_t count, room;
	bool is_live; /* what was there has been read */
	struct watch *watch;
};

static bool is_followed(const struct explain_follow *follow, const char *name)
{
	struct stat wanted, one;

	if (stat(name, &wanted) != 0)
		return false;
	for (size_t i = 0; i < follow->count; i++)
		if (stat(follow->logs[i].name.at, &one) == 0 &&
			one.st_dev == wanted.st_dev &&
			one.st_ino == wanted.st_ino)
			return true;
	return false;
}

void explain_follow_add(struct explanation *explanation, const char *name)
{
	struct explain_follow *follow = explanation->follow;
	struct arena *arena = explanation->arena;
	struct maillog_orders orders = { .now_ms = clock_wall_ms(),
		.zone = explanation->log_zone };
	struct followed one = { .last = '\n' };
	struct span why;

	if (!follow) {
		follow = arena_new(arena, struct explain_follow);
		follow->explanation = explanation;
		explanation->follow = follow;
	}
	one.is_input = strcmp(name, "-") == 0;
	if (!one.is_input && is_followed(follow, name)) {
		note("%s: it is named already, and is followed once",
			escape_text(arena, span_of(name)).at);
		return;
	}
	one.name = one.is_input ? SPAN("standard input")
				: arena_copy(arena, span_of(name));
	one.file = growing_file_open(arena, name, &why);
	if (!one.file) {
		explain_unreadable(explanation, one.name, why);
		return;
	}
	orders.file = one.name;
	one.log = maillog_open(&orders);
	follow->logs = arena_grow(
		arena, follow->logs, follow->count, &follow->room, sizeof(one));
	follow->logs[follow->count++] = one;
}

/* ---- a line for each failure */

static struct span destination_of(
	struct arena *arena, const struct delivery *delivery)
{
	struct span domain = delivery_domain_of(delivery->recipient);
	char room[IP_TEXT_MAX];

	while (domain.len && domain.at[domain.len - 1] == '.')
		domain.len--;
	if (domain.len)
		return escape_text(arena, domain);
	if (delivery->relay_host.len)
		return escape_text(arena, delivery->relay_host);
	if (delivery->has_relay)
		return arena_print(
			arena, "%s", ip_print(&delivery->relay, room));
	return SPAN("unknown");
}

static void write_text(struct arena *arena, const struct delivery *delivery)
{
	struct span text = delivery_reply_text(
		arena, delivery->text, delivery->code);

	if (!delivery->text.len)
		return;
	printf("  %.*s%s",
		SPAN_ARG(escape_text(
			arena, span_part(text, 0, FOLLOW_TEXT_MAX))),
		text.len > FOLLOW_TEXT_MAX ? "..." : "");
}

static void write_failure(
	struct explanation *explanation, const struct delivery *delivery)
{
	struct arena *arena = arena_open();
	struct codebook_answer answer = delivery_meaning(
		explanation->program->codebook, delivery);
	struct span id = answer.row ? answer.row->id : answer.policy;
	struct span when = SPAN("time unknown");

	if (delivery->has_time)
		when = delivery_second_text(arena, delivery->time_ms);
	printf("%.*s  %.*s  %s  %s", SPAN_ARG(when),
		SPAN_ARG(destination_of(arena, delivery)),
		delivery->has_family ? family_word(delivery->family)
				     : "family unknown",
		delivery_result_word(delivery->result));
	if (delivery->has_stage)
		printf(" %s", stage_phrase(delivery->stage));
	printf("  %.*s", SPAN_ARG(escape_text(arena, id)));
	write_text(arena, delivery);
	putchar('\n');
	arena_close(arena);
}

static bool is_failure(const struct delivery *delivery)
{
	return delivery->result == DELIVERY_DEFERRED ||
	       delivery_is_refused(delivery);
}

static void take_lines(struct explain_follow *follow, struct followed *one)
{
	struct explanation *explanation = follow->explanation;
	const struct options *options = &explanation->program->options;
	bool is_told = follow->is_live && options->format == FORMAT_TEXT &&
		       !options->quiet;
	const struct delivery *next;

	while ((next = maillog_next(one->log))) {
		struct delivery delivery = *next;

		if (delivery.position > one->lines_before)
			delivery.position -= one->lines_before;
		if (is_told && is_failure(&delivery))
			write_failure(explanation, &delivery);
		explain_delivery(explanation, &delivery);
	}
}

/* ---- reading on */

static void feed(
	struct explain_follow *follow, struct followed *one, struct span piece)
{
	if (!piece.len)
		return;
	one->last = piece.at[piece.len - 1];
	maillog_feed(one->log, piece);
	take_lines(follow, one);
}

/* The same queue goes on in the new file: what is known of it is kept. */
static void go_over(struct explain_follow *follow, struct followed *one)
{
	feed(follow, one, marked_text_end(&one->text));
	if (one->last != '\n')
		feed(follow, one, SPAN("\n"));
	one->lines_before = maillog_account(one->log)->lines;
}

static void end(struct explain_follow *follow, struct followed *one)
{
	if (!one->file)
		return;
	growing_file_close(one->file);
	one->file = NULL;
	feed(follow, one, marked_text_end(&one->text));
	maillog_end(one->log);
	take_lines(follow, one);
	maillog_close(one->log);
}

/* False: it has come to its end. */
static bool read_on(struct explain_follow *follow, struct followed *one)
{
	struct span piece;

	maillog_set_now(one->log, clock_wall_ms());
	for (;;) {
		switch (growing_file_read(one->file, &piece)) {
		case GROWING_MORE:
			feed(follow, one,
				marked_text_take(&one->text,
					follow->explanation->arena, piece));
			/* There may be much of it. */
			if (watch_rest(follow->watch, 0) == WATCH_ENDS)
				return true;
			break;
		case GROWING_ANEW:
			go_over(follow, one);
			break;
		case GROWING_REST:
			return true;
		case GROWING_END:
			end(follow, one);
			return false;
		}
	}
}

static bool read_all(struct explain_follow *follow)
{
	bool goes_on = false;

	for (size_t i = 0; i < follow->count; i++)
		if (follow->logs[i].file)
			goes_on |= read_on(follow, &follow->logs[i]);
	return goes_on;
}

/* Whoever reads us may have gone. */
static bool is_heard(void)
{
	return fflush(stdout) == 0 && !ferror(stdout);
}

static struct watch *watch_files(const struct explain_follow *follow)
{
	struct watch *watch = watch_open();

	for (size_t i = 0; i < follow->count; i++)
		if (!follow->logs[i].is_input)
			watch_file(watch, follow->logs[i].name.at);
	return watch;
}

static bool has_input(const struct explain_follow *follow)
{
	for (size_t i = 0; i < follow->count; i++)
		if (follow->logs[i].is_input && follow->logs[i].file)
			return true;
	return false;
}

static void go_live(struct explain_follow *follow)
{
	if (!follow->is_live && !follow->explanation->program->options.quiet)
		note("what is there is read; what comes now is told as it "
		     "comes, until Ctrl-C");
	follow->is_live = true;
}

/* SIGHUP is how a terminal says that it goes; from others it means nothing
 * here, as all is looked at again anyway. */
static bool is_to_end(enum watch_call call, bool has_terminal)
{
	switch (call) {
	case WATCH_GOES_ON:
		return false;
	case WATCH_READS_AGAIN:
		return has_terminal;
	case WATCH_ENDS:
		break;
	}
	return true;
}

void explain_follow_run(struct explanation *explanation)
{
	struct explain_follow *follow = explanation->follow;
	bool has_terminal = isatty(STDOUT_FILENO);

	if (!follow) {
		note("--follow: no log that can grow is among the files");
		return;
	}
	follow->watch = watch_files(follow);
	while (read_all(follow) && is_heard()) {
		if (is_to_end(watch_rest(follow->watch, 0), has_terminal))
			break;
		go_live(follow);
		watch_input(follow->watch, has_input(follow));
		if (is_to_end(watch_rest(follow->watch, FOLLOW_REST_MS),
			    has_terminal))
			break;
	}
	for (size_t i = 0; i < follow->count; i++)
		end(follow, &follow->logs[i]);
	watch_close(follow->watch);
}
