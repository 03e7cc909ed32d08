#include "tests/conformance/incident_rows.h"

/* Sendmail logs no command, and the first line of a reply only.  Its bounces
 * name no address of the server: where the reply quotes ours, the family is
 * that one's.  Exim names the last of the commands that it sent in one go, and
 * to it a SYN that nobody answers is a banner that does not come. */
static const struct incident_row rows[] = {
/* clang-format off */
#define POSTFIX .mta = "postfix"
#define SENDMAIL .mta = "sendmail", .unlogged = NO_STAGE
#define EXIM .mta = "exim"
#define NO_CONNECT_LOGGED .mta = "sendmail", .unlogged = NO_STAGE | NO_IPV6
#define IPV4_TOO .tries_ipv4 = true
#define NOT_AUTHORIZED .end = BOUNCED, .ipv6 = FAILED, \
	.policy = "not-authorized-ip"
#define GREYLIST .name = "greylist", .end = DEFERRED, .ipv6 = FAILED, \
	.stage = STAGE_RCPT, .policy = "greylist"
#define SAVED .end = SENT, .ipv6 = FAILED, IPV4_TOO
#define PUT_OFF .end = DEFERRED, .ipv6 = FAILED
#define DROPPED .name = "v6-dropped", SAVED, .stage = STAGE_CONNECT, \
	.path = "no-answer"
#define RESET .name = "v6-reset", SAVED, .stage = STAGE_CONNECT, \
	.path = "refused"
#define PROHIBITED .name = "v6-adminprohibited", SAVED, \
	.stage = STAGE_CONNECT, .path = "prohibited"
#define BIG_MAIL .stage = STAGE_DOT, .path = "black-hole"
#define SMALL_MAIL .name = "v6-ptbhole-smallmail", .end = SENT, \
	.ipv6 = WORKED, .stage = -1
#define MUTE .name = "bad-mute", .stage = STAGE_BANNER, \
	.path = "server-silent"
#define TARPIT .name = "bad-tarpit", .stage = STAGE_BANNER, \
	.uncaptured = NOT_ASKED
#define B554 .name = "bad-b554", .ipv6 = FAILED, .stage = STAGE_BANNER
#define B421 .name = "bad-b421", .stage = STAGE_BANNER
#define TLS_HANG .name = "bad-tlshang", .ipv6 = FAILED, .stage = STAGE_TLS
#define DATA_CLOSE .name = "bad-dataclose", .stage = STAGE_DOT, \
	.uncaptured = NOT_ASKED
#define DATA_HANG .name = "bad-datahang", .stage = STAGE_DOT, \
	.path = "server-silent"
#define NAMELESS .stage = STAGE_RESOLVE, .policy = "dns"
#define NULL_MX .name = "nullmx", .end = BOUNCED, NAMELESS
#define NO_HOST .name = "mx-nxdomain", .end = BOUNCED, NAMELESS
#define BOGUS .name = "dnssec-bogus", .end = DEFERRED, NAMELESS
#define DENIED .stage = STAGE_RCPT, .policy = "relay-denied"
	{ POSTFIX, .name = "notauth-eom", NOT_AUTHORIZED, .stage = STAGE_DOT },
	{ SENDMAIL, .name = "notauth-eom", NOT_AUTHORIZED, .stage = STAGE_DOT },
	{ EXIM, .name = "notauth-eom", NOT_AUTHORIZED, .stage = STAGE_DOT,
	  .limit = "exim.group" },
	{ POSTFIX, .name = "notauth-mail", NOT_AUTHORIZED, .stage = STAGE_MAIL },
	{ SENDMAIL, .name = "notauth-mail", NOT_AUTHORIZED, .stage = STAGE_MAIL },
	{ EXIM, .name = "notauth-mail", NOT_AUTHORIZED, .stage = STAGE_DOT,
	  .limit = "exim.group" },
	{ POSTFIX, .name = "ipv6auth-no-ptr", .end = BOUNCED, .ipv6 = FAILED,
	  .stage = STAGE_DOT, .policy = "ipv6-specific" },
	{ .mta = "sendmail", .name = "ipv6auth-no-ptr", .end = BOUNCED,
	  .ipv6 = FAILED, .stage = STAGE_DOT, .policy = "ipv6-specific",
	  .unlogged = NO_STAGE | NO_POLICY },
	{ POSTFIX, .name = "spf-forgot-ipv6", .end = BOUNCED, .ipv6 = FAILED,
	  .stage = STAGE_RCPT, .policy = "spf" },
	{ EXIM, .name = "spf-forgot-ipv6", .end = BOUNCED, .ipv6 = FAILED,
	  .stage = STAGE_RCPT, .policy = "spf" },
	{ .mta = "sendmail", .name = "dmarc-reject", .end = BOUNCED,
	  .ipv6 = FAILED, .stage = STAGE_DOT, .policy = "dmarc",
	  .unlogged = NO_STAGE | NO_POLICY },
	/* That server puts off who is new before it looks at the content. */
	{ POSTFIX, .name = "dmarc-reject", PUT_OFF, IPV4_TOO,
	  .stage = STAGE_RCPT, .policy = "greylist" },
	{ EXIM, .name = "dmarc-reject", .end = BOUNCED, .ipv6 = FAILED,
	  .stage = STAGE_DOT, .policy = "dmarc" },
	{ POSTFIX, GREYLIST, IPV4_TOO },
	{ SENDMAIL, GREYLIST },
	{ EXIM, GREYLIST, IPV4_TOO },
	{ POSTFIX, DROPPED },
	{ NO_CONNECT_LOGGED, DROPPED },
	{ EXIM, DROPPED, .unlogged = NO_STAGE, .limit = "exim.stage" },
	{ POSTFIX, RESET },
	{ NO_CONNECT_LOGGED, RESET },
	{ EXIM, RESET },
	{ POSTFIX, PROHIBITED },
	{ NO_CONNECT_LOGGED, PROHIBITED },
	{ EXIM, PROHIBITED },
	{ POSTFIX, .name = "v6-ptbhole-bigmail", SAVED, BIG_MAIL },
	{ SENDMAIL, .name = "v6-ptbhole-bigmail", PUT_OFF, BIG_MAIL },
	{ EXIM, .name = "v6-ptbhole-bigmail", SAVED, BIG_MAIL },
	{ POSTFIX, SMALL_MAIL },
	{ SENDMAIL, SMALL_MAIL },
	{ EXIM, SMALL_MAIL },
	{ POSTFIX, .name = "both-ptbhole-bigmail", PUT_OFF, IPV4_TOO, BIG_MAIL },
	{ SENDMAIL, .name = "both-ptbhole-bigmail", PUT_OFF, BIG_MAIL },
	{ EXIM, .name = "both-ptbhole-bigmail", PUT_OFF, IPV4_TOO, BIG_MAIL },
	{ POSTFIX, .name = "opensmtpd-broken-starttls", SAVED,
	  .stage = STAGE_TLS, .uncaptured = NOT_ASKED },
	{ SENDMAIL, .name = "opensmtpd-broken-starttls", PUT_OFF,
	  .stage = STAGE_TLS, .uncaptured = NOT_ASKED },
	{ EXIM, .name = "opensmtpd-broken-starttls", PUT_OFF, IPV4_TOO,
	  .stage = STAGE_TLS, .uncaptured = NOT_ASKED },
	{ POSTFIX, MUTE, SAVED },
	{ SENDMAIL, MUTE, PUT_OFF },
	{ EXIM, MUTE, SAVED, .unlogged = NO_STAGE },
	{ POSTFIX, TARPIT, SAVED },
	{ SENDMAIL, TARPIT, PUT_OFF },
	{ EXIM, TARPIT, SAVED, .unlogged = NO_STAGE },
	{ POSTFIX, B554, .end = SENT, IPV4_TOO },
	{ SENDMAIL, B554, .end = BOUNCED, .unbounced = NO_IPV6 },
	{ EXIM, B554, .end = SENT, IPV4_TOO },
	{ POSTFIX, B421, SAVED },
	{ SENDMAIL, B421, PUT_OFF },
	{ EXIM, B421, SAVED },
	{ POSTFIX, TLS_HANG, .end = SENT, IPV4_TOO, .path = "server-silent" },
	{ NO_CONNECT_LOGGED, TLS_HANG, .end = OPEN, .uncaptured = NOT_ASKED },
	{ POSTFIX, DATA_CLOSE, SAVED },
	{ SENDMAIL, DATA_CLOSE, PUT_OFF },
	{ EXIM, DATA_CLOSE, SAVED },
	{ EXIM, DATA_HANG, SAVED },
	{ POSTFIX, DATA_HANG, SAVED },
	{ SENDMAIL, DATA_HANG, PUT_OFF },
	{ POSTFIX, NULL_MX },
	{ .mta = "sendmail", NULL_MX, .unbounced = NO_STAGE },
	{ EXIM, NULL_MX, .unbounced = NO_STAGE },
	{ EXIM, NO_HOST, .unbounced = NO_STAGE },
	{ EXIM, BOGUS },
	{ POSTFIX, NO_HOST },
	{ .mta = "sendmail", NO_HOST, .unbounced = NO_STAGE },
	{ POSTFIX, BOGUS },
	{ .mta = "sendmail", BOGUS },
	{ POSTFIX, .name = "v6only", PUT_OFF, DENIED },
	{ SENDMAIL, .name = "v6only", PUT_OFF, DENIED },
	{ EXIM, .name = "v6only", PUT_OFF, DENIED },
	{ POSTFIX, .name = "cname-mx", PUT_OFF, IPV4_TOO, DENIED },
	{ SENDMAIL, .name = "cname-mx", PUT_OFF, DENIED },
	{ EXIM, .name = "cname-mx", PUT_OFF, IPV4_TOO, DENIED },
	{ POSTFIX, .name = "ip-literal-mx", .end = DEFERRED, IPV4_TOO, DENIED },
	{ SENDMAIL, .name = "ip-literal-mx", .end = DEFERRED, IPV4_TOO, DENIED },
	/* It takes no address for a name. */
	{ EXIM, .name = "ip-literal-mx", .end = BOUNCED, NAMELESS,
	  .unbounced = NO_STAGE },
	{ POSTFIX, .name = "dane-ok", .end = SENT, .ipv6 = WORKED, .stage = -1 },
	/* Why the client left is not said on the wire. */
	{ POSTFIX, .name = "dane-mismatch", PUT_OFF, IPV4_TOO,
	  .stage = STAGE_TLS, .uncaptured = NO_IPV6 | NO_STAGE },
	/* clang-format on */
};

const struct incident_row *incident_row_of(struct span mta, struct span name)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (span_is(mta, span_of(rows[i].mta)) &&
			span_is(name, span_of(rows[i].name)))
			return &rows[i];
	return NULL;
}
