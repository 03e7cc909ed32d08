#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "reports/inbound/log_zone.h"
#include "reports/inbound/maillog.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* 2026-03-01T12:00:00Z */
static const int64_t now_ms = INT64_C(1772366400000);

#define POSTFIX  "Feb 21 20:08:19 mta postfix/"
#define SENDMAIL "Feb 21 20:08:19 mta sendmail[129]: "
#define EXIM     "2026-02-21 20:08:19 "
#define SMTPD    "Feb 21 20:08:19 mta smtpd[116]: "
#define QMAIL    "@4000000069a1f9bd2e8d1f40 "
#define MSGID    "1xUrKZ-00001o-2V"
#define EVPID    "evpid=d1c985bb1beb0187 from=<s@a.example> to=<r@b.example> "

/*
 * A log, and what is told of each delivery in it: sender, recipient, host,
 * address, result, stage, code and status, text.
 */
/* clang-format off */
static const struct {
	const char *log;
	const char *told;
} logs[] = {
	/* ---- Postfix */
	{ POSTFIX "smtp[1]: A1B2C3D4E5: to=<r@b.example>, relay=mx.b.example[192.0.2.1]:25, delay=0.1, delays=0/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 8D)\n",
	  "?>r@b.example mx.b.example 192.0.2.1:25 accepted dot 250 2.0.0 [250 2.0.0 Ok: queued as 8D]\n" },
	{ POSTFIX "cleanup[1]: A1B2C3D4E5: message-id=<id@a>\n"
	  POSTFIX "qmgr[1]: A1B2C3D4E5: from=<s@a.example>, size=1, nrcpt=1 (queue active)\n"
	  POSTFIX "smtp[1]: A1B2C3D4E5: to=<r@b.example>, orig_to=<o@a>, relay=mx[2001:db8::2]:25, delay=1, dsn=5.7.1, status=bounced (host mx[2001:db8::2] said: 550-5.7.1 no 550-5.7.1 never 550 5.7.1  end of 550 (in reply to end of DATA command))\n",
	  "s@a.example>r@b.example(o@a) mx 2001:db8::2:25 refused dot 550 5.7.1 id@a [550-5.7.1 no|550-5.7.1 never|550 5.7.1  end of 550]\n" },
	{ POSTFIX "smtp[1]: A1B2C3D4E5: to=<r@b.example>, relay=mx[2001:db8::2]:25, delay=1, dsn=4.0.0, status=deferred (host mx[2001:db8::2] refused to talk to me: 554-mx.b 554 no)\n",
	  "?>r@b.example mx 2001:db8::2:25 deferred banner 554 4.0.0L [554-mx.b|554 no]\n" },
	{ POSTFIX "smtp[7]: connect to mx[2001:db8::2]:25: Network is unreachable\n"
	  POSTFIX "smtp[8]: connect to other[2001:db8::9]:25: Connection refused\n"
	  POSTFIX "smtp[7]: A1B2C3D4E5: to=<r@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>r@b.example mx 2001:db8::2:25 deferred connect 0 0.0.0 [connect to mx[2001:db8::2]:25: Network is unreachable]\n"
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n"
	  "?> other 2001:db8::9:25 deferred connect 0 0.0.0 [connect to other[2001:db8::9]:25: Connection refused]\n" },
	{ POSTFIX "smtp[7]: connect to mx[2001:db8::2]:25: Connection refused\n"
	  POSTFIX "smtp[7]: connect to mx[192.0.2.1]:25: Connection refused\n"
	  POSTFIX "smtp[7]: A1B2C3D4E5: to=<r@b.example>, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to mx[192.0.2.1]:25: Connection refused)\n",
	  "?>r@b.example mx 2001:db8::2:25 deferred connect 0 0.0.0 [connect to mx[2001:db8::2]:25: Connection refused]\n"
	  "?>r@b.example mx 192.0.2.1:25 deferred connect 0 4.4.1L [connect to mx[192.0.2.1]:25: Connection refused]\n" },
	{ POSTFIX "smtp[7]: A1B2C3D4E5: host mx[2001:db8::2] said: 450-4.2.0 wait 450 4.2.0 more (in reply to RCPT TO command)\n"
	  POSTFIX "smtp[7]: A1B2C3D4E5: to=<r@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n"
	  POSTFIX "smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n"
	  POSTFIX "smtp[7]: F1B2C3D4E5: to=<r@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>r@b.example mx 2001:db8::2 deferred rcpt 450 4.2.0 [450-4.2.0 wait|450 4.2.0 more]\n"
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n"
	  "?>q@b.example mx 2001:db8::2 deferred rcpt 450 4.2.0 [450-4.2.0 wait|450 4.2.0 more]\n"
	  "?>q@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n"
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n" },
	{ POSTFIX "smtp[7]: server certificate verification failed for mx[2001:db8::2]:25: num=65:no match\n"
	  POSTFIX "smtp[7]: A1B2C3D4E5: Server certificate not verified\n"
	  POSTFIX "smtp[7]: server certificate verification failed for mx[192.0.2.1]:25: num=18:self-signed\n"
	  POSTFIX "smtp[7]: A1B2C3D4E5: to=<r@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>r@b.example mx 2001:db8::2:25 deferred tls 0 0.0.0 [server certificate verification failed for mx[2001:db8::2]:25: num=65:no match]\n"
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n" },
	{ POSTFIX "smtp[9]: A1B2C3D4E5: to=<\"x>, y\"@b.example>, relay=none, delay=1, dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name=b.example type=A: Host not found)\n",
	  "?>\"x>, y\"@b.example   refused resolve 0 5.4.4L [Host or domain name not found. Name service error for name=b.example type=A: Host not found]\n" },
	{ POSTFIX "error[7]: A1B2C3D4E5: to=<r@b.example>, relay=none, delay=1, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to mx[2001:db8::2]:25: Connection timed out)\n",
	  "?>r@b.example mx 2001:db8::2:25 deferred connect 0 4.4.1L [delivery temporarily suspended: connect to mx[2001:db8::2]:25: Connection timed out]\n" },
	{ POSTFIX "local[7]: A1B2C3D4E5: to=<root@a.example>, relay=local, delay=1, dsn=2.0.0, status=sent (delivered to maildir)\n",
	  "?>root@a.example local  accepted - 0 2.0.0L [delivered to maildir]\n" },
	{ POSTFIX "qmgr[7]: A1B2C3D4E5: from=<s@a.example>, status=expired, returned to sender\n",
	  "s@a.example>   expired - 0 0.0.0 [expired, returned to sender]\n" },
	{ POSTFIX "lmtp[7]: A1B2C3D4E5: to=<r@b.example>, relay=mx[/run/lmtp], delay=1, dsn=4.2.2, status=deferred (host mx[/run/lmtp] said: 452 4.2.2 full (in reply to end of DATA command))\n",
	  "?>r@b.example mx  deferred dot 452 4.2.2 [452 4.2.2 full]\n" },
	{ POSTFIX "qmgr[7]: A1B2C3D4E5: from=<s@a.example>, status=force-expired, returned to sender\n",
	  "s@a.example>   expired - 0 0.0.0 [force-expired, returned to sender]\n" },
	{ POSTFIX "smtp[7]: A1B2C3D4E5: to=<r@b.example>, relay=out[192.0.2.7]:587, delay=1, dsn=4.7.8, status=deferred (SASL authentication failed; server out[192.0.2.7] said: 535 5.7.8 no)\n",
	  "?>r@b.example out 192.0.2.7:587 deferred ehlo 535 5.7.8 [535 5.7.8 no]\n" },
	/* a socket of both families */
	{ POSTFIX "smtp[7]: A1B2C3D4E5: to=<r@b.example>, relay=mx[::ffff:192.0.2.7]:25, delay=1, dsn=5.7.1, status=bounced (host mx[::ffff:192.0.2.7] said: 550 5.7.1 no [::ffff:198.51.100.7])\n",
	  "?>r@b.example mx 192.0.2.7:25 refused - 550 5.7.1 [550 5.7.1 no [::ffff:198.51.100.7]] us=198.51.100.7\n" },
	/* a head that nobody knows */
	{ "21.02.2026 20h08 CET mta postfix/smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>q@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n" },
	{ "2026-02-21T20:08:19.1+00:00 ecs/mta/0123abcd Feb 21 20:08:19 mta postfix/smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>q@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n" },
	/* ... and what a peer may have said */
	{ "203.0.113.9 - - [21/Feb/2026:20:08:19 +0000] \"GET / postfix/smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n", "" },
	{ "Feb 21 20:08:19 mta filter: x postfix/smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n", "" },
	{ EXIM MSGID " ** r@b.example: x postfix/smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>r@b.example   refused - 0 0.0.0 [x postfix/smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)]\n" },
	/* what a container said, as another log has it */
	{ "Feb 21 20:08:19 host 0123abcd[99]: postfix/smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n"
	  "<30>1 2026-02-21T20:08:19Z host mail 99 mail - Feb 21 20:08:19 mta postfix/smtp[7]: A1B2C3D4E5: to=<r@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n"
	  "Feb 21 20:08:19 host mail[99]: smtpd[4]: 99372c53557293b4 mta delivery " EVPID "rcpt=<-> source=\"-\" relay=\"192.0.2.1 (mx)\" delay=2s result=\"Ok\" stat=\"250 Ok\"\n",
	  "?>q@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n"
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n"
	  "s@a.example>r@b.example mx 192.0.2.1 accepted dot 250 0.0.0 [250 Ok]\n" },
	/* the same process of two machines */
	{ "Feb 21 20:08:19 mta postfix/smtp[7]: connect to mx[2001:db8::2]:25: Connection refused\n"
	  "Feb 21 20:08:19 mtb postfix/smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n"
	  "Feb 21 20:08:19 mta postfix/smtp[7]: B1B2C3D4E5: to=<r@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>q@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n"
	  "?>r@b.example mx 2001:db8::2:25 deferred connect 0 0.0.0 [connect to mx[2001:db8::2]:25: Connection refused]\n"
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n" },
	{ "{\"_HOSTNAME\":\"mta\",\"MESSAGE\":\"connect to mx[2001:db8::2]:25: Connection refused\",\"_PID\":\"7\",\"SYSLOG_IDENTIFIER\":\"postfix/smtp\"}\n"
	  "mtb  | postfix/smtp[7]: A1B2C3D4E5: to=<q@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n"
	  "mta  | postfix/smtp[7]: B1B2C3D4E5: to=<r@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>q@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n"
	  "?>r@b.example mx 2001:db8::2:25 deferred connect 0 0.0.0 [connect to mx[2001:db8::2]:25: Connection refused]\n"
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n" },
	/* by way of other programs */
	{ "<22>1 2026-02-21T20:08:19Z mta postfix/smtp 1 - - A1B2C3D4E5: to=<r@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n" },
	{ "Feb 21 20:08:19 mta postfix@-.service[1]: A1B2C3D4E5: to=<r@b.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 Ok)\n",
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 2.0.0L [250 Ok]\n" },
	{ "{\"MESSAGE\":\"connect to mx[2001:db8::2]:25: Connection refused\",\"_PID\":\"7\",\"SYSLOG_IDENTIFIER\":\"postfix/smtp\"}\n"
	  "{\"_PID\":\"7\",\"SYSLOG_IDENTIFIER\":\"postfix\\/smtp\",\"MESSAGE\":\"A1B2C3D4E5: to=\\u003cr@b.example\\u003e, relay=mx[192.0.2.1]:25, delay=1, dsn=5.0.0, status=bounced (host mx[192.0.2.1] said: 550 \\u00fc \\ud83d\\ude00 \\\"no\\\" C:\\\\)\"},\n",
	  "?>r@b.example mx 2001:db8::2:25 deferred connect 0 0.0.0 [connect to mx[2001:db8::2]:25: Connection refused]\n"
	  "?>r@b.example mx 192.0.2.1:25 refused - 550 5.0.0L [550 \xc3\xbc \xf0\x9f\x98\x80 \"no\" C:\\]\n" },
	{ "3Xk2Vb0QZ2z1fC: to=<r@b.example>, relay=mx[192.0.2.1]:25, dsn=5.1.1, status=bounced (host mx[192.0.2.1] said: 550 5.1.1 unknown (in reply to RCPT TO command\n",
	  "?>r@b.example mx 192.0.2.1:25 refused rcpt 550 5.1.1 [550 5.1.1 unknown]\n" },

	/* ---- Sendmail */
	{ SENDMAIL "6ALK8J5E000129: from=<s@a.example>, size=1, class=0, nrcpts=1, msgid=<id@a>, proto=ESMTP, relay=localhost [127.0.0.1]\n"
	  SENDMAIL "6ALK8J5E000129: to=<r@b.example>,<q@b.example>, ctladdr=<s@a.example> (1/2), delay=1+00:00:02, xdelay=00:00:00, mailer=esmtp, pri=1, relay=mx.b.example. [IPv6:2001:db8:0:0:0:0:0:2], dsn=5.7.1, reply=554 5.7.1 no, never, [198.51.100.7], stat=Service unavailable\n",
	  "s@a.example>r@b.example mx.b.example 2001:db8::2 refused - 554 5.7.1 id@a [554 5.7.1 no, never, [198.51.100.7]] us=198.51.100.7\n"
	  "s@a.example>q@b.example mx.b.example 2001:db8::2 refused - 554 5.7.1 id@a [554 5.7.1 no, never, [198.51.100.7]] us=198.51.100.7\n" },
	{ SENDMAIL "6ALK8J5E000129: to=r@b.example, delay=00:00:01, mailer=esmtp, relay=mx.b.example. [192.0.2.1], dsn=5.1.1, stat=User unknown\n",
	  "?>r@b.example mx.b.example 192.0.2.1 refused - 0 5.1.1L LOST [User unknown]\n" },
	{ SENDMAIL "6ALK8J5E000129: to=r@b.example, delay=00:00:01, mailer=esmtp, relay=mx.b.example. [192.0.2.1], dsn=2.0.0, stat=Sent (Ok: queued)\n",
	  "?>r@b.example mx.b.example 192.0.2.1 accepted dot 0 2.0.0L [Ok: queued]\n" },
	{ SENDMAIL "6ALK8J5E000129: to=r@b.example, delay=00:00:01, mailer=esmtp, relay=mx.b.example., dsn=4.4.1, stat=Deferred: mx.b.example.: Network is unreachable\n",
	  "?>r@b.example mx.b.example  deferred connect 0 4.4.1L [mx.b.example.: Network is unreachable]\n" },
	{ SENDMAIL "6ALK8J5E000129: to=r@b.example, delay=00:00:01, mailer=esmtp, relay=b.example., dsn=5.1.10, stat=Service unavailable\n",
	  "?>r@b.example b.example  refused resolve 0 5.1.10L [Service unavailable]\n" },
	{ SENDMAIL "6ALK8J5E000129: timeout waiting for input from mx.b.example. during client greeting\n"
	  SENDMAIL "6ALK8J5E000129: to=r@b.example, delay=00:00:01, mailer=esmtp, relay=mx.b.example. [IPv6:2001:db8:0:0:0:0:0:2], dsn=4.4.2, stat=Deferred: Connection timed out with mx.b.example.\n",
	  "?>r@b.example mx.b.example 2001:db8::2 deferred banner 0 4.4.2L [Connection timed out with mx.b.example.]\n" },
	{ SENDMAIL "6ALK8J5E000129: SYSERR(root): timeout writing message to mx.b.example.: Connection timed out\n"
	  SENDMAIL "6ALK8J5E000129: to=r@b.example, delay=00:00:01, mailer=esmtp, relay=mx.b.example. [192.0.2.1], dsn=4.4.2, stat=Deferred\n",
	  "?>r@b.example mx.b.example 192.0.2.1 deferred dot 0 4.4.2L [SYSERR(root): timeout writing message to mx.b.example.: Connection timed out]\n" },
	{ SENDMAIL "ruleset=tls_server, arg1=SOFTWARE, relay=mx.b.example, reject=454 4.7.0 TLS handshake failed.\n",
	  "?> mx.b.example  deferred tls 0 4.7.0L [454 4.7.0 TLS handshake failed.]\n" },
	{ SENDMAIL "6ALK8J5E000129: 6ALK8J5E000130: DSN: Service unavailable\n"
	  SENDMAIL "6ALK8J5E000130: to=s@a.example, delay=00:00:00, mailer=local, relay=local, dsn=2.1.5, stat=Sent\n",
	  ">s@a.example local  accepted - 0 2.1.5L []\n" },

	/* ---- Exim */
	{ EXIM MSGID " <= s@a.example H=web (web) [127.0.0.1]:4 P=esmtp T=\"a id=no\" id=id@a for r@b\n"
	  EXIM MSGID " => r@b.example F=<s@a.example> R=r T=t H=mx DS [2001:db8::2]:25 I=[2001:db8::1]:4 X=TLS1.3:A__B:256 DN=\"CN=mx: [x]\" C=\"250 2.0.0 Ok \\\"x\\\"\" QT=1m2s DT=1s\n",
	  "s@a.example>r@b.example mx 2001:db8::2:25 accepted dot 250 2.0.0 id@a [250 2.0.0 Ok \"x\"] us=2001:db8::1\n" },
	{ EXIM "[3837] " MSGID " ** r@b.example <o@a> R=r T=t H=mx [192.0.2.1]: SMTP error from remote mail server after pipelined end of data: 550-5.7.1 no\\n550 5.7.1 never DT=0.1s\n",
	  "?>r@b.example(o@a) mx 192.0.2.1 refused dot 550 5.7.1 [550-5.7.1 no|550 5.7.1 never]\n" },
	{ EXIM MSGID " ** r@b.example R=r T=t: SMTP error from remote mail server after RCPT TO:<r@b.example>: host mx [2001:db8::2]: 550 5.1.1 unknown\n",
	  "?>r@b.example mx 2001:db8::2 refused rcpt 550 5.1.1 [550 5.1.1 unknown]\n" },
	{ EXIM MSGID " H=mx [2001:db8::2]:25 Connection refused\n"
	  EXIM MSGID " H=mx [192.0.2.1]:25 Connection refused\n"
	  EXIM MSGID " == r@b.example R=r T=t defer (111): Connection refused\n"
	  EXIM MSGID " == r@b.example R=r T=t defer (-53): retry time not reached for any host\n",
	  "?>r@b.example mx 2001:db8::2:25 deferred connect 0 0.0.0 [Connection refused]\n"
	  "?>r@b.example mx 192.0.2.1:25 deferred connect 0 0.0.0 [Connection refused]\n"
	  "?>r@b.example   deferred - 0 0.0.0 [retry time not reached for any host]\n" },
	{ EXIM MSGID " H=mx [2001:db8::2]:25 SMTP error from remote mail server after MAIL FROM:<s@a> SIZE=3: 451 4.7.1 later\n"
	  EXIM MSGID " Completed\n",
	  "?> mx 2001:db8::2:25 deferred mail 451 4.7.1 [451 4.7.1 later]\n" },
	/* connect or banner: by TCP Fast Open they look alike */
	{ EXIM MSGID " H=mx [2001:db8::2]:25: SMTP timeout after initial connection: Connection timed out\n"
	  EXIM MSGID " Completed\n",
	  "?> mx 2001:db8::2:25 deferred - 0 0.0.0 [SMTP timeout after initial connection: Connection timed out]\n" },
	{ EXIM MSGID " H=mx [2001:db8::2]:25: SMTP timeout after end of data (9 bytes written): Connection timed out\n"
	  EXIM MSGID " H=mx [2001:db8::2] TLS error on connection (recv): Function was interrupted.\n"
	  EXIM MSGID " == r@b.example R=r T=t defer (110): Connection timed out H=mx DS [2001:db8::2]:25 I=[2001:db8::1]:4 DT=8s: SMTP timeout after end of data (9 bytes written)\n",
	  "?>r@b.example mx 2001:db8::2:25 deferred dot 0 0.0.0 [SMTP timeout after end of data (9 bytes written)] us=2001:db8::1\n" },
	{ EXIM MSGID " H=mx [2001:db8::2]:25: SMTP timeout after end of data (9 bytes written): Connection timed out\n"
	  EXIM MSGID " H=mx [2001:db8::2] TLS error on connection (recv): Function was interrupted.\n"
	  EXIM MSGID " => r@b.example R=r T=t H=mx [192.0.2.1]:25 C=\"250 Ok\"\n",
	  "?>r@b.example mx 2001:db8::2:25 deferred dot 0 0.0.0 [SMTP timeout after end of data (9 bytes written): Connection timed out]\n"
	  "?>r@b.example mx 192.0.2.1:25 accepted dot 250 0.0.0 [250 Ok]\n" },
	{ EXIM MSGID " DANE attempt failed; TLS connection to mx [2001:db8::2]: (gnutls_handshake): Internal error\n"
	  EXIM MSGID " Completed\n",
	  "?> mx 2001:db8::2 deferred tls 0 0.0.0 [DANE attempt failed; TLS connection to mx [2001:db8::2]: (gnutls_handshake): Internal error]\n" },
	{ EXIM MSGID " ** r@b.example: an MX or SRV record indicated no SMTP service\n",
	  "?>r@b.example   refused resolve 0 0.0.0 [an MX or SRV record indicated no SMTP service]\n" },
	{ EXIM MSGID " ** r@b.example: retry timeout exceeded\n",
	  "?>r@b.example   expired - 0 0.0.0 [retry timeout exceeded]\n" },
	{ EXIM MSGID " ->  r@b.example <\" x\"@a> R=r T=t H=mx [192.0.2.1] CV=yes K C=\"250- 9 byte chunk\\n250 Ok\"\n",
	  "?>r@b.example(\" x\"@a) mx 192.0.2.1 accepted dot 250 0.0.0 [250- 9 byte chunk|250 Ok]\n" },
	{ EXIM MSGID " => :blackhole: <o@a.example> R=r\n",
	  "?>o@a.example(o@a.example) local  accepted - 0 0.0.0 []\n" },
	{ EXIM MSGID " ** r@b.example R=r T=t H=mx: SMTP error from remote mail server after RCPT TO:<r@b.example>: 550 no\n",
	  "?>r@b.example mx  refused rcpt 550 0.0.0 [550 no]\n" },
	{ EXIM MSGID " ** r@b.example R=r T=t H=mx [192.0.2.1] CV=yes : SMTP error from remote mail server after RCPT TO:<r@b.example>: 550 no\n",
	  "?>r@b.example mx 192.0.2.1 refused rcpt 550 0.0.0 [550 no]\n" },
	{ EXIM MSGID " => o <o@a.example> F=<> R=local T=file\n",
	  ">o@a.example(o@a.example) local  accepted - 0 0.0.0 []\n" },
	{ "Feb 21 20:08:19 mta exim[3]: 2026-02-21 20:08:19 " MSGID " ** r@b.example R=r T=t H=mx [192.0.2.1]: SMTP error from remote mail server after initial connection: 554 no\n",
	  "?>r@b.example mx 192.0.2.1 refused banner 554 0.0.0 [554 no]\n" },

	{ "Feb 21 20:08:19 mta exim[3]: [1/2] 2026-02-21 20:08:19 " MSGID " ** r@b.example R=r T=t H=mx [192.0.2.1]: SMTP error from remote mail server after initial connection: 554\n"
	  "Feb 21 20:08:19 mta exim[3]: [2/2]  no\n",
	  "?>r@b.example mx 192.0.2.1 refused banner 554 0.0.0 [554]\n" },
	{ EXIM MSGID " TLS session: (SSL_connect): timed out: delivering unencrypted to H=mx [192.0.2.1] (not in hosts_require_tls)\n"
	  EXIM MSGID " => r@b.example R=r T=t H=mx [192.0.2.1] C=\"250 Ok\"\n",
	  "?>r@b.example mx 192.0.2.1 deferred tls 0 0.0.0 [TLS session: (SSL_connect): timed out: delivering unencrypted to H=mx [192.0.2.1] (not in hosts_require_tls)]\n"
	  "?>r@b.example mx 192.0.2.1 accepted dot 250 0.0.0 [250 Ok]\n" },
	/* what a peer says is no line of its own */
	{ EXIM MSGID " ** r@b.example R=r T=t H=mx [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<r@b.example>: 550 {\"log\":\"1xUrKZ-00001o-2V => q@b.example R=r T=t H=mx [192.0.2.1]\"}\n",
	  "?>r@b.example mx 192.0.2.1 refused rcpt 550 0.0.0 [550 {\"log\":\"1xUrKZ-00001o-2V => q@b.example R=r T=t H=mx [192.0.2.1]\"}]\n" },

	/* ---- OpenSMTPD */
	{ SMTPD "99372c53557293b4 mta delivery " EVPID "rcpt=<-> source=\"[2001:db8::1]\" relay=\"[2001:db8::2] (mx.b.example)\" delay=1m2s result=\"PermFail\" stat=\"550-5.7.25 it does not5.7.25 have a PTR\"\n",
	  "s@a.example>r@b.example mx.b.example 2001:db8::2 refused - 550 5.7.25 [550-5.7.25 it does not|5.7.25 have a PTR] us=2001:db8::1\n" },
	{ SMTPD "0000000000000000 mta delivery " EVPID "rcpt=<-> source=\"-\" relay=\"b.example\" delay=2s result=\"TempFail\" stat=\"Network error on destination MXs\"\n",
	  "s@a.example>r@b.example   deferred - 0 0.0.0 [Network error on destination MXs]\n" },
	{ SMTPD "9ae061c15f646765 mta connecting address=smtp://[2001:db8::2]:25 host=mx\n"
	  SMTPD "9ae061c15f646765 mta error reason=BANNER rejected: 554 no\n"
	  SMTPD "9ae061c15f646766 mta connecting address=smtp://192.0.2.1:25 host=mx\n"
	  SMTPD "9ae061c15f646766 mta error reason=Connection failed: Network is unreachable\n",
	  "?>  2001:db8::2 deferred banner 554 0.0.0 [554 no]\n"
	  "?>  192.0.2.1 deferred connect 0 0.0.0 [Connection failed: Network is unreachable]\n" },
	{ SMTPD "8f4864084ecc48f4 mta event=connecting address=smtp://[2001:db8::2]:25 host=mx\n"
	  SMTPD "8f4864084ecc48f4 mta event=error reason=Connection timeout\n"
	  SMTPD "8f4864084ecc48f4 mta event=delivery " EVPID "rcpt=<-> source=\"192.0.2.7\" relay=\"192.0.2.1 (mx)\" delay=1s result=\"Ok\" stat=\"250 2.0.0 Ok\"\n",
	  "?>  2001:db8::2 deferred - 0 0.0.0 [Connection timeout]\n"
	  "s@a.example>r@b.example mx 192.0.2.1 accepted dot 250 2.0.0 [250 2.0.0 Ok] us=192.0.2.7\n" },
	{ SMTPD "smtp-out: session 0000000000000000: evpid=d1c985bb1beb0187, status=PermFail, from=<s@a.example>, to=<r@b.example>, rcpt=<->, source=-, relay=b.example, delay=0s, stat=550 5.1.1 no, never\n",
	  "s@a.example>r@b.example   refused - 550 5.1.1 [550 5.1.1 no, never]\n" },
	{ SMTPD "relay: Expire for d1c985bb1beb0187: from=<s@a.example>, to=<r@b.example>, rcpt=<->, delay=4s, stat=Envelope expired\n",
	  "s@a.example>r@b.example   expired - 0 0.0.0 [Envelope expired]\n" },
	{ SMTPD "relay: PermFail for d1c985bb1beb0187: session=d1c985bb1beb0188, from=<s@a.example>, to=<r@b.example>, rcpt=<->, source=192.0.2.7, relay=192.0.2.1 (mx), delay=4s, stat=550 5.1.1 no, unknown\n",
	  "s@a.example>r@b.example mx 192.0.2.1 refused - 550 5.1.1 [550 5.1.1 no, unknown] us=192.0.2.7\n" },

	/* ---- qmail */
	{ QMAIL "info msg 77: bytes 237 from <s@a.example> qp 1 uid 0\n"
	  QMAIL "starting delivery 3: msg 77 to remote r@b.example\n"
	  QMAIL "delivery 3: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550-5.1.1_no_http://x/5/y/550_5.1.1_end/Giving_up_on_192.0.2.1./\n",
	  "s@a.example>r@b.example  192.0.2.1 refused rcpt 550 5.1.1 [550-5.1.1 no http://x/5/y|550 5.1.1 end]\n" },
	{ QMAIL "delivery 3: deferral: Connected_to_2001:db8::2_but_greeting_failed./Remote_host_said:_421_later/\n",
	  "?>  2001:db8::2 deferred banner 421 0.0.0 [421 later]\n" },
	{ QMAIL "delivery 3: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/\n",
	  "?>   deferred connect 0 4.4.1L [Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)]\n" },
	{ "Feb 21 20:08:19 mta qmail: 1771704499.25 delivery 3: success: 192.0.2.1_accepted_message./Remote_host_said:_250_2.0.0_OK/\n",
	  "?>  192.0.2.1 accepted dot 250 2.0.0 [250 2.0.0 OK]\n" },

	{ "2026-02-21 20:08:19.187576156 starting delivery 3: msg 77 to remote r@b.example\n"
	  "2026-02-21 20:08:19.187576156 delivery 3: success: 192.0.2.1_accepted_message./Remote_host_said:_250_2.0.0_OK/\n",
	  "?>r@b.example  192.0.2.1 accepted dot 250 2.0.0 [250 2.0.0 OK]\n" },

	/* ---- nothing of use */
	{ "{\"log\":\"GET / 200\\n\",\"stream\":\"stdout\",\"time\":\"2026-02-21T20:08:19Z\"}\n{\"log\":\n{}\n{\"\n", "" },
	{ "Feb 21 20:08:19 mta dovecot: imap-login: Login: user=<x>\n", "" },
	{ "Feb 21 20:08:19 mta postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.1]: 554 5.7.1 no; to=<r@b>\n", "" },
	{ SENDMAIL "ruleset=check_rcpt, arg1=<x@y>, relay=z [192.0.2.1], reject=550 5.7.1 no\n", "" },
	{ EXIM "H=z [192.0.2.1] F=<s@a> rejected RCPT <r@b>: no\n", "" },
	{ "\n\r\n: \n[]:\n@\n<22>\n", "" },
};
/* clang-format on */

static struct span told_text(const struct delivery *one)
{
	char *text = arena_take(arena, one->text.len + 1);

	for (size_t i = 0; i < one->text.len; i++)
		text[i] = (char)(one->text.at[i] == '\n' ? '|'
							 : one->text.at[i]);
	return (struct span){ text, one->text.len };
}

static struct span told_original(const struct delivery *one)
{
	if (!one->original_recipient.len)
		return SPAN("");
	return arena_print(arena, "(%.*s)", SPAN_ARG(one->original_recipient));
}

static struct span told_relay(const struct delivery *one)
{
	struct span ip = one->has_relay ? ip_text(arena, &one->relay)
					: SPAN("");

	if (!one->relay_port)
		return ip;
	return arena_print(arena, "%.*s:%u", SPAN_ARG(ip), one->relay_port);
}

static struct span told_source(const struct delivery *one)
{
	struct span ip;

	if (!one->has_source)
		return SPAN("");
	ip = ip_text(arena, &one->source);
	return arena_print(arena, " us=%.*s", SPAN_ARG(ip));
}

static struct span tell(const struct delivery *one)
{
	struct span text = told_text(one), original = told_original(one);
	struct span relay = told_relay(one), source = told_source(one);

	assert_int_equal(one->has_relay, one->has_family && relay.len > 0);
	return arena_print(arena,
		"%.*s%s>%.*s%.*s %.*s %.*s %s %s %u "
		"%u.%u.%u%s%s%.*s%s[%.*s]%.*s\n",
		SPAN_ARG(one->sender), one->has_sender ? "" : "?",
		SPAN_ARG(one->recipient), SPAN_ARG(original),
		SPAN_ARG(one->relay_host), SPAN_ARG(relay),
		delivery_result_word(one->result),
		one->has_stage ? stage_word(one->stage) : "-", one->code,
		one->status[0], one->status[1], one->status[2],
		one->is_local_status ? "L" : "",
		one->lacks_reply ? " LOST " : " ", SPAN_ARG(one->message_id),
		one->message_id.len ? " " : "", SPAN_ARG(text),
		SPAN_ARG(source));
}

/* Everything told of a log that comes in pieces of this size. */
static struct span read_log(struct span bytes, size_t piece)
{
	const struct maillog_orders orders = { .file = SPAN("log"),
		.now_ms = now_ms };
	struct maillog *log = maillog_open(&orders);
	struct span told = SPAN("");
	const struct delivery *one;

	while (bytes.len) {
		maillog_feed(log, span_part(bytes, 0, piece));
		bytes = span_part(bytes, piece, bytes.len);
		while ((one = maillog_next(log)) != NULL) {
			struct span line = tell(one);

			told = arena_print(arena, "%.*s%.*s", SPAN_ARG(told),
				SPAN_ARG(line));
		}
	}
	maillog_end(log);
	while ((one = maillog_next(log)) != NULL) {
		struct span line = tell(one);

		told = arena_print(
			arena, "%.*s%.*s", SPAN_ARG(told), SPAN_ARG(line));
	}
	maillog_close(log);
	return told;
}

static void each_line_tells_what_stands_in_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(logs); i++)
		assert_span(
			read_log(span_of(logs[i].log), SIZE_MAX), logs[i].told);
}

static void a_log_may_be_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(logs); i++)
		for (size_t piece = 1; piece < 8; piece += 3)
			assert_span(read_log(span_of(logs[i].log), piece),
				logs[i].told);
}

/* Deliveries that are fetched together are all right at once: each has words
 * of its own message, and none has those of a line that came behind it. */
static size_t check_few(struct maillog *log, size_t from)
{
	const struct delivery *few;
	size_t count, most = 0;
	char sender[64], recipient[64];

	while ((few = maillog_next_few(log, &count)) != NULL) {
		for (size_t i = 0; i < count; i++, from++) {
			snprintf(sender, sizeof(sender), "s%zu@from.example",
				from / 2);
			snprintf(recipient, sizeof(recipient),
				"r%zu@to.example", from / 2);
			assert_span(few[i].sender, sender);
			assert_span(few[i].recipient, recipient);
			assert_span(few[i].relay_host,
				from % 2 ? "b.example" : "a.example");
			assert_span(few[i].text,
				from % 2 ? "250 ok"
					 : "connect to a.example[192.0.2.1]:25:"
					   " Connection refused");
		}
		most = count > most ? count : most;
	}
	assert_true(most > 1 || !most);
	return from;
}

static struct span many_messages(size_t count)
{
	static const char head[] = "Nov 21 20:08:19 mx postfix/";
	struct span log = SPAN("");

	for (size_t i = 0; i < count; i++)
		log = arena_print(arena,
			"%.*s%sqmgr[1]: AB%05zu: from=<s%zu@from.example>, "
			"size=1, nrcpt=1 (queue active)\n"
			"%ssmtp[%zu]: connect to a.example[192.0.2.1]:25: "
			"Connection refused\n"
			"%ssmtp[%zu]: AB%05zu: to=<r%zu@to.example>, "
			"relay=b.example[192.0.2.2]:25, delay=1, "
			"dsn=2.0.0, status=sent (250 ok)\n"
			"%sqmgr[1]: AB%05zu: removed\n",
			SPAN_ARG(log), head, i, i, head, i, head, i, i, i, head,
			i);
	return log;
}

static void several_deliveries_may_be_fetched_together(void **state)
{
	enum { MESSAGES = 300 };
	static const size_t pieces[] = { 900, 4096, 10007, SIZE_MAX };
	const struct maillog_orders orders = { .file = SPAN("log"),
		.now_ms = now_ms };
	struct span whole = many_messages(MESSAGES);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct maillog *log = maillog_open(&orders);
		struct span bytes = whole;
		size_t told = 0;

		while (bytes.len) {
			maillog_feed(log, span_part(bytes, 0, pieces[i]));
			bytes = span_part(bytes, pieces[i], bytes.len);
			told = check_few(log, told);
		}
		maillog_end(log);
		assert_int_equal(check_few(log, told), 2 * MESSAGES);
		assert_int_equal(
			maillog_account(log)->deliveries, 2 * MESSAGES);
		maillog_close(log);
	}
}

