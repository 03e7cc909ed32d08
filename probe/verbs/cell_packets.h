#ifndef MXP_CELL_PACKETS_H
#define MXP_CELL_PACKETS_H

#include "probe/judge/result_row.h"
#include "probe/verbs/packets.h"
#include "probe/verbs/program.h"

/*
 * The packets of scenarios: all of them with --pcap FILE, and those of each cell
 * that fails where its scenario says `on failure pcap`, in a file of its own.
 * All is captured and little is kept, since which cells fail is known only when
 * they have.
 */
struct cell_file;

struct cell_packets {
	struct arena *arena;            /* of the walk */
	struct program *program;        /* whose `packets` stay for the next
					   walk; NULL: nothing is captured */
	struct cell_file *files;
	size_t count, room;
};

enum { CELL_FILES_MAX = 256 };  /* of one walk; the others are told as lost */

/*
 * Before the walk, and the privilege to capture goes with it.  False: --pcap was
 * asked for and cannot be had.  What only a scenario asks for is told to be
 * missing, and the walk goes on.
 */
bool cell_packets_open(struct cell_packets *cells, struct arena *arena,
	struct program *program, bool is_asked_for);

/* A row, as it is told. */
void cell_packets_row(struct cell_packets *cells,
	const struct result_row *row);

/* Writes them all.  False: it was told which is not whole. */
bool cell_packets_close(struct cell_packets *cells);

#endif
