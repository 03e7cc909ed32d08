#include "tests/hostile/cases.h"

#include "probe/base/attr.h"

/* clang-format off */

#define BANNER  "220 mx.test ESMTP\r\n"
#define GREET   SAY(BANNER)
#define MEBI    (1024 * 1024)   /* endless: 64 of them, over PEAK_KIB_MAX */
#define KEYWORD "250-XKEYWORD with some parameters\r\n"
#define ESCAPES "\x1b[2J\x1b]0;owned\x07\x1b[31m \x9b" "31m \xc2\x9b" \
		"31m \xe2\x80\xae" "desrever\x08\x7f"

const struct hostile_case hostile_cases[] = {

/* ---- nothing wrong: what all others differ from */

{ .name = "an ordinary server is walked to the end over both families",
  .ipv6 = { { GREET, WELL } }, .message = MESSAGE_SMALL },

{ .name = "an ordinary server is walked to the end inside TLS",
  .ipv6 = { { GREET, WELL } }, .message = MESSAGE_SMALL, .tls = "secure",
  .heard = "STARTTLS" },

{ .name = "a big message is taken whole",
  .ipv6 = { { GREET, WELL } }, .message = MESSAGE_BIG, .tls = "may" },

/* ---- nobody there */

{ .name = "nobody listens on IPv6",
  .nobody_ipv6 = true,
  .failure = "connection_refused", .stage = "connect" },

{ .name = "nobody listens at all",
  .nobody_ipv4 = true, .nobody_ipv6 = true,
  .failure = "connection_refused", .stage = "connect" },

/* ---- silence and slowness */

{ .name = "a server that never says a word",
  .ipv6 = { { HANG } },
  .options = { "--banner-timeout", "0.4" }, .cut_ms = 400,
  .failure = "timeout", .stage = "banner" },

{ .name = "half a banner and then silence",
  .ipv6 = { { SAY("220 mx.te"), HANG } },
  .options = { "--banner-timeout", "0.4" }, .cut_ms = 400,
  .failure = "timeout", .stage = "banner" },

{ .name = "half an EHLO reply and then silence",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"),
	SAY("250-mx.test\r\n250-SIZE 1000\r\n250 HE"), HANG } },
  .options = { "--command-timeout", "0.4" }, .cut_ms = 400,
  .failure = "timeout", .stage = "ehlo" },

{ .name = "silence after MAIL",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"), HANG } },
  .options = { "--command-timeout", "0.4" }, .cut_ms = 400,
  .failure = "timeout", .stage = "mail", .never = "RCPT" },

{ .name = "silence after RCPT",
  .ipv6 = { { GREET, WELL_UNTIL("RCPT"), HANG } },
  .options = { "--command-timeout", "0.4" }, .cut_ms = 400,
  .failure = "timeout", .stage = "rcpt" },

{ .name = "silence after DATA",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), HANG } }, .message = MESSAGE_SMALL,
  .options = { "--command-timeout", "0.4", "--data-timeout", "0.4" },
  .cut_ms = 400, .failure = "timeout", .stage = "data" },

{ .name = "silence after the dot",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"), HEAR_MESSAGE,
	HANG } }, .message = MESSAGE_SMALL,
  .options = { "--data-timeout", "0.4" }, .cut_ms = 400,
  .failure = "timeout", .stage = "dot" },

{ .name = "a server that never reads the message it asked for",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"), HANG } },
  .message = MESSAGE_BIG,
  .options = { "--data-timeout", "0.5" }, .cut_ms = 500,
  .failure = "timeout", .stage = "dot" },

{ .name = "a drip of bytes does not put the timeout of its stage off",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"),
	DRIP(100, "250-mx.test takes its time\r\n250-and more of it\r\n"
		"250 HELP\r\n") } },
  .options = { "--command-timeout", "0.6" }, .cut_ms = 600,
  .failure = "timeout", .stage = "ehlo" },

