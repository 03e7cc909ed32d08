"""Mail logs: a Postfix log of six to seven lines a message, counted."""
import json
import os
import random
import shutil
import subprocess

from loops import Failed, Goal, Loop

TITLE = "Mail logs: read and counted; a log of Postfix, 127 octets a line"
LIMIT, OURS, EACH = "one pass", "mxprobe", "mxprobe --jsonl"
GOALS = {
    ("log", OURS, LIMIT, "cpu"): [Goal("G1", "<=", 4), Goal("G2", "<=", 2)],
    ("log", OURS, "pflogsumm", "cpu"): [Goal("G2", "<=", 1 / 75)],
    ("log", OURS, "grep -cE", "cpu"): [],
    ("log", EACH, LIMIT, "cpu"): [],
}
PEAKS = {}
for _work in ("log x4", "log x8"):
    GOALS[_work, OURS, LIMIT, "cpu"] = GOALS["log", OURS, LIMIT, "cpu"]
for _work in ("log", "log x4", "log x8"):
    PEAKS[_work, OURS] = [Goal("G1", "<=", 64), Goal("G2", "<=", 32)]
LINES = 1000000
PROGRAM = "mx1 postfix/"
# status=, dsn=, and what the server said; None: it never did.
FAILURES = [
    ("deferred", "4.2.2", "452-4.2.2 The account is over its quota. 452 4.2.2 "
     "Please direct the recipient to https://support.example/?p=quota"),
    ("deferred", "4.7.1", "451 4.7.1 Greylisted, please come back later"),
    ("deferred", "4.7.0", "421 4.7.0 [192.0.2.9] An unusual rate of mail comes "
     "from your address; it is limited for a while"),
    ("deferred", "4.4.1", None),
    ("bounced", "5.1.1", "550-5.1.1 There is no account of this name. 550 5.1.1 "
     "Please look for typing errors in the address"),
    ("bounced", "5.7.1", "554 5.7.1 Client host [192.0.2.9] is blocked by "
     "list.example; https://list.example/q/192.0.2.9"),
    ("bounced", "5.7.26", "550-5.7.26 Mail of probe.example has to pass DMARC "
     "550 5.7.26 and does not"),
    ("bounced", "5.4.4", None),
    ("bounced", "5.0.0", "550 No such user here"),
]


class Log:
    """Messages that each say what Postfix's programs say of one."""

    def __init__(self, path):
        self.out = open(path, "w", buffering=1 << 20)
        self.random = random.Random(3)
        self.lines = self.number = 0
        self.clock = 0.0

    def stamp(self):
        second = int(self.clock)
        return "Jan %2d %02d:%02d:%02d %s" % (
            1 + second // 86400 % 28, second % 86400 // 3600,
            second % 3600 // 60, second % 60, PROGRAM)

    def address(self):
        if self.number % 3:
            return "203.0.%d.%d" % (self.number % 256, self.number // 7 % 256)
        return "2001:db8:%x::%x" % (self.number % 65536, self.number % 250 + 1)

    def delivery(self, queue_id, domain):
        luck = self.random.random()
        host = "mx.%s[%s]" % (domain, self.address())
        head = "smtp[%d]: %s: to=<user%d@%s>" % (
            3000 + self.number % 500, queue_id, self.number % 5000, domain)
        times = "delay=%.1f, delays=0.1/0/0.4/%.1f" % (1 + luck, luck)
        if luck < .82:
            return "%s, relay=%s:25, %s, dsn=2.0.0, status=sent (250 2.0.0 " \
                "OK  %d %s - gsmtp)" % (head, host, times,
                                        1767607200 + self.number,
                                        queue_id.lower())
        status, dsn, said = self.random.choice(FAILURES)
        if said:
            return "%s, relay=%s:25, %s, dsn=%s, status=%s (host %s said: " \
                "%s (in reply to RCPT TO command))" % (
                    head, host, times, dsn, status, host, said)
        return "%s, relay=none, %s, dsn=%s, status=%s (connect to %s:25: " \
            "Connection timed out)" % (head, times, dsn, status, host)

    def message(self):
        self.number += 1
        self.clock += self.random.random() * 0.2
        number, stamp = self.number, self.stamp()
        queue_id = "%011X" % (number * 7919 + 0x10000000000)
        domain = "example%d.test" % int(self.random.random() ** 2 * 3000)
        client = "client%d.test[198.51.%d.%d]" % (
            number % 700, number % 256, number // 256 % 256)
        lines = [
            "smtpd[%d]: connect from %s" % (1000 + number % 900, client),
            "smtpd[%d]: %s: client=%s, sasl_method=PLAIN, sasl_username=u%d"
            % (1000 + number % 900, queue_id, client, number % 700),
            "cleanup[%d]: %s: message-id=<%d.%s@probe.example>"
            % (2000 + number % 90, queue_id, number, queue_id),
            "qmgr[777]: %s: from=<bounce+%d@probe.example>, size=%d, nrcpt=1 "
            "(queue active)" % (queue_id, number % 9000,
                                1000 + number % 50000),
            self.delivery(queue_id, domain),
            "qmgr[777]: %s: removed" % queue_id,
            "smtpd[%d]: disconnect from %s ehlo=1 auth=1 mail=1 rcpt=1 data=1 "
            "quit=1 commands=6" % (1000 + number % 900, client)]
        self.out.write("".join(stamp + line + "\n" for line in lines))
        self.lines += len(lines)


def make_log(path, lines):
    log = Log(path)
    while log.lines < lines:
        log.message()
    log.out.close()
    return log.lines


def make_larger(path, times):
    """The same days again and again, in one file."""
    larger = "%s.x%d" % (path, times)
    with open(larger, "wb") as out:
        for _ in range(times):
            with open(path, "rb") as log:
                shutil.copyfileobj(log, out, 1 << 20)
    return larger


def check(mxprobe, path):
    """A delivery for each line that tells of one."""
    with open(path) as log:
        wanted = sum(", status=" in line for line in log)
    said = subprocess.run([mxprobe, "explain", "--json", path],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=False)
    told = sum(row[result] for row in json.loads(said.stdout)["destinations"]
               for result in ("accepted", "deferred", "refused", "unclear"))
    if told != wanted:
        raise Failed("mxprobe explain tells of %d deliveries, not %d"
                     % (told, wanted))


def loops(bench, build):
    share = 10 if bench.options.quick else 1
    times = 8 if bench.options.large else 4
    path = os.path.join(bench.place, "mail.log")
    few_path = os.path.join(bench.place, "few.log")
    lines = make_log(path, LINES // share)
    few = make_log(few_path, lines // 20)
    mxprobe = build.mxprobe()
    check(mxprobe, few_path)
    limit = build.compile("logs_limit", [])
    found = []
    for work, file, count in (
            ("log", path, lines),
            ("log x%d" % times, make_larger(path, times), lines * times)):
        if limit:
            found.append(Loop(work, LIMIT, count, [limit, file]))
        # Its status says that something was refused.
        found += [Loop(work, OURS, count, [mxprobe, "explain", file], (1,)),
                  Loop(work, EACH, count,
                       [mxprobe, "explain", "--jsonl", file], (1,))]
    # Where its output is /dev/null, grep ends at the first match.
    found.append(Loop("log", "grep -cE", lines, [
        "sh", "-c", "LC_ALL=C grep -cE 'status=(bounced|deferred)' \"$0\" | cat",
        path]))
    if shutil.which("pflogsumm"):
        found.append(Loop("log", "pflogsumm", few, ["pflogsumm", few_path]))
    else:
        bench.trouble("log: pflogsumm is left out (package pflogsumm)")
    return found