static void a_last_line_needs_no_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(logs); i++) {
		struct span log = span_of(logs[i].log);

		log.len--;
		assert_span(read_log(log, SIZE_MAX), logs[i].told);
	}
}

static void a_log_may_end_its_lines_with_crlf(void **state)
{
	(void)state;
	assert_span(
		read_log(SPAN(SENDMAIL "6ALK8J5E000129: to=r@b, relay=mx. "
				       "[192.0.2.1], dsn=2.0.0, stat=Sent\r\n"),
			SIZE_MAX),
		"?>r@b mx 192.0.2.1 accepted dot 0 2.0.0L []\n");
}

static size_t lines_of(struct span text)
{
	size_t count = 0;

	while (text.len) {
		span_cut(&text, '\n');
		count++;
	}
	return count;
}

/* The queue ids are the same ones, so more is known of the later lines. */
static void several_dialects_may_share_a_log(void **state)
{
	struct span log = SPAN("");
	size_t told = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(logs); i++) {
		/* What is kept may be claimed by the log behind it. */
		if (strstr(logs[i].told, "?> "))
			continue;
		log = arena_print(arena, "%.*s%s", SPAN_ARG(log), logs[i].log);
		told += lines_of(span_of(logs[i].told));
	}
	assert_true(told > 30);
	assert_int_equal(lines_of(read_log(log, SIZE_MAX)), told);
}