{ .name = "a drip of bytes in the banner ends at the banner's timeout",
  .ipv6 = { { DRIP(100, BANNER BANNER BANNER) } },
  .options = { "--banner-timeout", "0.6" }, .cut_ms = 600,
  .failure = "timeout", .stage = "banner" },

{ .name = "a drip of whole lines does not put the timeout off either",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"),
	SAY("250-a\r\n"), PAUSE(200), SAY("250-b\r\n"), PAUSE(200),
	SAY("250-c\r\n"), PAUSE(200), SAY("250-d\r\n"), PAUSE(200),
	SAY("250-e\r\n"), PAUSE(200), SAY("250-f\r\n"), HANG } },
  .options = { "--command-timeout", "0.5" }, .cut_ms = 500,
  .failure = "timeout", .stage = "ehlo" },

{ .name = "the time for all of it ends a drip that no stage would",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"),
	DRIP(100, "250-mx.test takes its time\r\n250-and more of it\r\n"
		"250 HELP\r\n") } },
  .options = { "--command-timeout", "20", "-m", "0.8" }, .cut_ms = 500,
  .failure = "timeout", .stage = "ehlo" },

{ .name = "a slow but honest server passes",
  .ipv6 = { { DRIP(15, BANNER), WELL_UNTIL("EHLO"),
	DRIP(10, "250-mx.test\r\n250 HELP\r\n"), WELL_UNTIL("MAIL"),
	DRIP(15, "250 2.1.0 at last\r\n"), WELL } } },

{ .name = "a pause in every reply, shorter than the timeout, passes",
  .ipv6 = { { PAUSE(300), GREET, WELL_UNTIL("EHLO"), PAUSE(300),
	SAY("250 mx.test\r\n"), WELL_UNTIL("MAIL"), PAUSE(300),
	SAY("250 2.1.0 ok\r\n"), WELL_UNTIL("RCPT"), PAUSE(300),
	SAY("250 2.1.5 ok\r\n"), WELL } },
  .options = { "--command-timeout", "0.8", "--banner-timeout", "0.8" } },

{ .name = "replies cut at every byte pass",
  .ipv6 = { { DRIP(1, "220-mx.test\r\n" BANNER), WELL_UNTIL("EHLO"),
	DRIP(1, "250-mx.test\r\n250-SIZE 1000000\r\n250 HELP\r\n"),
	WELL_UNTIL("MAIL"), DRIP(1, "250 2.1.0 ok\r\n"), WELL_UNTIL("DATA"),
	DRIP(1, "354 go on\r\n"), HEAR_MESSAGE,
	DRIP(1, "250-2.0.0 taken\r\n250 2.0.0 as 1\r\n"), WELL } },
  .message = MESSAGE_SMALL },

/* ---- without end */

{ .name = "an endless banner without a line end",
  .ipv6 = { { SAY("220 "), ENDLESS(64 * MEBI, "welcome ") } },
  .failure = "smtp_syntax", .stage = "banner", .never = "EHLO" },

{ .name = "endless continuation lines in the banner",
  .ipv6 = { { ENDLESS(64 * MEBI, "220-still greeting\r\n") } },
  .failure = "smtp_syntax", .stage = "banner", .never = "EHLO" },

{ .name = "a line of ten megabytes in the banner",
  .ipv6 = { { SAY("220 "), ENDLESS(10 * MEBI, "x"), SAY("\r\n"), WELL } },
  .failure = "smtp_syntax", .stage = "banner", .never = "EHLO" },

{ .name = "endless keywords in the EHLO reply",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"), ENDLESS(64 * MEBI, KEYWORD) } },
  .failure = "smtp_syntax", .stage = "ehlo", .never = "MAIL" },

{ .name = "an endless line in the answer to RCPT",
  .ipv6 = { { GREET, WELL_UNTIL("RCPT"), SAY("250 "),
	ENDLESS(64 * MEBI, "yes ") } },
  .failure = "smtp_syntax", .stage = "rcpt" },

