#include <jansson.h>
#include <stdint.h>

#include "pcap/session_delivery.h"
#include "pcap/sessions.h"
#include "probe/judge/incident.h"
#include "reports/explain_incident_json.h"
#include "reports/explain_text.h"
#include "reports/inbound/inbound_message.h"
#include "reports/inbound/maillog.h"
#include "reports/inbound/mbox_split.h"
#include "reports/inbound/report_collection.h"
#include "reports/inbound/witness_file.h"
#include "tests/fuzz/must.h"

/*
 * Files as somebody brings them along, parted by a line of "%%%%": what each is
 * and what it tells, joined and counted.
 *
 * Every delivery comes out of the join as one of one witness of a kind at most,
 * and no more come out than went in; those of logs are all there.  The table
 * has each of them once.  How the files are cut changes nothing, and what is
 * said of the limits are whole sentences.  What is judged is written as lines of
 * JSON that can be read, and as text without a control character.
 */
enum { WITNESS_FUZZ_FILES = 8 };

static struct arena *witness_arena;
static const struct codebook *witness_codebook;

struct witness_reading {
	struct arena *arena;
	struct delivery_join *join;
	struct incident incident;
	struct report_collection *reports;
	size_t piece; /* octets at a time */
	uint64_t given[WITNESS_KINDS];
	uint64_t taken;
};

static void witness_take(void *taker, const struct joined_delivery *joined)
{
	struct witness_reading *reading = taker;

	MUST(joined->witness_count >= 1);
	MUST(joined->witness_count <= JOINED_WITNESSES_MAX);
	for (size_t i = 1; i < joined->witness_count; i++)
		MUST(joined->witnesses[i - 1].kind < joined->witnesses[i].kind);
	MUST(joined->delivery.witness == joined->witnesses[0].kind);
	MUST(!joined->delivery.has_relay || joined->delivery.has_family);
	reading->taken++;
	incident_add(&reading->incident, joined);
}

static void witness_give(
	struct witness_reading *reading, const struct delivery *delivery)
{
	struct delivery given = *delivery;

	given.file = SPAN("fuzz");
	reading->given[given.witness]++;
	delivery_join_add(reading->join, &given);
}

static void witness_capture(struct witness_reading *reading, struct span bytes)
{
	const struct sessions_wish wish = { .ports = NULL };
	struct sessions *sessions = sessions_open(&wish);
	const struct session_record *record;
	const struct delivery *deliveries;
	bool is_over = false;

	while (!is_over) {
		struct span piece = span_part(bytes, 0, reading->piece);

		bytes = span_part(bytes, piece.len, bytes.len);
		is_over = !piece.len;
		while (!is_over && !sessions_file(sessions)->is_bad &&
			sessions_read(sessions, &piece) != CAPTURE_MORE)
			;
	}
	sessions_end(sessions);
	while ((record = sessions_next(sessions))) {
		size_t count = session_deliveries(
			reading->arena, record, &deliveries);

		for (size_t i = 0; i < count; i++)
			witness_give(reading, &deliveries[i]);
	}
	sessions_close(sessions);
}

static void witness_mail(
	struct witness_reading *reading, const struct mbox_mail *mail)
{
	struct inbound_message message;

	inbound_message_read(reading->arena,
		arena_copy(reading->arena, mail->bytes), &message);
	for (size_t i = 0; i < message.delivery_count; i++)
		witness_give(reading, &message.deliveries[i]);
	if (!message.delivery_count)
		report_collection_add(
			reading->reports, SPAN("fuzz"), mail->bytes);
}

static void witness_mails(struct witness_reading *reading, struct span bytes)
{
	struct mbox_split split;
	struct mbox_mail mail;

	mbox_split_open(&split, 0);
	while (bytes.len) {
		struct span piece = span_part(bytes, 0, reading->piece);

		bytes = span_part(bytes, piece.len, bytes.len);
		while (mbox_split_take(&split, &piece, &mail))
			witness_mail(reading, &mail);
	}
	if (mbox_split_end(&split, &mail))
		witness_mail(reading, &mail);
	mbox_split_close(&split);
}

static void witness_log(struct witness_reading *reading, struct span bytes)
{
	const struct maillog_orders orders = { .file = SPAN("fuzz"),
		.now_ms = INT64_C(1772366400000) };
	struct maillog *log = maillog_open(&orders);
	const struct delivery *delivery;

	while (bytes.len) {
		struct span piece = span_part(bytes, 0, reading->piece);

		bytes = span_part(bytes, piece.len, bytes.len);
		maillog_feed(log, piece);
		while ((delivery = maillog_next(log)))
			witness_give(reading, delivery);
	}
	maillog_end(log);
	while ((delivery = maillog_next(log)))
		witness_give(reading, delivery);
	maillog_close(log);
}

