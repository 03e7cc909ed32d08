#include "probe/verbs/pcap_option.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/base/privileges.h"
#include "probe/verbs/packets.h"

/*
 * Opened at once: without our privileges the folder may not be ours any more.
 * What an earlier run has left there stays until there is something better.
 */
static int open_file(struct arena *arena, const char *name)
{
	int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

	if (file < 0)
		note("%s: %s", escape_text(arena, span_of(name)).at,
			strerror(errno));
	return file;
}

bool pcap_option_open(struct arena *arena, struct program *program)
{
	const struct options *options = &program->options;
	const char *name = options->pcap_file;
	struct span why;

	if (!name)
		return true;
	program->packets = packets_open(
		arena, packets_folder_of(arena, name), &why);
	if (!program->packets) {
		note("--pcap: %.*s", SPAN_ARG(escape_text(arena, why)));
		return false;
	}
	program->packets_to = open_file(arena, name);
	if (program->packets_to < 0) {
		packets_close(program->packets);
		program->packets = NULL;
		return false;
	}
	if (options->target_count == 1 && !options->targets_file)
		live_capture_narrow(program->packets->live);
	program->orders.onlooker = &program->packets->onlooker;
	return true;
}

bool pcap_option_drop(const struct program *program)
{
	const char *why;

	if ((!program->packets && geteuid() == 0) || privileges_drop(&why))
		return true;
	note("--pcap: the privileges to capture cannot be given up: %s", why);
	return false;
}

void pcap_option_judged(const struct program *program,
	const struct outcome *outcome, const struct judgement *judgement)
{
	if (!program->packets)
		return;
	packets_judged(program->packets, judgement);
	packets_report(program->packets, outcome, judgement);
}

bool pcap_option_close(struct program *program)
{
	const struct options *options = &program->options;
	struct packets_wish wish = { .name = options->pcap_file,
		.tells_secrets = !options->redacts,
		.redacts = options->redacts };
	bool is_well;

	if (!program->packets)
		return true;
	is_well = packets_write(program->packets, program->packets_to, &wish);
	packets_close(program->packets);
	program->packets = NULL;
	return is_well;
}
