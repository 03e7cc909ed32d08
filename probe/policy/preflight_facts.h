#ifndef MXP_PREFLIGHT_FACTS_H
#define MXP_PREFLIGHT_FACTS_H

#include "probe/policy/dnsbl.h"
#include "probe/policy/ehlo_name.h"
#include "probe/policy/preflight.h"
#include "probe/policy/soa.h"

/*
 * What is known when the lines of one source are written: nothing in it is
 * open any more.  The lines of one room each stand in a file: authentication,
 * source, message.
 */
struct preflight_facts {
	struct arena *arena;
	const struct preflight_query *query;
	const struct preflight *preflight;
	const struct preflight_source *source;
	const struct suffix_list *suffixes;
	const struct dnsbl_check *lists;        /* one for each zone */
	struct soa_check from_soa, mail_soa;
	struct span answer_domain;      /* where answers go: of Reply-To, else
					   of From; or empty */
	const struct answer *mx, *a, *aaaa;     /* of it; NULL: not asked */
	struct fcrdns_facts reverse;    /* these two where there is an ip */
	struct ehlo_name_check helo;
};

struct preflight_line preflight_say(enum preflight_status status,
	struct span evidence, struct span fix);

/* "passes" and its like, without a fix. */
struct preflight_line preflight_well(struct span evidence);
struct preflight_line preflight_na(struct span evidence);

/* The message is missing: what would be known with it. */
struct preflight_line preflight_no_message(void);

/* This host has no address to send from. */
struct preflight_line preflight_no_source(void);

typedef struct preflight_line preflight_writer(
	const struct preflight_facts *facts);

preflight_writer line_spf, line_dkim, line_spf_or_dkim, line_dmarc_record,
	line_dmarc_aligned, line_dmarc_policy, line_dkim_key_bits, line_arc;

preflight_writer aside_spf_records, aside_tree_walk, aside_elsewhere;

preflight_writer line_fcrdns, line_ptr_not_generic, line_helo, line_soa,
	line_can_receive, line_dnsbl, line_tls, line_spam_rate;
preflight_writer line_form, line_single_headers, line_from_count,
	line_message_id, line_mime, line_header_size, line_from_impersonation,
	line_display_name, line_subject_honest, line_scripts, line_one_click,
	line_unsubscribe;

/*
 * The address is one that receivers do not see: what they would find for the
 * public one in its place is not known.
 */
bool preflight_is_hidden(const struct preflight_facts *facts);
struct preflight_line preflight_hidden(const struct preflight_facts *facts);

/*
 * What was done to the message: written once, as it may take long to find.
 * Of the signatures that fail, those of DKIM first, then of ARC, newest first.
 */
void preflight_find_changes(struct arena *arena,
	const struct preflight_query *query, struct preflight *preflight);

/*
 * The web form, the list, the forwarder, told in plain words; empty where From
 * is the sender's own, or DMARC passes all the same.
 */
struct span preflight_story(const struct preflight_facts *facts);

/* "p=reject at _dmarc.example.org" */
struct span preflight_policy_text(const struct preflight_facts *facts);

/* The author's own domain has signed it, whatever became of that since. */
bool preflight_was_signed(const struct preflight_facts *facts);

/* What this host can sign for, and mend the records of: not the From domain
 * of others. */
struct span preflight_own_domain(const struct preflight *preflight);

/* The reverse names as receivers find them: another resolver's word counts
 * for more than that of ours. */
const struct fcrdns_facts *preflight_reverse(
	const struct preflight_facts *facts);

/* A signature by a domain aligned with From, whatever came of it. */
bool preflight_is_authors(const struct preflight_facts *facts,
	const struct dkim_check *check);

/* A DKIM signature that passed for a domain aligned with From. */
bool preflight_is_aligned(const struct preflight_facts *facts,
	const struct dkim_check *check);

#endif