static void a_line_over_the_limit_is_cut(void **state)
{
	const struct maillog_orders orders = { .now_ms = now_ms };
	struct maillog *log = maillog_open(&orders);
	struct span start = SPAN(POSTFIX "smtp[1]: A1B2C3D4E5: to=<r@b>, "
					 "relay=mx[192.0.2.1]:25, dsn=5.0.0, "
					 "status=bounced (550 no");
	char *line = arena_take(arena, 2 * MAILLOG_LINE_MAX);
	const struct delivery *one;

	(void)state;
	memset(line, 'x', 2 * MAILLOG_LINE_MAX);
	memcpy(line, start.at, start.len);
	maillog_feed(log, (struct span){ line, 2 * MAILLOG_LINE_MAX });
	assert_null(maillog_next(log));
	maillog_feed(log, SPAN("\n"));
	one = maillog_next(log);
	assert_non_null(one);
	assert_span(one->recipient, "r@b");
	assert_true(one->text.len < MAILLOG_LINE_MAX);
	assert_int_equal(maillog_account(log)->cut, 1);
	maillog_close(log);
}

static void a_delivery_knows_its_line_and_time(void **state)
{
	const struct maillog_orders orders = { .file = SPAN("the log"),
		.now_ms = now_ms };
	struct maillog *log = maillog_open(&orders);
	const struct delivery *one;

	(void)state;
	maillog_feed(log, span_of(logs[3].log));
	one = maillog_next(log);
	assert_span(one->file, "the log");
	assert_int_equal(one->position, 1);
	assert_int_equal(one->time_ms, INT64_C(1771704499000));
	assert_true(one->guesses_year);
	assert_span(one->dialect, "postfix");
	assert_span(one->queue_id, "A1B2C3D4E5");
	assert_int_equal(one->family, FAMILY_IPV6);
	one = maillog_next(log);
	assert_int_equal(one->position, 3);
	assert_true(one->has_delay);
	assert_int_equal(one->delay_ms, 1000);
	assert_null(maillog_next(log));
	assert_int_equal(maillog_account(log)->lines, 3);
	assert_int_equal(maillog_account(log)->of_dialect[MAILLOG_POSTFIX], 3);
	maillog_close(log);
}