{ .name = "endless lines after the dot",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"), HEAR_MESSAGE,
	ENDLESS(64 * MEBI, "250-taken, and that is not all\r\n") } },
  .message = MESSAGE_SMALL,
  .failure = "smtp_syntax", .stage = "dot" },

{ .name = "endless keywords inside TLS",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_GOOD), WELL_UNTIL("EHLO"),
	ENDLESS(64 * MEBI, KEYWORD) } }, .tls = "may",
  .failure = "smtp_syntax", .stage = "ehlo|tls", .never = "MAIL" },

{ .name = "two hundred keywords are only many",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"), SAY("250-mx.test\r\n"),
	ENDLESS(200 * (sizeof(KEYWORD) - 1), KEYWORD), SAY("250 HELP\r\n"),
	WELL } },
  .shows = "XKEYWORD" },

{ .name = "a SIZE beyond all numbers is no limit",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"),
	SAY("250-mx.test\r\n250-SIZE 99999999999999999999999999999\r\n"
		"250 8BITMIME\r\n"), WELL } }, .message = MESSAGE_SMALL },

/* ---- not quite SMTP, and not SMTP */

{ .name = "a line that ends in LF alone is read and noted",
  .ipv6 = { { SAY("220 mx.test ESMTP\n"), WELL_UNTIL("EHLO"),
	SAY("250-mx.test\n250 HELP\n"), WELL } },
  .oddity = "bare-lf" },

{ .name = "a NUL in a reply is read and noted",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"), SAY("250 2.1.0 o\0k\0\r\n"), WELL } },
  .oddity = "control" },

{ .name = "a NUL in a refusal does not hide what follows it",
  .ipv6 = { { GREET, WELL_UNTIL("RCPT"),
	SAY("550 5.7.1 no\0, because of the rules\r\n"), WELL } },
  .failure = "smtp_5xx", .stage = "rcpt", .code = 550,
  .shows = "rules", .in_text = true },

{ .name = "a CR inside a line is read and noted",
  .ipv6 = { { SAY("220 mx.test\rESMTP\r\n"), WELL } },
  .oddity = "bare-cr", .in_text = true },

{ .name = "UTF-8 in the banner and in a refusal",
  .ipv6 = { { SAY("220 mx.test gr\xc3\xbc\xc3\x9f \xe6\x97\xa5\r\n"),
	WELL_UNTIL("RCPT"), SAY("550 5.1.1 unbekannter Empf\xc3\xa4nger\r\n"),
	WELL } },
  .failure = "smtp_5xx", .stage = "rcpt", .code = 550, .in_text = true },

{ .name = "bytes that are not UTF-8 in the banner and in a refusal",
  .ipv6 = { { SAY("220 mx.test gr\xfc\xdf \xff\xfe\xc3\r\n"),
	WELL_UNTIL("RCPT"), SAY("550 5.1.1 unbekannter Empf\xe4nger\r\n"),
	WELL } },
  .failure = "smtp_5xx", .stage = "rcpt", .code = 550, .in_text = true },

{ .name = "terminal escape sequences in the banner reach no terminal",
  .ipv6 = { { SAY("220 mx.test " ESCAPES "\r\n"), WELL } },
  .oddity = "control", .in_text = true },

{ .name = "terminal escape sequences in a refusal reach no terminal",
  .ipv6 = { { GREET, WELL_UNTIL("RCPT"), SAY("550-5.7.1 " ESCAPES "\r\n"
	"550 5.7.1 " ESCAPES "\r\n"), WELL } },
  .failure = "smtp_5xx", .stage = "rcpt", .code = 550, .lines = 2,
  .in_text = true },

{ .name = "terminal escape sequences in the EHLO reply reach no terminal",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"), SAY("250-mx.test " ESCAPES "\r\n"
	"250-X" ESCAPES " " ESCAPES "\r\n250 HELP\r\n"), WELL } },
  .in_text = true },

