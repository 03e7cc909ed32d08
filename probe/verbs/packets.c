#include "probe/verbs/packets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "pcap/evidence_file.h"
#include "probe/base/escape.h"
#include "probe/base/file.h"
#include "probe/base/note.h"
#include "probe/facts/mtu_trial.h"
#include "reports/json.h"

/* ---- what the run tells of its walks */

static struct packets *packets_of(struct onlooker *onlooker)
{
	return OWNER_OF(onlooker, struct packets, onlooker);
}

static void on_begins(struct onlooker *onlooker, uv_loop_t *loop)
{
	live_capture_run(packets_of(onlooker)->live, loop);
}

static void on_plans(struct onlooker *onlooker, const struct path *path,
	const struct walk_orders *orders)
{
	const struct ip *from = orders->binds[path->family]
					? &orders->bind_to[path->family]
					: NULL;

	live_capture_plan(
		packets_of(onlooker)->live, path, from, orders->interface);
}

static void on_walked(struct onlooker *onlooker, const struct visit *visit,
	const struct mtu_trial *trial)
{
	struct packets *packets = packets_of(onlooker);
	struct evidence_path *path;

	live_capture_await(packets->live, visit);
	if (visit->state != VISIT_WALKED)
		return;
	packets->paths = arena_grow(packets->arena, packets->paths,
		packets->count, &packets->room, sizeof(*packets->paths));
	path = &packets->paths[packets->count++];
	*path = evidence_path_of(packets->arena, visit);
	if (trial)
		path->trial = mtu_trial_part(trial, visit);
}

static void on_ends(struct onlooker *onlooker)
{
	live_capture_leave(packets_of(onlooker)->live);
}

static void add_report(struct packets *packets, struct span text)
{
	packets->reports = arena_grow(packets->arena, packets->reports,
		packets->report_count, &packets->report_room,
		sizeof(*packets->reports));
	packets->reports[packets->report_count++] = text;
}

/* As it was typed.  No option holds a secret: keys are in files. */
static void add_command_line(struct packets *packets)
{
	struct span words, why, line = SPAN("command line:");

	if (!file_read(packets->arena, "/proc/self/cmdline",
		    PACKETS_REPORTS_MAX, &words, &why))
		words = SPAN("");
	while (words.len) {
		struct span word = span_cut(&words, '\0');

		word = escape_text(packets->arena, word);
		line = arena_print(packets->arena, "%.*s %.*s", SPAN_ARG(line),
			SPAN_ARG(word));
	}
	add_report(packets, line);
}

struct packets *packets_open(
	struct arena *arena, const char *folder, struct span *why)
{
	struct arena *home = arena_open();
	struct packets *packets = arena_new(home, struct packets);

	packets->home = home;
	packets->onlooker = (struct onlooker){ .begins = on_begins,
		.plans = on_plans,
		.walked = on_walked,
		.ends = on_ends };
	packets->live = live_capture_open(home, folder, why);
	if (!packets->live) {
		*why = arena_copy(arena, *why);
		arena_close(home);
		return NULL;
	}
	packets->arena = arena_open();
	add_command_line(packets);
	return packets;
}

void packets_close(struct packets *packets)
{
	live_capture_close(packets->live);
	free(packets->secrets);
	arena_close(packets->arena);
	arena_close(packets->home);
}

void packets_restart(struct packets *packets)
{
	live_capture_rest(packets->live);
	free(packets->secrets);
	arena_close(packets->arena);
	*packets = (struct packets){ .onlooker = packets->onlooker,
		.home = packets->home,
		.arena = arena_open(),
		.live = packets->live };
	add_command_line(packets);
}

/* ---- what else goes into the file */

void packets_take_secret(void *receiver, struct span line)
{
	struct packets *packets = receiver;
	size_t len = packets->secrets_len + line.len + 1;

	if (len > PACKETS_SECRETS_MAX)
		return;
	if (len > packets->secrets_room) {
		packets->secrets_room = 2 * len;
		packets->secrets = realloc(
			packets->secrets, packets->secrets_room);
		if (!packets->secrets)
			abort();
	}
	memcpy(packets->secrets + packets->secrets_len, line.at, line.len);
	packets->secrets[len - 1] = '\n';
	packets->secrets_len = len;
}