static void witness_read(struct witness_reading *reading, struct span bytes)
{
	enum witness_form form = witness_form_of(
		span_part(bytes, 0, WITNESS_HEAD), bytes.len <= WITNESS_HEAD);

	switch (form) {
	case WITNESS_FORM_CAPTURE:
		witness_capture(reading, bytes);
		break;
	case WITNESS_FORM_MAIL:
		witness_mails(reading, bytes);
		break;
	case WITNESS_FORM_LOG:
		witness_log(reading, bytes);
		break;
	case WITNESS_FORM_REPORT:
		report_collection_add(reading->reports, SPAN("fuzz"), bytes);
		break;
	case WITNESS_FORM_REPLY:
		MUST(bytes.len <= WITNESS_REPLY_MAX);
		break;
	case WITNESS_FORM_EMPTY:
	case WITNESS_FORM_TEXT:
	case WITNESS_FORM_UNKNOWN:
		break;
	}
	MUST(witness_form_word(form)[0]);
}

static uint64_t witness_in_table(const struct delivery_table *table)
{
	uint64_t sum = table->local;

	for (size_t i = 0; i < table->row_count; i++) {
		const struct delivery_row *row = table->rows[i];

		sum += row->accepted + row->deferred + row->refused +
		       row->unknown;
	}
	return sum;
}

static void witness_check_limits(struct witness_reading *reading)
{
	const struct witness_limit *limits;
	size_t count = witness_limits(
		&reading->incident.account, reading->arena, &limits);

	MUST(count <= WITNESS_LIMITS_MAX);
	for (size_t i = 0; i < count; i++)
		MUST(limits[i].text.len &&
			limits[i].text.at[limits[i].text.len - 1] == '.');
}

static void witness_check_lines(struct span text)
{
	while (text.len) {
		struct span line = span_cut(&text, '\n');
		json_t *value = json_loadb(line.at, line.len,
			JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

		MUST(json_is_object(value));
		MUST(json_is_string(json_object_get(value, "kind")));
		json_decref(value);
	}
}

static void witness_check_text(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		MUST(text.at[i] == '\n' || ((unsigned char)text.at[i] >= ' ' &&
						   text.at[i] != 0x7f));
}

static void witness_print(struct witness_reading *reading)
{
	const struct text_style style = { .columns = 80, .verbose = true };
	const struct incident_judgement *judgement = incident_judge(
		reading->arena, &reading->incident);
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);

	MUST(out);
	explain_json_lines(out, reading->arena, judgement);
	fflush(out);
	witness_check_lines((struct span){ bytes, len });
	rewind(out);
	explain_text(out, &style, judgement);
	fclose(out);
	witness_check_text((struct span){ bytes, len });
	free(bytes);
}

static void witness_check(struct witness_reading *reading)
{
	const struct delivery_join_account *account = delivery_join_account(
		reading->join);
	uint64_t given = 0;

	for (size_t i = 0; i < WITNESS_KINDS; i++)
		given += reading->given[i];
	MUST(account->given == given && account->taken == reading->taken);
	MUST(reading->taken <= given - account->repeated);
	MUST(reading->taken >= reading->given[WITNESS_LOG]);
	MUST(given != reading->given[WITNESS_LOG] || reading->taken == given);
	MUST(witness_in_table(&reading->incident.table) == reading->taken);
	witness_check_limits(reading);
}

static struct span witness_next_file(struct span *bytes)
{
	static const char mark[] = "\n%%%%\n";
	const char *end = bytes->len ? memmem(bytes->at, bytes->len, mark, 6)
				     : NULL;
	size_t len = end ? (size_t)(end - bytes->at) : bytes->len;
	struct span file = span_part(*bytes, 0, len);

	*bytes = span_part(*bytes, end ? len + 6 : len, bytes->len);
	return file;
}

static struct delivery_row witness_sum(struct span bytes, size_t piece)
{
	struct witness_reading reading = { .arena = arena_open(),
		.piece = piece };
	struct delivery_join_orders orders = { .take = witness_take,
		.taker = &reading };
	struct delivery_row sum = { .accepted = 0 };

	incident_open(&reading.incident, witness_codebook);
	reading.reports = report_collection_open();
	reading.join = delivery_join_open(&orders);
	for (int i = 0; i < WITNESS_FUZZ_FILES && bytes.len; i++)
		witness_read(&reading, witness_next_file(&bytes));
	delivery_join_end(reading.join);
	witness_check(&reading);
	witness_print(&reading);
	for (size_t i = 0; i < reading.incident.table.row_count; i++) {
		const struct delivery_row *row = reading.incident.table.rows[i];

		sum.accepted += row->accepted;
		sum.deferred += row->deferred;
		sum.refused += row->refused;
		sum.unknown += row->unknown;
	}
	delivery_join_close(reading.join);
	report_collection_close(reading.reports);
	incident_close(&reading.incident);
	arena_close(reading.arena);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span files = { (const char *)bytes, len };
	struct delivery_row whole, cut;

	if (!witness_arena) {
		witness_arena = arena_open();
		witness_codebook = codebook_embedded(witness_arena);
	}
	whole = witness_sum(files, SIZE_MAX);
	cut = witness_sum(files, 7);
	MUST(whole.accepted == cut.accepted && whole.refused == cut.refused);
	MUST(whole.deferred == cut.deferred && whole.unknown == cut.unknown);
	return 0;
}