/* clang-format off */
static const struct {
	const char *line;
	int64_t time_ms;
	bool guesses_year, guesses_zone;
} times[] = {
#define FAILED MSGID " ** r@b.example: Unrouteable address\n"
	/* syslog was late, and names no year */
	{ "Jan  1 00:00:03 mta exim[3]: 2023-12-31 23:59:59 " FAILED, INT64_C(1704067199000), false, true },
	{ "2024-01-01T00:00:03Z mta exim[3]: 2024-01-01 00:59:59 " FAILED, INT64_C(1704067199000), false, false },
	{ "2024-01-01T00:00:03Z mta exim[3]: " FAILED, INT64_C(1704067203000), false, false },
	/* Docker knows the year and the zone */
	{ "{\"log\":\"Jan  1 01:59:59 mta exim[3]: " MSGID " ** r@b.example: no\\n\",\"time\":\"2023-12-31T23:59:59.9Z\"}\n", INT64_C(1704067199000), false, false },
	{ "2023-12-31T23:59:59.9Z stdout F " FAILED, INT64_C(1704067199900), false, false },
	/* ... Elastic knows when it was read */
	{ "{\"@timestamp\":\"2026-02-21T20:08:21Z\",\"message\":\"Feb 21 18:08:19 mta exim[3]: " MSGID " ** r@b.example: no\"}\n", INT64_C(1771697299000), true, true },
	{ "{\"@timestamp\":\"2026-02-21T20:08:19Z\",\"message\":\"" MSGID " ** r@b.example: no\"}\n", INT64_C(1771704499000), false, false },
	/* numbers */
	{ "{\"MESSAGE\":\"" MSGID " ** r@b.example: no\",\"__REALTIME_TIMESTAMP\":\"1771704499123456\"}\n", INT64_C(1771704499123), false, false },
	{ "{\"message\":\"" MSGID " ** r@b.example: no\",\"date\":1771704499.5}\n", INT64_C(1771704499500), false, false },
	{ "{\"message\":\"" MSGID " ** r@b.example: no\",\"time\":1771704499123}\n", INT64_C(1771704499123), false, false },
	{ "{\"message\":\"" MSGID " ** r@b.example: no\",\"time\":1771704499}\n", INT64_C(1771704499000), false, false },
#undef FAILED
};
/* clang-format on */

