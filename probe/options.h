#ifndef MXP_OPTIONS_H
#define MXP_OPTIONS_H

#include "probe/facts/mta_config.h"
#include "probe/facts/outcome.h"
#include "probe/judge/own_prefix.h"
#include "probe/walk/dialogue.h"
#include "probe/walk/plan.h"

/*
 * The command line, as plain values.  One table in options.c knows every
 * option; --help is printed from it.  Options may stand before and behind the
 * targets, "--" ends them.
 */
enum option_tls { OPTION_TLS_NONE, OPTION_TLS_MAY, OPTION_TLS_ENCRYPT,
	OPTION_TLS_DANE, OPTION_TLS_SECURE };
enum option_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_JSONL };
enum option_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum option_mtu_trial { MTU_TRIAL_ON_HANG, MTU_TRIAL_ALWAYS, MTU_TRIAL_NEVER };

enum {
	OPTIONS_TARGETS_MAX = 1000 * 1000,
	OPTIONS_PARALLEL_MAX = 16384,
	OPTIONS_FILE_MAX = 64 * 1024 * 1024,
};

/* --resolve HOST:PORT:ADDR: this host is at this address, no DNS. */
struct known_host {
	struct span host;               /* normalised */
	uint16_t port;
	struct ip ip;
};

/* mxprobe preflight: see probe/policy/preflight.h. */
struct preflight_options {
	struct span domain;             /* a domain or mailbox; or empty */
	const char *message_file;       /* NULL: a what-if */
	bool has_mail_from;
	struct span mail_from;          /* mailbox, domain, or "" for <> */
	struct span from;               /* mailbox or domain; or empty */
	struct span helo;               /* empty: the host's name */
	struct ip *sources;             /* none: this host's own */
	size_t source_count, source_room;
	struct span *profiles;          /* none: all */
	size_t profile_count, profile_room;
	struct span *zones;
	size_t zone_count, zone_room;
	bool only_spf;                  /* --spf-ip: tell of SPF alone */
	struct span other_dns;          /* servers, comma-separated; or empty */
	const char *other_answers_file; /* NULL: as other_dns says */
};

/* mxprobe check and run: see probe/check_run.h, probe/matrix_run.h. */
struct check_options {
	const char **files;
	size_t file_count, file_room;
	bool lists_verbs;
	bool shows_plan;
	bool lists_bundled;             /* run: what comes with the program */
	bool rehearses;                 /* run: on loopback, see
					   probe/rehearsal.h */
	struct span tag;                /* run: only scenarios with it; empty:
					   all */
	struct span *only;              /* run: see probe/selection.h */
	size_t only_count, only_room;
	bool is_strict;                 /* run: what is not decided fails */
	bool only_due;                  /* run: by their schedules, once ... */
	bool watches;                   /* ... or all the time */
	bool tells_why_skipped;         /* run: instead of walking */
	bool tells_failures;            /* run: of nothing else, in text */
};

/* mxprobe history: see probe/store/history_read.h. */
struct history_options {
	struct span target;             /* or part of a key; empty: all */
	struct span run;                /* its name; empty: none */
	struct span accept;             /* a baseline's name; or empty */
	uint64_t since_ms;              /* this old at most; 0: any age */
	unsigned limit;                 /* 0: as usual */
	bool shows_rows;
	bool prunes;
	uint64_t prune_ms;              /* what is older goes */
	bool checks;
};

/* mxprobe diff: see probe/judge/difference.h. */
struct diff_options {
	struct span runs[2];            /* as named; or files */
	size_t count;
	uint64_t ratio;                 /* thousandths; 0: as usual */
	uint64_t floor_us;
};

/* mxprobe trace: see probe/trace_run.h. */
struct trace_options {
	bool omits_names;               /* of routers */
	bool has_control;               /* said, so traced in any case */
	uint16_t control_port;          /* 0: none */
	unsigned wait_ms;               /* for the answer to one SYN */
	unsigned banner_ms;             /* for what an open port says */
};

