/*
 * pcap_ours FILE SESSIONS: all sessions of a capture, every reply and command
 * with its times and what it answers, every message with what became of it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "pcap/sessions.h"

struct census {
	unsigned long sessions, talks, accepted, rejected;
};

static void count(struct sessions *sessions, struct census *census)
{
	const struct session_record *record;

	while ((record = sessions_next(sessions))) {
		census->sessions++;
		census->talks += record->talk_count;
		for (size_t i = 0; i < record->mail_count; i++) {
			census->accepted +=
				record->mails[i].outcome == MAIL_ACCEPTED;
			census->rejected +=
				record->mails[i].outcome == MAIL_REJECTED;
		}
	}
}

static void read_file(int file, struct sessions *sessions,
	struct census *census)
{
	static char room[256 * 1024];
	ssize_t len;

	while ((len = read(file, room, sizeof(room))) > 0) {
		struct span input = { room, (size_t)len };

		while (sessions_read(sessions, &input) == CAPTURE_PACKET)
			count(sessions, census);
	}
	sessions_end(sessions);
	count(sessions, census);
}

int main(int argc, char **argv)
{
	struct sessions *sessions = sessions_open(NULL);
	struct census census = { 0 };
	int file;

	if (argc != 3)
		return 2;
	file = open(argv[1], O_RDONLY);
	if (file < 0)
		return 1;
	read_file(file, sessions, &census);
	close(file);
	sessions_close(sessions);
	return census.sessions != strtoul(argv[2], NULL, 10) ||
	       census.accepted + census.rejected != census.sessions ||
	       census.rejected != census.sessions / 10;
}