{ .name = "a code that changes within a reply",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"), SAY("250-2.1.0 yes\r\n550 no\r\n"),
	WELL } },
  .failure = "smtp_syntax", .stage = "mail", .never = "RCPT" },

{ .name = "a code alone is a reply",
  .ipv6 = { { SAY("220\r\n"), WELL_UNTIL("MAIL"), SAY("250\r\n"), WELL } } },

{ .name = "a code out of range",
  .ipv6 = { { SAY("999 mx.test ESMTP\r\n"), WELL } },
  .failure = "smtp_syntax", .stage = "banner", .never = "MAIL" },

{ .name = "an empty line instead of a reply",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"), SAY("\r\n"), WELL } },
  .failure = "smtp_syntax", .stage = "mail" },

{ .name = "a server of another protocol",
  .ipv6 = { { SAY("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
	CLOSE } },
  .failure = "smtp_syntax", .stage = "banner", .never = "MAIL" },

{ .name = "bytes without meaning",
  .ipv6 = { { SAY("\x16\x03\x01\0\x02\x02\x28\xff\xfe\0\0\r\n\r\n"),
	HANG } },
  .failure = "smtp_syntax", .stage = "banner", .never = "MAIL",
  .in_text = true },

/* ---- replies that fit no question */

{ .name = "a server that answers before it is asked",
  .ipv6 = { { SAY(BANNER "250-mx.test\r\n250 HELP\r\n250 ok\r\n250 ok\r\n"),
	HANG } },
  .failure = "smtp_unexpected", .stage = "banner|ehlo", .never = "MAIL" },

{ .name = "two replies to one command",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"),
	SAY("250 2.1.0 ok\r\n250 2.1.0 ok\r\n"), WELL } },
  .failure = "smtp_unexpected", .stage = "mail|rcpt" },

{ .name = "a greeting that asks for the message",
  .ipv6 = { { SAY("354 go on\r\n"), WELL } },
  .failure = "smtp_unexpected", .stage = "banner", .never = "MAIL" },

{ .name = "a message asked for at MAIL",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"), SAY("354 go on\r\n"), WELL } },
  .failure = "smtp_unexpected", .stage = "mail", .never = "RCPT" },

{ .name = "a yes to DATA where the message should be asked for",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("250 2.0.0 done\r\n"), WELL } },
  .message = MESSAGE_SMALL,
  .failure = "smtp_unexpected", .stage = "data", .never = "Subject:" },

{ .name = "a message asked for again after its dot",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"), HEAR_MESSAGE,
	SAY("354 more\r\n"), WELL } }, .message = MESSAGE_SMALL,
  .failure = "smtp_unexpected", .stage = "dot" },

/* ---- refusals */

{ .name = "a banner that refuses for good",
  .ipv6 = { { SAY("554-mx.test\r\n554 5.7.1 no service for you\r\n"), WELL } },
  .failure = "smtp_5xx", .stage = "banner", .code = 554, .lines = 2,
  .never = "MAIL", .in_text = true },

{ .name = "a banner that refuses for now",
  .ipv6 = { { SAY("421 4.7.0 too many connections\r\n"), CLOSE } },
  .failure = "smtp_4xx", .stage = "banner", .code = 421 },

{ .name = "EHLO refused, HELO taken",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"),
	SAY("502 5.5.2 command not implemented\r\n"), WELL } },
  .heard = "HELO ", .used_helo = true },

{ .name = "EHLO and HELO refused",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"), SAY("550 5.7.1 bad name\r\n"),
	WELL_UNTIL("HELO"), SAY("550 5.7.1 bad name\r\n"), WELL } },
  .failure = "smtp_5xx", .stage = "ehlo", .code = 550, .never = "MAIL" },

{ .name = "MAIL refused",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"), SAY("550 5.7.1 not you\r\n"),
	WELL } },
  .failure = "smtp_5xx", .stage = "mail", .code = 550, .never = "RCPT",
  .heard = "QUIT" },

