"""Bounces: a folder of mails in five forms, each read and explained."""
import json
import os
import random
import shutil
import subprocess

from loops import Failed, Goal, Loop

TITLE = "Bounces: a folder of mails, each of some 4 KB, read and explained"
LIMIT, OURS, EACH = "reading them", "mxprobe", "mxprobe --jsonl"
GOALS = {
    ("bounces", OURS, "sisimai", "cpu"):
        [Goal("G1", "<=", 1 / 15), Goal("G2", "<=", 1 / 40)],
    ("bounces", OURS, LIMIT, "cpu"): [],
    ("bounces", EACH, "sisimai", "cpu"):
        [Goal("G1", "<=", 1 / 15), Goal("G2", "<=", 1 / 40)],
}
MAILS, FEW = 6000, 600
REPLIES = [
    "550 5.1.1 <%s>: Recipient address rejected: User unknown",
    "552 5.2.2 <%s>: the mailbox is over its quota",
    "554 5.7.1 Service unavailable; Client host [192.0.2.9] is blocked by "
    "list.example for %s",
    "550 5.7.26 Mail for %s has to pass SPF or DKIM and does neither",
    "450 4.2.0 <%s>: greylisted, please try again later",
]
HEADER = """Return-Path: <>
Received: from mta.example.net (mta.example.net [192.0.2.1])
\tby mail.example.net (MTA) with ESMTP id %(n)08X
\tfor <sender@example.net>; Sat, 7 Sep 2024 10:51:30 +0000 (UTC)
Date: Sat, 7 Sep 2024 10:51:30 +0000
From: Mail Delivery System <MAILER-DAEMON@mta.example.net>
To: sender@example.net
Message-Id: <%(n)d.bounce@mta.example.net>
"""
ORIGINAL = """Return-Path: <sender@example.net>
Received: from app.example.net (app.example.net [192.0.2.2])
\tby mta.example.net (MTA) with ESMTP id %(n)08X
\tfor <%(to)s>; Sat, 7 Sep 2024 10:51:00 +0000 (UTC)
Date: Sat, 7 Sep 2024 10:51:00 +0000
From: Some Sender <news@example.net>
To: %(to)s
Subject: Message %(n)d
Message-ID: <%(n)d@example.net>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

%(body)s
"""
REPORT = """Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="%(n)X.b/mta.example.net"

This is a MIME-encapsulated message.

--%(n)X.b/mta.example.net
Content-Type: text/plain; charset=us-ascii

%(words)s
--%(n)X.b/mta.example.net
Content-Type: message/delivery-status

Reporting-MTA: dns; mta.example.net
Arrival-Date: Sat, 7 Sep 2024 10:51:00 +0000 (UTC)

Final-Recipient: rfc822; %(to)s
Original-Recipient: rfc822;%(to)s
Action: failed
Status: %(status)s
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; %(reply)s

--%(n)X.b/mta.example.net
Content-Type: message/rfc822

%(original)s
--%(n)X.b/mta.example.net--
"""
POSTFIX = """This is the mail system at host mta.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<%(to)s>: host mx.example.org[2001:db8::25] said: %(reply)s (in reply to RCPT
    TO command)
"""
SENDMAIL = """   ----- The following addresses had permanent fatal errors -----
<%(to)s>
    (reason: %(reply)s)

   ----- Transcript of session follows -----
... while talking to mx.example.org.:
>>> DATA
<<< %(reply)s
554 5.0.0 Service unavailable
"""
QMAIL = """Subject: failure notice

Hi. This is the qmail-send program at mta.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<%(to)s>:
192.0.2.25 does not like recipient.
Remote host said: %(reply)s
Giving up on 192.0.2.25.

--- Below this line is a copy of the message.

%(original)s"""
EXIM = """X-Failed-Recipients: %(to)s
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  %(to)s
    host mx.example.org [2001:db8::25]
    SMTP error from remote mail server after RCPT TO:<%(to)s>:
    %(reply)s

------ This is a copy of the message, including all the headers. ------

%(original)s"""
OPENSMTPD = """Subject: Delivery status notification: error

    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

%(to)s: %(reply)s

    Below is a copy of the original message:

%(original)s"""


def mail(number, dice):
    facts = {"n": number, "to": "user%d@dest%d.example.org" % (
        number, number % 40)}
    facts["reply"] = dice.choice(REPLIES) % facts["to"]
    facts["status"] = facts["reply"].split()[1]
    facts["body"] = "\n".join(
        "".join(dice.choices("abcdefgh ijklmn op", k=70))
        for _ in range(dice.randrange(5, 60)))
    facts["original"] = ORIGINAL % facts
    form = dice.choice([POSTFIX, SENDMAIL, QMAIL, EXIM, OPENSMTPD])
    if form in (POSTFIX, SENDMAIL):
        facts["words"] = form % facts
        form = REPORT
    return HEADER % facts + form % facts


def make_folder(path, count):
    dice = random.Random(7)
    os.makedirs(path)
    for number in range(1, count + 1):
        with open(os.path.join(path, "%06d.eml" % number), "w") as file:
            file.write(mail(number, dice))


def check(mxprobe, folder, count):
    """Each mail tells of one recipient, and why that was not to be."""
    said = subprocess.run([mxprobe, "explain", "--jsonl", folder],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=False)
    rows = [json.loads(line) for line in said.stdout.splitlines()]
    rows = [row for row in rows if row["kind"] == "delivery"]
    known = sum(row.get("policy", "unknown") != "unknown" for row in rows)
    if len(rows) != count or known < count * 9 // 10:
        raise Failed("mxprobe explain tells of %d recipients, and why of %d"
                     % (len(rows), known))


def loops(bench, build):
    share = 4 if bench.options.quick else 1
    count, few = MAILS // share, FEW // share
    folder = os.path.join(bench.place, "bounces")
    few_folder = os.path.join(bench.place, "few-bounces")
    make_folder(folder, count)
    make_folder(few_folder, few)
    mxprobe = build.mxprobe()
    check(mxprobe, few_folder, few)
    limit = build.compile("bounces_limit", [])
    found = []
    if limit:
        found.append(Loop("bounces", LIMIT, count, [limit, folder]))
    # Its status says that something was refused.
    found += [Loop("bounces", OURS, count, [mxprobe, "explain", folder], (1,)),
              Loop("bounces", EACH, count,
                   [mxprobe, "explain", "--jsonl", folder], (1,))]
    perl = shutil.which("perl")
    if perl:
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                              "bounces_sisimai.pl")
        found.append(Loop("bounces", "sisimai", few,
                          [perl, script, few_folder]))
    return found
