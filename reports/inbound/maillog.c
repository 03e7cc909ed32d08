#include "reports/inbound/maillog.h"

#include "reports/inbound/log_reader.h"

/*
 * Lines of Postfix are read some at a time, for whoever wants their deliveries
 * together.  What these point to is not lost meanwhile: troubles are fewer than
 * would push one out, and log_reader.c copies what the memory may forget.
 */
enum { LINES_FEW = LOG_TROUBLES_MAX - 8, GIVEN = 24 };

struct maillog {
	struct arena *arena;
	struct arena *of_line; /* emptied when all is fetched */
	struct log_reader reader;
	struct log_heads heads;
	struct span fed;
	char *carry; /* the begun line, NUL: none yet */
	size_t carried;
	bool is_cut; /* the begun line is over the limit */
	bool has_ended;
	bool may_go_on;               /* the line was one of Postfix */
	size_t fetched;               /* of reader.given */
	struct delivery first[GIVEN]; /* which most lines do with */
	struct maillog_account account;
};

typedef bool read_dialect(
	struct log_reader *reader, const struct log_line *line);

/* In the order of the enum. */
static read_dialect *const readers[] = {
	log_postfix_read,
	log_sendmail_read,
	log_exim_read,
	log_opensmtpd_read,
	log_qmail_read,
};

const char *maillog_dialect_word(enum maillog_dialect dialect)
{
	switch (dialect) {
	case MAILLOG_POSTFIX:
		return "postfix";
	case MAILLOG_SENDMAIL:
		return "sendmail";
	case MAILLOG_EXIM:
		return "exim";
	case MAILLOG_OPENSMTPD:
		return "opensmtpd";
	case MAILLOG_QMAIL:
		break;
	}
	return "qmail";
}

struct maillog *maillog_open(const struct maillog_orders *orders)
{
	struct arena *arena = arena_open();
	struct maillog *log = arena_new(arena, struct maillog);

	log->arena = arena;
	log->of_line = arena_open();
	log->reader.arena = log->of_line;
	log->reader.memory = log_memory_open(arena);
	log->reader.file = arena_copy(arena, orders->file);
	log_heads_init(&log->heads, log->of_line, orders->now_ms);
	if (orders->zone)
		log_stamps_set_zone(&log->heads.stamps, orders->zone);
	log->reader.own_stamps = log->heads.stamps;
	return log;
}

void maillog_close(struct maillog *log)
{
	arena_close(log->of_line);
	arena_close(log->arena);
}

void maillog_set_now(struct maillog *log, int64_t now_ms)
{
	log_stamps_set_now(&log->heads.stamps, now_ms);
}

void maillog_feed(struct maillog *log, struct span bytes)
{
	log->fed = bytes;
	log->account.octets += bytes.len;
}

void maillog_end(struct maillog *log)
{
	log->has_ended = true;
}

/* Whose program writes under this name?  The count: nobody's that is known. */
static size_t dialect_of_program(const struct log_line *line)
{
	struct span program = line->program;

	if (line->service.len)
		return MAILLOG_POSTFIX;
	if (STARTS(program, "sm-") || log_has(program, SPAN("sendmail")))
		return MAILLOG_SENDMAIL;
	if (STARTS(program, "exim"))
		return MAILLOG_EXIM;
	if (span_is(program, SPAN("smtpd")))
		return MAILLOG_OPENSMTPD;
	if (STARTS(program, "qmail"))
		return MAILLOG_QMAIL;
	return MAILLOG_DIALECT_COUNT;
}

/*
 * A line with no program, or one that tells nothing: the shape of what it says
 * decides.  Sendmail and Postfix both begin with a queue id.
 */
static size_t dialect_of_words(struct span body)
{
	struct span rest = body, id;

	if (log_queue_id_take(&rest, 5, &id)) {
		if (STARTS(rest, "to=") && log_has(rest, SPAN(", stat=")))
			return MAILLOG_SENDMAIL;
		if (STARTS(rest, "to=<") && log_has(rest, SPAN(", status=")))
			return MAILLOG_POSTFIX;
		if (STARTS(rest, "from=") && log_has(rest, SPAN(", nrcpts=")))
			return MAILLOG_SENDMAIL;
		if (STARTS(rest, "from=<") || STARTS(rest, "message-id="))
			return MAILLOG_POSTFIX;
	}
	if (STARTS(body, "relay: ") || log_has(body, SPAN(" evpid=")))
		return MAILLOG_OPENSMTPD;
	return MAILLOG_DIALECT_COUNT;
}

/* Exim and qmail say themselves whether a line is theirs. */
static size_t read_by_words(
	struct log_reader *reader, const struct log_line *line)
{
	struct log_line bare = *line;
	size_t dialect;

	if (log_exim_read(reader, line))
		return MAILLOG_EXIM;
	/* The name may be that of a unit, and no program's. */
	bare.behind_stamp = bare.body;
	dialect = dialect_of_words(bare.body);
	if (dialect == MAILLOG_DIALECT_COUNT) {
		bare.program = bare.service = bare.process = (struct span){ 0 };
		bare.body = bare.behind_stamp = line->behind_stamp;
		dialect = dialect_of_words(bare.body);
	}
	if (dialect == MAILLOG_DIALECT_COUNT)
		return log_qmail_read(reader, line) ? MAILLOG_QMAIL : dialect;
	return readers[dialect](reader, &bare) ? dialect
					       : MAILLOG_DIALECT_COUNT;
}

