#ifndef MXP_MTA_CONFIG_FILE_H
#define MXP_MTA_CONFIG_FILE_H

#include "probe/facts/mta_config.h"

/*
 * Reads the settings of struct mta_config out of a mail server's own file:
 *
 *	Postfix    main.cf, or what `postconf` or `postconf -n` prints
 *	Exim       the configuration, or what `exim -bP` prints
 *	Sendmail   sendmail.cf or sendmail.mc
 *	OpenSMTPD  smtpd.conf
 *
 * It never fails.  A value that it cannot make sense of is left as the
 * program's default, and a doubt says so; other lines mean nothing to it.
 * Spans point into the text, which is to live as long as the arena.
 */
enum { MTA_CONFIG_FILE_MAX = 4 * 1024 * 1024 }; /* octets, for file_read() */

void mta_config_read(struct arena *arena, enum mta mta, struct span file,
	struct span text, struct mta_config *config);

#endif