{ .name = "RCPT refused",
  .ipv6 = { { GREET, WELL_UNTIL("RCPT"), SAY("550 5.1.1 nobody\r\n"),
	WELL } }, .message = MESSAGE_SMALL,
  .failure = "smtp_5xx", .stage = "rcpt", .code = 550, .never = "DATA",
  .heard = "QUIT" },

{ .name = "RCPT put off",
  .ipv6 = { { GREET, WELL_UNTIL("RCPT"),
	SAY("450 4.2.1 mailbox busy\r\n"), WELL } },
  .failure = "smtp_4xx", .stage = "rcpt", .code = 450, .heard = "QUIT" },

{ .name = "RCPT greylisted decides nothing",
  .ipv6 = { { GREET, WELL_UNTIL("RCPT"),
	SAY("450 4.2.0 greylisted, come back later\r\n"), WELL } },
  .failure = "smtp_4xx", .stage = "rcpt", .code = 450, .heard = "QUIT",
  .undecided = true },

{ .name = "DATA refused",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("550 5.7.1 no\r\n"), WELL } },
  .message = MESSAGE_SMALL,
  .failure = "smtp_5xx", .stage = "data", .code = 550, .heard = "QUIT",
  .never = "Subject:" },

{ .name = "the message refused in many lines",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"), HEAR_MESSAGE,
	SAY("550-5.7.1 [::1] This address may not\r\n"
		"550-5.7.1 send mail here by itself. Ask the\r\n"
		"550-5.7.1 provider for its relay, and read\r\n"
		"550 5.7.1 https://mx.test/why token-1234 - hostile\r\n"),
	WELL } }, .message = MESSAGE_SMALL,
  .failure = "smtp_5xx", .stage = "dot", .code = 550, .lines = 4,
  .shows = "token-1234", .heard = "QUIT", .in_text = true },

{ .name = "the message refused inside TLS",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_GOOD), WELL_UNTIL("DATA"), SAY("354 go on\r\n"),
	HEAR_MESSAGE, SAY("550 5.7.1 no\r\n"), WELL } },
  .message = MESSAGE_SMALL, .tls = "secure",
  .failure = "smtp_5xx", .stage = "dot", .code = 550, .heard = "QUIT" },

{ .name = "a message refused while it is still on its way",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"),
	HEAR_SOME(20000), SAY("552 5.3.4 too big\r\n"), CLOSE } },
  .message = MESSAGE_BIG,
  .failure = "smtp_5xx", .stage = "dot", .code = 552 },

{ .name = "a message that is taken slowly, but taken, is no silence",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"),
	HEAR_SOME(1000000), PAUSE(350), HEAR_SOME(1000000), PAUSE(350),
	HEAR_SOME(1000000), PAUSE(350), HEAR_SOME(1000000), PAUSE(350),
	HEAR_MESSAGE, SAY("250 2.0.0 taken\r\n"), WELL } },
  .message = MESSAGE_BIG, .options = { "--data-timeout", "0.7" } },

{ .name = "a message taken before all of it was sent",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"),
	HEAR_SOME(20000), SAY("250 2.0.0 taken\r\n"), CLOSE } },
  .message = MESSAGE_BIG,
  .failure = "smtp_unexpected", .stage = "dot" },

{ .name = "a server that will not take so large a message",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"),
	SAY("250-mx.test\r\n250-8BITMIME\r\n250 SIZE 100\r\n"), WELL } },
  .message = MESSAGE_SMALL,
  .failure = "smtp_limit", .stage = "mail", .never = "MAIL",
  .heard = "QUIT" },

{ .name = "a server that will not take eight bits",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"),
	SAY("250-mx.test\r\n250 SIZE 1000000\r\n"), WELL } },
  .message = MESSAGE_8BIT,
  .failure = "smtp_limit", .stage = "mail", .never = "MAIL",
  .heard = "QUIT" },

/* ---- going away */

{ .name = "closed after accept",
  .ipv6 = { { CLOSE } },
  .failure = "smtp_closed", .stage = "banner" },