/* The dialect is that of its program; else the shape of its words decides. */
static size_t read_line(
	struct log_reader *reader, const struct log_line *line, size_t dialect)
{
	if (dialect == MAILLOG_DIALECT_COUNT || !readers[dialect](reader, line))
		return read_by_words(reader, line);
	return dialect;
}

/* Lines of a program that is not known may hold those of one that is. */
static size_t read_unknown(struct maillog *log, struct log_line *line)
{
	struct log_reader *reader = &log->reader;
	size_t dialect = MAILLOG_DIALECT_COUNT;

	if (log_line_open(&log->heads, line))
		dialect = dialect_of_program(line);
	reader->troubles.machine = line->host;
	dialect = read_line(reader, line, dialect);
	if (dialect == MAILLOG_DIALECT_COUNT && !line->program.len &&
		log_line_search(line))
		dialect = read_line(reader, line, dialect_of_program(line));
	return dialect;
}

static void read_text(struct maillog *log, struct span text)
{
	struct log_line line;
	size_t dialect;

	if (text.len && text.at[text.len - 1] == '\r')
		text.len--;
	log->reader.position = ++log->account.lines;
	if (log_line_is_silent(&log->heads, text)) {
		log->may_go_on = true;
		log->account.of_dialect[MAILLOG_POSTFIX]++;
		return;
	}
	log_line_read(&log->heads, text, &line);
	dialect = dialect_of_program(&line);
	log->reader.troubles.machine = line.host;
	dialect = dialect == MAILLOG_DIALECT_COUNT
			  ? read_unknown(log, &line)
			  : read_line(&log->reader, &line, dialect);
	if (log->reader.is_silent)
		log_line_silence(&log->heads, &line);
	log->reader.is_silent = false;
	log->may_go_on = dialect == MAILLOG_POSTFIX;
	if (dialect == MAILLOG_DIALECT_COUNT)
		log->account.others++;
	else
		log->account.of_dialect[dialect]++;
}

/* The begun line grows; what is over the limit is dropped. */
static void carry(struct maillog *log, struct span part)
{
	size_t room = MAILLOG_LINE_MAX - log->carried;

	if (!part.len)
		return;
	if (!log->carry)
		log->carry = arena_take(log->arena, MAILLOG_LINE_MAX);
	if (part.len > room) {
		log->is_cut = true;
		part.len = room;
	}
	memcpy(log->carry + log->carried, part.at, part.len);
	log->carried += part.len;
}

static void read_carried(struct maillog *log)
{
	struct span text = { log->carry, log->carried };

	log->account.cut += log->is_cut;
	log->is_cut = false;
	log->carried = 0;
	read_text(log, text);
}

/* One has to wait: the place of begun lines may have been that of one whose
 * deliveries are not fetched yet. */
static void begin_line(struct maillog *log)
{
	if (log->reader.given_count)
		return;
	carry(log, log->fed);
	log->fed.len = 0;
}

/* False: there is no whole line. */
static bool read_one(struct maillog *log)
{
	struct span text = { log->fed.at, span_find(log->fed, '\n') };

	if (text.len == log->fed.len) {
		begin_line(log);
		return false;
	}
	log->fed.at += text.len + 1;
	log->fed.len -= text.len + 1;
	if (log->carried || text.len > MAILLOG_LINE_MAX) {
		carry(log, text);
		read_carried(log);
	} else {
		read_text(log, text);
	}
	return true;
}

/* False: nothing was read. */
static bool read_few(struct maillog *log)
{
	size_t lines = 0;

	do {
		if (!read_one(log))
			return lines > 0;
	} while (++lines < LINES_FEW && log->may_go_on);
	return true;
}

/* The last line, and the attempts whose recipient never came. */
static void read_end(struct maillog *log)
{
	log->has_ended = false;
	if (log->carried)
		read_carried(log);
	log_reader_release(&log->reader, (struct span){ 0 });
}

static void forget_line(struct maillog *log)
{
	log->fetched = 0;
	log->reader.given = log->first;
	log->reader.given_count = 0;
	log->reader.given_room = GIVEN;
	arena_empty(log->of_line);
	log_memory_tidy(log->reader.memory);
}

/* False: there is none. */
static bool has_more(struct maillog *log)
{
	while (log->fetched == log->reader.given_count) {
		forget_line(log);
		if (read_few(log))
			continue;
		if (!log->has_ended)
			return false;
		read_end(log);
		if (!log->reader.given_count)
			return false;
	}
	return true;
}

static const struct delivery *fetch(struct maillog *log)
{
	const struct delivery *delivery = &log->reader.given[log->fetched++];

	log->account.deliveries++;
	log->account.guessed_years += delivery->guesses_year;
	return delivery;
}

const struct delivery *maillog_next(struct maillog *log)
{
	return has_more(log) ? fetch(log) : NULL;
}

const struct delivery *maillog_next_few(struct maillog *log, size_t *count)
{
	const struct delivery *first;

	*count = 0;
	if (!has_more(log))
		return NULL;
	first = &log->reader.given[log->fetched];
	*count = log->reader.given_count - log->fetched;
	while (log->fetched < log->reader.given_count)
		fetch(log);
	return first;
}

const struct maillog_account *maillog_account(const struct maillog *log)
{
	return &log->account;
}
