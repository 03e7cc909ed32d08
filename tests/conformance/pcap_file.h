#ifndef MXP_CONFORMANCE_PCAP_FILE_H
#define MXP_CONFORMANCE_PCAP_FILE_H

#include "pcap/sessions.h"
#include "tests/conformance/conformance.h"

/* The capture under `path` of a line, session by session. */
struct pcap_file;

/* NULL: the file cannot be read. */
struct pcap_file *pcap_file_open(const struct suite_question *question,
	const struct sessions_wish *wish);
const struct session_record *pcap_file_next(struct pcap_file *file);
const struct sessions *pcap_file_sessions(const struct pcap_file *file);
void pcap_file_close(struct pcap_file *file);

/* A line of the manifest. */
enum verdict pcap_judge_file(struct suite_question *question);

#endif