static void a_delivery_has_the_time_that_is_known_best(void **state)
{
	const struct maillog_orders orders = { .now_ms = now_ms };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		struct maillog *log = maillog_open(&orders);
		const struct delivery *one;

		maillog_feed(log, span_of(times[i].line));
		one = maillog_next(log);
		assert_non_null(one);
		assert_true(one->has_time);
		assert_int_equal(one->time_ms, times[i].time_ms);
		assert_int_equal(one->guesses_year, times[i].guesses_year);
		assert_int_equal(one->guesses_zone, times[i].guesses_zone);
		maillog_close(log);
	}
}

/* The stamp of Exim's own is in the zone of the logs, too. */
static void a_stamp_behind_that_of_syslog_is_in_the_zone_of_the_logs(
	void **state)
{
	const struct log_zone zone = { .ahead_ms = INT64_C(32400000) };
	const struct maillog_orders orders = { .now_ms = now_ms,
		.zone = &zone };
	struct maillog *log = maillog_open(&orders);
	const struct delivery *one;

	(void)state;
	maillog_feed(log,
		SPAN("Feb 22 05:08:25 mta exim[3]: 2026-02-22 05:08:19 " MSGID
		     " ** r@b.example: no\n"));
	one = maillog_next(log);
	assert_non_null(one);
	assert_int_equal(one->time_ms, INT64_C(1771704499000));
	assert_false(one->guesses_zone);
	maillog_close(log);
}