{ .name = "reset after accept",
  .ipv6 = { { RESET } },
  .failure = "connection_reset", .stage = "banner|connect" },

{ .name = "closed within the banner",
  .ipv6 = { { SAY("220-mx.test\r\n220 ES"), CLOSE } },
  .failure = "smtp_closed", .stage = "banner" },

{ .name = "closed after the banner",
  .ipv6 = { { GREET, CLOSE } },
  .failure = "smtp_closed", .stage = "ehlo" },

{ .name = "closed after EHLO",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"), CLOSE } },
  .failure = "smtp_closed", .stage = "ehlo" },

{ .name = "closed after MAIL",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"), CLOSE } },
  .failure = "smtp_closed", .stage = "mail" },

{ .name = "closed after RCPT",
  .ipv6 = { { GREET, WELL_UNTIL("RCPT"), CLOSE } },
  .failure = "smtp_closed", .stage = "rcpt" },

{ .name = "closed after DATA",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), CLOSE } }, .message = MESSAGE_SMALL,
  .failure = "smtp_closed", .stage = "data" },

{ .name = "closed after the dot",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"), HEAR_MESSAGE,
	CLOSE } }, .message = MESSAGE_SMALL,
  .failure = "smtp_closed", .stage = "dot" },

{ .name = "reset at the dot",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"), HEAR_MESSAGE,
	RESET } }, .message = MESSAGE_SMALL,
  .failure = "connection_reset", .stage = "dot" },

{ .name = "reset within the message",
  .ipv6 = { { GREET, WELL_UNTIL("DATA"), SAY("354 go on\r\n"),
	HEAR_SOME(20000), RESET } }, .message = MESSAGE_BIG,
  .failure = "connection_reset", .stage = "dot" },

{ .name = "shut down at MAIL",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"), SAY("421 4.3.2 shutting down\r\n"),
	CLOSE } },
  .failure = "smtp_4xx", .stage = "mail", .code = 421 },

{ .name = "shut down at RCPT",
  .ipv6 = { { GREET, WELL_UNTIL("RCPT"), SAY("421 4.3.2 shutting down\r\n"),
	CLOSE } },
  .failure = "smtp_4xx", .stage = "rcpt", .code = 421 },

{ .name = "shut down before the next command",
  .ipv6 = { { GREET, WELL_UNTIL("MAIL"),
	SAY("250 2.1.0 ok\r\n421 4.3.2 shutting down\r\n"), CLOSE } },
  .failure = "smtp_4xx", .stage = "mail|rcpt", .code = 421 },

{ .name = "shut down right behind the banner",
  .ipv6 = { { SAY(BANNER "421 4.3.2 shutting down\r\n"), CLOSE } },
  .failure = "smtp_4xx", .stage = "banner|ehlo", .code = 421 },

{ .name = "closed at QUIT without a word",
  .ipv6 = { { GREET, WELL_UNTIL("QUIT"), CLOSE } } },

{ .name = "reset at QUIT",
  .ipv6 = { { GREET, WELL_UNTIL("QUIT"), RESET } } },

{ .name = "QUIT refused",
  .ipv6 = { { GREET, WELL_UNTIL("QUIT"), SAY("500 5.5.1 stay\r\n"), HANG } },
  .options = { "--command-timeout", "0.4" } },

{ .name = "silence after QUIT",
  .ipv6 = { { GREET, WELL_UNTIL("QUIT"), HANG } },
  .options = { "-m", "1" } },

{ .name = "a goodbye after which nobody hangs up",
  .ipv6 = { { GREET, WELL_UNTIL("QUIT"), SAY("221 2.0.0 bye\r\n"), HANG } },
  .options = { "--command-timeout", "0.4" } },

/* ---- TLS */

{ .name = "an expired certificate is told where TLS is optional",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_EXPIRED), WELL } }, .tls = "may",
  .tls_fact = "expired", .finds = true, .heard = "MAIL" },