/* mxprobe explain: see probe/verbs/explanation.h. */
struct explain_options {
	const char **names;             /* of files, or an id of the codebook */
	size_t name_count, name_room;
	bool lists;                     /* the codebook */
	bool follows;                   /* logs that grow */
	unsigned long session;          /* of a capture; 0: all in short */
	const char *keylog_file;        /* that is read */
	const char *log_zone;           /* as typed; NULL: not told */
	struct own_prefix *ours;
	size_t our_count, our_room;
};

/* --report-junit FILE and its like; "-" is standard output. */
struct named_report {
	struct span format;             /* "junit" */
	const char *file;
};

enum verb { VERB_WALK, VERB_PREFLIGHT, VERB_CHECK, VERB_RUN, VERB_HISTORY,
	VERB_DIFF, VERB_TRACE, VERB_EXPLAIN };

struct options {
	enum verb verb;
	struct preflight_options preflight;
	struct check_options check;
	struct history_options history;
	struct diff_options diff;
	struct trace_options trace;
	struct explain_options explain;
	struct span *targets;           /* as typed, or a line of --targets */
	size_t target_count, target_room;
	bool wanted[FAMILY_COUNT];
	bool binds[FAMILY_COUNT];
	struct ip bind_to[FAMILY_COUNT];
	const char *interface;
	struct span ehlo[FAMILY_COUNT]; /* empty: worked out */
	struct span from, to;           /* mailboxes */
	bool has_from;                  /* also for the empty one, <> */
	struct span server;             /* HOST or HOST:PORT or [ADDR]:PORT */
	uint16_t port;
	enum mx_choice mx_choice;
	unsigned mx_first;
	bool has_only;
	struct ip only;
	struct known_host *known;
	size_t known_count, known_room;
	struct span dns;                /* servers, comma-separated; or empty */
	bool trusts_ad;                 /* also of a resolver far away */
	const char *answers_file, *save_answers_file;
	enum stage quit_after;
	bool has_quit_after;
	bool deliver;
	const char *message_file;
	size_t message_size;            /* of our own, at least; of a
					   scenario's cells only */
	const char *dkim_key_file;      /* NULL: the message is not signed */
	struct span dkim_selector;
	struct span dkim_domain;        /* empty: that of --from */
	enum option_tls tls;
	struct span sni;
	const char *ca_file, *ca_dir, *keylog;
	struct patience patience;
	const char *targets_file;
	unsigned parallel;              /* 0: the default of the mode */
	unsigned pause_ms;              /* between two visits of one host */
	unsigned repeat;                /* 1: walk once, and report in full */
	bool i_run_this_server;
	bool isolates;                  /* see probe/judge/isolation.h */
	unsigned isolate_max;           /* connections; 0: as usual */
	enum option_mtu_trial mtu_trial;        /* see probe/mtu_trial_run.h */
	bool pipelines;
	bool pipelines_always, talks_early;     /* of a scenario's cells only */
	const char *pcap_file;          /* NULL: nothing is captured */
	const char *pcap_folder;        /* of `on failure pcap`; NULL: here */
	bool redacts;                   /* what is captured */
	const char *codebook_file;
	const char *history_file;       /* NULL: at the usual place */
	bool no_history;                /* nothing is recorded */
	enum option_format format;
	enum option_color color;
	struct named_report *reports;
	size_t report_count, report_room;
	bool exits_as_plugin;           /* --exit-style nagios */
	bool dry_run, quiet, verbose;
	bool prints_scenario;           /* instead of walking */
	bool asks_mta;                  /* --mta: what this mail server would
					   do; nothing is walked */
	enum mta mta;
	const char *mta_config_file;    /* NULL: its defaults */
};

enum options_result {
	OPTIONS_RUN,            /* go */
	OPTIONS_DONE,           /* --help or --version: *text is for stdout */
	OPTIONS_WRONG,          /* *text has every error, a line each */
};

/*
 * Reads argv[1..] and nothing else: files are only named here, and read by
 * whoever needs them.  *text is safe for a terminal.
 */
enum options_result options_parse(struct arena *arena, int argc,
	const char *const *argv, struct options *options, struct span *text);

/*
 * The list of --targets FILE: one a line, # begins a comment.  Returns how many
 * lines say what an earlier one said: each target is walked once.
 */
size_t options_add_targets(struct arena *arena, struct options *options,
	struct span file_text);

#endif