/* More attempts without a recipient than there is room for. */
static void attempts_that_nobody_claims_are_told_all_the_same(void **state)
{
	const struct maillog_orders orders = { .now_ms = now_ms };
	struct maillog *log = maillog_open(&orders);
	size_t told = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		maillog_feed(log,
			arena_print(arena,
				POSTFIX "smtp[%d]: connect to mx[192.0.2.1]:25:"
					" Connection refused\n",
				i));
		while (maillog_next(log))
			told++;
	}
	assert_true(told > 0 && told < 1000);
	maillog_end(log);
	while (maillog_next(log))
		told++;
	assert_int_equal(told, 1000);
	maillog_close(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_tells_what_stands_in_it),
		cmocka_unit_test(a_log_may_be_cut_anywhere),
		cmocka_unit_test(several_deliveries_may_be_fetched_together),
		cmocka_unit_test(a_last_line_needs_no_end),
		cmocka_unit_test(a_log_may_end_its_lines_with_crlf),
		cmocka_unit_test(several_dialects_may_share_a_log),
		cmocka_unit_test(a_line_over_the_limit_is_cut),
		cmocka_unit_test(a_delivery_knows_its_line_and_time),
		cmocka_unit_test(a_delivery_has_the_time_that_is_known_best),
		cmocka_unit_test(
			a_stamp_behind_that_of_syslog_is_in_the_zone_of_the_logs),
		cmocka_unit_test(
			attempts_that_nobody_claims_are_told_all_the_same),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