/* The latest of this visit: its local port may have served another before. */
struct evidence_path *packets_find(
	struct packets *packets, const struct visit *visit)
{
	for (size_t i = packets->count; i-- > 0;) {
		struct evidence_path *path = &packets->paths[i];

		if (path->remote_port == visit->path->port &&
			path->local_port == visit->source.port &&
			ip_is(&path->remote, &visit->path->remote))
			return path;
	}
	return NULL;
}

void packets_judged(struct packets *packets, const struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->visit_count; i++) {
		const struct visit_judgement *judged = &judgement->visits[i];
		struct evidence_path *path = judged->row
						     ? packets_find(packets,
							       judged->visit)
						     : NULL;

		if (path)
			path->meaning = arena_copy(
				packets->arena, judged->row->id);
	}
}

struct span packets_json(struct arena *arena, const struct outcome *outcome,
	const struct judgement *judgement)
{
	struct span line, kept;
	char *text = NULL;
	FILE *to = open_memstream(&text, &line.len);

	if (!to)
		return SPAN("");
	json_target_line(to, outcome, judgement);
	fclose(to);
	line.at = text;
	if (line.len && line.at[line.len - 1] == '\n')
		line.len--;
	kept = arena_copy(arena, line);
	free(text);
	return kept;
}

void packets_report(struct packets *packets, const struct outcome *outcome,
	const struct judgement *judgement)
{
	struct span line;

	if (packets->report_octets > PACKETS_REPORTS_MAX)
		return;
	line = packets_json(packets->arena, outcome, judgement);
	packets->report_octets += line.len;
	if (line.len && packets->report_octets <= PACKETS_REPORTS_MAX)
		add_report(packets, line);
}

/* ---- the file */

static struct span system_name(struct arena *arena)
{
	struct utsname name;

	if (uname(&name) != 0)
		return SPAN("");
	return arena_print(arena, "%s %s", name.sysname, name.release);
}

/* What a reader of the file cannot know by itself. */
static void tell_losses(struct packets *packets, const char *name,
	const struct live_facts *live, const struct evidence_facts *facts)
{
	if (live->why.len)
		note("%s: the capture ended early: %.*s", name,
			SPAN_ARG(escape_text(packets->arena, live->why)));
	if (live->dropped)
		note("%s: it is not complete: the kernel dropped %llu packets",
			name, (unsigned long long)live->dropped);
	if (!facts->packets && packets->count)
		note("%s: there is no packet in it", name);
}

bool packets_write(
	struct packets *packets, int file, const struct packets_wish *wish)
{
	const char *name = escape_text(packets->arena, span_of(wish->name)).at;
	const struct span reports[] = { packets->reports[0], wish->report };
	struct live_facts live;
	struct evidence_facts facts = { 0 };
	struct evidence_orders orders = { .spool = live_capture_spool(
						  packets->live),
		.link_type = LIVE_LINK_TYPE,
		.snap_len = LIVE_SNAP_LEN,
		.paths = wish->paths ? wish->paths : packets->paths,
		.path_count = wish->paths ? wish->count : packets->count,
		.secrets = { packets->secrets, packets->secrets_len },
		.tells_secrets = wish->tells_secrets,
		.redacts = wish->redacts,
		.application = SPAN("mxprobe " MXP_VERSION),
		.system = system_name(packets->arena),
		.reports = reports,
		.report_count = COUNT_OF(reports) };
	FILE *to = ftruncate(file, 0) == 0 || errno == EINVAL
			   ? fdopen(file, "w")
			   : NULL;
	int error = errno;
	bool is_well;

	if (!wish->report.len) {
		orders.reports = packets->reports;
		orders.report_count = packets->report_count;
	}
	live_capture_facts(packets->live, &live);
	orders.filter = live.filter;
	orders.began_ns = live.began_ns;
	orders.ended_ns = live.ended_ns;
	orders.dropped = live.dropped;
	orders.dropped_by_interface = live.dropped_by_interface;
	is_well = to && evidence_file_write(to, &orders, &facts, &error);
	if (to && fclose(to) != 0 && is_well) {
		is_well = false;
		error = errno;
	}
	if (!is_well)
		note("%s: the packets could not be written: %s", name,
			strerror(error));
	else
		tell_losses(packets, name, &live, &facts);
	return is_well;
}

const char *packets_folder_of(struct arena *arena, const char *file)
{
	const char *slash = strrchr(file, '/');

	if (!slash)
		return ".";
	if (slash == file)
		return "/";
	return arena_copy(arena, (struct span){ file, (size_t)(slash - file) })
		.at;
}