{ .name = "a certificate for another name is told where TLS is optional",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_WRONG_NAME), WELL } }, .tls = "may",
  .tls_fact = "!name_matches", .finds = true, .heard = "MAIL" },

{ .name = "a certificate signed by itself is told where TLS is optional",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_SELF_SIGNED), WELL } }, .tls = "may",
  .tls_fact = "self_signed", .finds = true, .heard = "MAIL" },

{ .name = "a certificate signed by itself does where only TLS is asked for",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_SELF_SIGNED), WELL } }, .tls = "encrypt",
  .tls_fact = "!trusted", .heard = "MAIL" },

{ .name = "an expired certificate does not do where it must be good",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_EXPIRED), WELL } }, .tls = "secure",
  .failure = "tls_verify", .stage = "tls", .tls_fact = "expired",
  .never = "MAIL" },

{ .name = "a certificate for another name does not do where it must be good",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_WRONG_NAME), WELL } }, .tls = "secure",
  .failure = "tls_verify", .stage = "tls", .tls_fact = "!name_matches",
  .never = "MAIL" },

{ .name = "a certificate signed by itself does not do where it must be good",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_SELF_SIGNED), WELL } }, .tls = "secure",
  .failure = "tls_verify", .stage = "tls", .tls_fact = "self_signed",
  .never = "MAIL" },

{ .name = "STARTTLS refused where TLS is optional goes on in clear",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"),
	SAY("454 4.7.0 TLS not available just now\r\n"), WELL } },
  .tls = "may", .heard = "MAIL" },

{ .name = "STARTTLS refused where TLS is asked for",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"),
	SAY("454 4.7.0 TLS not available just now\r\n"), WELL } },
  .tls = "encrypt", .failure = "smtp_4xx", .stage = "starttls", .code = 454,
  .never = "MAIL" },

{ .name = "STARTTLS offered in lower case is taken",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"),
	SAY("250-mx.test\r\n250 starttls\r\n"), WELL } },
  .tls = "encrypt", .heard = "STARTTLS" },

{ .name = "STARTTLS offered again inside TLS is left alone",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_GOOD), WELL_UNTIL("EHLO"),
	SAY("250-mx.test\r\n250 STARTTLS\r\n"), WELL } },
  .tls = "secure", .heard = "MAIL" },

{ .name = "STARTTLS not offered where TLS is optional",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"), SAY("250 mx.test\r\n"), WELL } },
  .tls = "may", .heard = "MAIL", .never = "STARTTLS" },

{ .name = "STARTTLS not offered where TLS is asked for",
  .ipv6 = { { GREET, WELL_UNTIL("EHLO"), SAY("250 mx.test\r\n"), WELL } },
  .tls = "encrypt", .failure = "tls_not_offered", .stage = "starttls|ehlo",
  .never = "MAIL" },

{ .name = "plain text in one segment with the answer to STARTTLS",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"),
	SAY("220 go ahead\r\n250 injected\r\n"), TLS(CERTIFICATE_GOOD),
	WELL } }, .tls = "may",
  .failure = "tls_injection", .stage = "starttls|tls", .never = "MAIL" },

{ .name = "plain text in a segment after the answer to STARTTLS",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	PAUSE(30), SAY("250 injected\r\n"), HANG } }, .tls = "may",
  .failure = "tls_injection|tls_handshake", .stage = "starttls|tls",
  .never = "MAIL" },

{ .name = "endless plain text after the answer to STARTTLS",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	ENDLESS(64 * MEBI, "250 injected\r\n") } }, .tls = "may",
  .failure = "tls_injection|tls_handshake", .stage = "starttls|tls",
  .never = "MAIL" },

{ .name = "endless empty records where the handshake should be",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	HEAR_SOME(6), ENDLESS(64 * MEBI, "\x16\x03\x03\0\0") } },
  .tls = "may", .failure = "tls_handshake", .stage = "tls",
  .never = "MAIL" },

