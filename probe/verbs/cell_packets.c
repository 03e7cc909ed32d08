#include "probe/verbs/cell_packets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/verbs/pcap_option.h"

struct cell_file {
	const char *name;
	struct evidence_path *paths;
	size_t path_count;
	struct span report;
	bool keeps_keys;
};

enum { FILE_NAME_MAX = 200 };

static const char *folder_of(const struct program *program)
{
	const char *folder = program->options.pcap_folder;

	return folder ? folder : ".";
}

/* ---- before the walk */

static void open_for_failures(struct arena *arena, struct program *program)
{
	struct span why;

	program->packets = packets_open(arena, folder_of(program), &why);
	if (program->packets)
		program->orders.onlooker = &program->packets->onlooker;
	else
		note("on failure pcap: no packets are kept: %.*s",
			SPAN_ARG(escape_text(arena, why)));
}

bool cell_packets_open(struct cell_packets *cells, struct arena *arena,
	struct program *program, bool is_asked_for)
{
	*cells = (struct cell_packets){ .arena = arena };
	if (program->options.pcap_file) {
		if (!pcap_option_open(arena, program))
			return false;
	} else if (is_asked_for && program->packets) {
		packets_restart(program->packets);
	} else if (is_asked_for) {
		open_for_failures(arena, program);
	}
	if (program->packets)
		cells->program = program;
	return pcap_option_drop(program);
}

/* ---- rows */

static bool is_plain(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' || c == '_';
}

/* "gmail/cell/transport, mx gmail.com best, IPv6" becomes
 * "gmail-cell-transport-mx-gmail.com-best-IPv6-20261122T043000Z.pcapng". */
static const char *file_name(
	struct cell_packets *cells, const struct result_row *row)
{
	struct span key = row_key(cells->arena, row);
	struct span time = clock_text(cells->arena, row->began_ms);
	char name[FILE_NAME_MAX + 32], digits[32];
	size_t len = 0, count = 0;

	for (size_t i = 0; i < key.len && len < FILE_NAME_MAX; i++)
		if (is_plain(key.at[i]) && (len || key.at[i] != '.'))
			name[len++] = key.at[i];
		else if (len && name[len - 1] != '-')
			name[len++] = '-';
	for (size_t i = 0; i < time.len && time.at[i] != '.'; i++)
		if (time.at[i] != '-' && time.at[i] != ':')
			digits[count++] = time.at[i];
	return arena_print(cells->arena, "%s/%.*s-%.*sZ.pcapng",
		folder_of(cells->program), (int)len, name, (int)count, digits)
		.at;
}

static void keep_cell(struct cell_packets *cells, const struct result_row *row)
{
	const struct outcome *outcome = row->outcome;
	struct packets *packets = cells->program->packets;
	struct cell_file file = { .name = file_name(cells, row),
		.keeps_keys = row->matrix->on_failure->keeps_keys };

	file.paths = arena_take(
		cells->arena, (outcome->visit_count + 1) * sizeof(*file.paths));
	for (size_t i = 0; i < outcome->visit_count; i++) {
		const struct evidence_path *path = packets_find(
			packets, outcome->visits[i]);

		if (path)
			file.paths[file.path_count++] = *path;
	}
	if (!file.path_count)
		return;
	file.report = packets_json(cells->arena, outcome, row->judgement);
	cells->files = arena_grow(cells->arena, cells->files, cells->count,
		&cells->room, sizeof(*cells->files));
	cells->files[cells->count++] = file;
}

void cell_packets_row(struct cell_packets *cells, const struct result_row *row)
{
	const struct on_failure *on_failure = row->matrix->on_failure;

	if (!cells->program || row->kind != ROW_CELL || !row->outcome ||
		!row->judgement)
		return;
	packets_judged(cells->program->packets, row->judgement);
	if (cells->program->options.pcap_file)
		packets_report(
			cells->program->packets, row->outcome, row->judgement);
	if (row->result->verdict != CELL_FAIL || !on_failure ||
		!on_failure->keeps_packets)
		return;
	if (cells->count < CELL_FILES_MAX)
		keep_cell(cells, row);
	else if (cells->count++ == CELL_FILES_MAX)
		note("on failure pcap: no more than %d files are written",
			CELL_FILES_MAX);
}

/* ---- files */

static bool write_cell(struct cell_packets *cells, const struct cell_file *file)
{
	struct packets_wish wish = { .name = file->name,
		.paths = file->paths,
		.count = file->path_count,
		.report = file->report,
		.tells_secrets = file->keeps_keys,
		.redacts = cells->program->options.redacts };
	int to = open(
		file->name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

	if (to >= 0)
		return packets_write(cells->program->packets, to, &wish);
	note("%s: %s", escape_text(cells->arena, span_of(file->name)).at,
		strerror(errno));
	return false;
}

bool cell_packets_close(struct cell_packets *cells)
{
	size_t count = cells->count < CELL_FILES_MAX ? cells->count
						     : CELL_FILES_MAX;
	bool is_well = true;

	if (!cells->program)
		return true;
	for (size_t i = 0; i < count; i++)
		is_well &= write_cell(cells, &cells->files[i]);
	if (cells->program->options.pcap_file)
		is_well &= pcap_option_close(cells->program);
	return is_well;
}