{ .name = "a handshake message that is announced as endless",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	HEAR_SOME(6),
	ENDLESS(64 * MEBI, "\x16\x03\x03\0\x04\x02\xff\xff\xff") } },
  .tls = "may", .failure = "tls_handshake", .stage = "tls",
  .never = "MAIL" },

{ .name = "an alert during the handshake",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	HEAR_SOME(6), SAY("\x15\x03\x03\0\x02\x02\x28"), HANG } },
  .tls = "may", .failure = "tls_handshake", .stage = "tls",
  .never = "MAIL" },

{ .name = "silence where the handshake should be",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	HANG } }, .tls = "may",
  .options = { "--tls-timeout", "0.4" }, .cut_ms = 400,
  .failure = "timeout", .stage = "tls", .never = "MAIL" },

{ .name = "silence within the handshake",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	HEAR_SOME(6), SAY("\x16\x03\x03\0\x7a\x02\0\0\x76"), HANG } },
  .tls = "may",
  .options = { "--tls-timeout", "0.4" }, .cut_ms = 400,
  .failure = "timeout", .stage = "tls", .never = "MAIL" },

{ .name = "closed where the handshake should be",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	CLOSE } }, .tls = "may",
  .failure = "smtp_closed|tls_handshake|connection_reset", .stage = "tls",
  .never = "MAIL" },

{ .name = "reset within the handshake",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	HEAR_SOME(6), RESET } }, .tls = "may",
  .failure = "connection_reset|tls_handshake", .stage = "tls",
  .never = "MAIL" },

{ .name = "a connection cut inside TLS",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_GOOD), WELL_UNTIL("MAIL"), CLOSE } }, .tls = "may",
  .failure = "smtp_closed", .stage = "mail" },

{ .name = "a TLS record for each byte",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_GOOD), WELL_UNTIL("EHLO"),
	DRIP(1, "250-mx.test\r\n250-SIZE 1000000\r\n250 HELP\r\n"),
	WELL_UNTIL("MAIL"), DRIP(1, "250 2.1.0 ok\r\n"), WELL } },
  .tls = "secure", .message = MESSAGE_SMALL },

{ .name = "new keys asked for while the message is on its way",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_GOOD), WELL_UNTIL("DATA"), SAY("354 go on\r\n"),
	PAUSE(100), UPDATE_KEYS, PAUSE(100), UPDATE_KEYS, HEAR_MESSAGE,
	SAY("250 2.0.0 taken\r\n"), WELL } },
  .tls = "may", .message = MESSAGE_BIG },

{ .name = "a message that is taken slowly inside TLS is no silence",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_GOOD), WELL_UNTIL("DATA"), SAY("354 go on\r\n"),
	HEAR_SOME(1000000), PAUSE(350), HEAR_SOME(1000000), PAUSE(350),
	HEAR_SOME(1000000), PAUSE(350), HEAR_MESSAGE,
	SAY("250 2.0.0 taken\r\n"), WELL } },
  .tls = "may", .message = MESSAGE_BIG,
  .options = { "--data-timeout", "0.7" } },

{ .name = "broken records while the message is on its way",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_GOOD), WELL_UNTIL("DATA"), SAY("354 go on\r\n"),
	PAUSE(100), SAY_BENEATH("250 2.0.0 taken\r\n250 2.0.0 taken\r\n"),
	HANG } },
  .tls = "may", .message = MESSAGE_BIG, .options = { "--data-timeout", "1" },
  .failure = "tls_handshake|smtp_closed|timeout", .stage = "dot" },

{ .name = "two replies to one command inside TLS",
  .ipv6 = { { GREET, WELL_UNTIL("STARTTLS"), SAY("220 go ahead\r\n"),
	TLS(CERTIFICATE_GOOD), WELL_UNTIL("MAIL"),
	SAY("250 2.1.0 ok\r\n250 2.1.0 ok\r\n"), WELL } }, .tls = "may",
  .failure = "smtp_unexpected", .stage = "mail|rcpt" },

};
const size_t hostile_case_count = COUNT_OF(hostile_cases);
