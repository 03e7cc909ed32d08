"""Checks of cases.py that are more than a command line and its verdict."""
import datetime
import json
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

import jsonschema

from probe import (LAB, SLOWNESS, IS_VALGRIND, cause_of, check_text, command,
                   expect, is_sanitized, is_sound, mail, parsed, run, run_json,
                   surroundings, validate, Ran)

LABROOT = os.environ["LABROOT"]
DELIVERY = ["gmail-like.example", "-f", "probe@sender.example", "-t",
            "postmaster@gmail-like.example", "--deliver", "--pause", "50ms"]
MEMORY_MOST = 64 * 1024         # KiB

# ---- of one document


def visits_of(document):
    return [visit for target in document["targets"] for visit in target["visits"]]


def is_delivered_once(document):
    tokens = {visit["family"]: visit["token"] for visit in visits_of(document)}
    messages = mail("gm")
    for family, wanted in (("ipv4", 1), ("ipv6", 0)):
        found = sum(tokens[family] in message for message in messages)
        expect(found == wanted, "%d messages with the token of %s" % (found, family))


def walks(count):
    def check(document):
        walked = [one for one in visits_of(document) if one["state"] == "walked"]
        expect(len(walked) == count, "%d walks, not %d" % (len(walked), count))
    return check


def says_why(words):
    def check(document):
        why = document["targets"][0]["fault"]["why"]
        expect(words in why, "the reason does not say %s: %s" % (words, why))
    return check


def blames(fix, words):
    """The cause tells the words as evidence, and the fix has its word."""
    def check(document):
        cause = cause_of(document["targets"][0]["findings"])
        expect(words in " ".join(cause["for"]), "%s is not told: %s" % (words, cause))
        expect(fix in cause["remedy"], "the fix is %(remedy)s" % cause)
    return check


def is_called(domain, shown):
    def check(document):
        target = document["targets"][0]
        expect((target["domain"], target["domain_shown"]) == (domain, shown),
               "called %(domain)s and %(domain_shown)s" % target)
    return check


def is_secure(wanted):
    def check(document):
        for path in document["targets"][0]["paths"]:
            expect(path["secure"] == wanted, "%(address)s: secure is %(secure)s" % path)
    return check


def dane(state, result=None):
    """What the DNS says of each path, and what the certificate makes of it."""
    def check(document):
        for visit in visits_of(document):
            told = visit["dane"]
            verdict = told["verdict"] and told["verdict"]["result"]
            expect((told["state"], verdict) == (state, result),
                   "%s: DANE is %s, %s" % (visit["family"], told["state"], verdict))
    return check


def has_keywords(count):
    def check(document):
        got = [len(visit["ehlo"]["keywords"]) for visit in visits_of(document)
               if visit["family"] == "ipv6"]
        expect(got == [count], "%s keywords" % got)
    return check


def has_sound_mtu(document):
    got = [visit["mtu_trial"] for visit in visits_of(document)]
    expect([one["answer"] for one in got] == ["sound", "sound"], str(got))
    expect(all(one["clamped"] is None for one in got), "a third connection was made")


SCENARIO = """mxprobe 1
scenario "both families"
owns postmaster@gmail-like.example
path eg
  source4 192.0.2.25
  source6 2001:db8:1::25
  ehlo    eg.sender.example
probe delivery
  target mx gmail-like.example
  path   eg
  step banner   => 220
  step ehlo     => has STARTTLS
  step starttls => tls >= 1.2, cert name-ok
  step mail probe@sender.example => accept
  step rcpt postmaster@gmail-like.example => accept
  step data => accept
"""


def own_scenario(text):
    """A file of its own: deeds run beside each other, in one process."""
    handle, path = tempfile.mkstemp(".mxp", "deed-", LABROOT)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return path


def run_scenario(text, *options):
    done = subprocess.run(
        command("eg", ["run", "--json", "--pause", "50ms", *options, own_scenario(text)]),
        capture_output=True, timeout=60 * SLOWNESS)
    return done.returncode, [cell["verdict"] for cell in json.loads(done.stdout)["cells"]]


def scenario():
    """A cell for each family, and the expectation that the refusal meets."""
    got = run_scenario(SCENARIO)
    expect(got == (77, ["skipped", "skipped"]), "without --deliver: %s, %s" % got)
    got = run_scenario(SCENARIO, "--deliver")
    expect(got == (1, ["pass", "fail"]), "with --deliver: %s, %s" % got)
    got = run_scenario(SCENARIO + "  when family 6: step data => reject 550 5.7.1\n", "--deliver")
    expect(got == (0, ["pass", "pass"]), "with the refusal expected: %s, %s" % got)


# What the lab's Gmail is not: its name, its banner and its size; and the path
# is that of the host that sends.
LAB_GMAIL = [
    ("target mx gmail.com\n", "target mx gmail-like.example\n", 2),
    (r"text /mx\.google\.com ESMTP/", "text /ESMTP/", 1),
    ("has SIZE >= 25M", "has SIZE", 1),
    ("path here\n  transient refuse\n",
     "path here\n  source4 192.0.2.25\n  source6 2001:db8:1::25\n  ehlo eg.sender.example\n", 1),
]
KNOWN = "#  when family 6: step data"


def bundled_gmail(known=False):
    """The scenario that comes with mxprobe, for the lab's Gmail."""
    with open(os.path.join(os.path.dirname(__file__), "../../scenarios/gmail.mxp")) as file:
        text = file.read()
    for there, here, count in LAB_GMAIL:
        expect(text.count(there) == count, "gmail.mxp has not %r %d times" % (there, count))
        text = text.replace(there, here)
    expect(text.count(KNOWN) == 1, "gmail.mxp shows no known rejection")
    return text.replace(KNOWN, KNOWN[1:]) if known else text


def run_gmail(text, *options, mailbox="postmaster@gmail-like.example", **more):
    """The exit status, and the verdicts by row."""
    path = own_scenario(text)
    done = subprocess.run(
        command("eg", ["run", "--json", "--pause", "50ms", "--deliver", *options, path]),
        capture_output=True, timeout=60 * SLOWNESS,
        env=surroundings(MXP_DOMAIN="sender.example", MXP_FROM="probe@sender.example",
                         MXP_GMAIL=mailbox, **more))
    rows = json.loads(done.stdout)["cells"]
    return done.returncode, {(row["probe"], row["family"]): row["verdict"] for row in rows}


def gmail_live():
    """As it stands: all of it well, but the message over IPv6."""
    status, rows = run_gmail(bundled_gmail())
    expect(status == 1, "exit status %d" % status)
    wanted = {("transport", "ipv4"): "pass", ("transport", "ipv6"): "pass",
              ("delivery", "ipv4"): "pass", ("delivery", "ipv6"): "fail"}
    got = {name: verdict for name, verdict in rows.items() if name in wanted}
    expect(got == wanted, "%s" % got)
    expect({verdict for name, verdict in rows.items() if name not in wanted} <= {"pass"},
           "%s" % rows)


def gmail_known(clock, mailbox, status, verdict):
    """The rejection that is known until 2027-01-31."""
    def check():
        got = run_gmail(bundled_gmail(known=True), "--only", "delivery", mailbox=mailbox,
                        MXPROBE_CLOCK=clock)
        rows = {name: word for name, word in got[1].items() if name[0] == "delivery"}
        expect((got[0], rows) == (status, {("delivery", "ipv4"): "pass",
                                           ("delivery", "ipv6"): verdict}), "%s, %s" % got)
    return check


def bad_manners():
    """A bundled scenario by its name; exim.sh says smtp_enforce_sync = false."""
    done = subprocess.run(
        command("eg", ["run", "--json", "--pause", "50ms", "--only", "good",
                       "--only", "early-talker", "manners"]),
        capture_output=True, timeout=60 * SLOWNESS,
        env=surroundings(MXP_OWN_HOST="mx.exim.example", MXP_OWN="exim.example"))
    rows = [row for row in json.loads(done.stdout)["cells"] if row["verdict"] != "skipped"]
    got = {(row["probe"], row["family"]): row["verdict"] for row in rows}
    wanted = {(probe, family): verdict for family in ("ipv4", "ipv6")
              for probe, verdict in (("good", "pass"), ("early-talker", "fail"))}
    expect((done.returncode, got) == (1, wanted), "%d, %s, %s" % (
        done.returncode, got, [row["misses"] for row in rows]))


def printed_scenario():
    """What --print-scenario writes, `run` walks."""
    printed = subprocess.run(
        command("eg", ["--print-scenario", "gmail-like.example"]),
        capture_output=True, timeout=20 * SLOWNESS, check=True).stdout.decode()
    got = run_scenario(printed)
    expect(got == (0, ["pass", "pass"]), "%s, %s" % got)


def identity(dkim, dmarc):
    """What we found out about ourselves, over both families."""
    def check(document):
        for visit in visits_of(document):
            got = visit["identity"]["dkim"]["result"], visit["identity"]["dmarc"]["result"]
            expect(got == (dkim, dmarc), "DKIM %s, DMARC %s" % got)
    return check


def check_isolation(told, difference, finding, most):
    """The planted cause, with no more connections than were allowed."""
    expect(told["result"] == "single" and told["difference"] == difference,
           "%s: %s, not %s" % (told["result"], told["difference"], difference))
    expect(finding in told["findings"], "%s is not among %s" % (finding, told["findings"]))
    made = sum(not one["walked_before"] for one in told["experiments"])
    expect(made == told["connections"] <= most == told["max_connections"],
           "%d experiments, %d connections" % (made, told["connections"]))


def isolated(difference, finding, most=4):
    def check(document):
        isolations = document["targets"][0]["isolations"]
        expect(len(isolations) == 1, "%d isolations" % len(isolations))
        check_isolation(isolations[0], difference, finding, most)
    return check


ISOLATING = """mxprobe 1
scenario "two ways out"
path sound
  source4 192.0.2.25
  source6 2001:db8:1::25
  ehlo    eg.sender.example
path unsound
  source6 2001:db8:1::27
  ehlo    eg.sender.example
probe recipient
  target mx policy.example
  path   sound, unsound
  step mail probe@sender.example => accept
  step rcpt postmaster@policy.example => accept
on failure
  isolate family, source, ehlo, mx, tls, mail-from max 3 connections
"""


def isolating_scenario():
    """The cells that were walked before show it; one connection is to see it again."""
    path = own_scenario(ISOLATING)
    done = subprocess.run(command("eg", ["run", "--json", "--pause", "50ms", path]),
                          capture_output=True, timeout=60 * SLOWNESS)
    document = json.loads(done.stdout)
    with open(os.path.join(os.path.dirname(__file__), "../../reports/run.schema.json")) as file:
        jsonschema.validate(document, json.load(file))
    told = [row["isolation"] for row in document["cells"] if "isolation" in row]
    verdicts = [row["verdict"] for row in document["cells"]]
    expect((done.returncode, verdicts) == (1, ["pass", "pass", "n/a", "fail"]) or
           (done.returncode, verdicts) == (1, ["pass", "pass", "fail"]), "%s" % verdicts)
    expect(len(told) == 1, "%d isolations" % len(told))
    check_isolation(told[0], ["source"], "any.no-reverse-name", 3)
    expect(told[0]["connections"] == 1, "%d connections" % told[0]["connections"])
    text = subprocess.run(command("eg", ["run", "--pause", "50ms", path]),
                          capture_output=True, timeout=60 * SLOWNESS).stdout.decode()
    expect("conclusion: The source address makes the difference: it goes well with "
           "2001:db8:1::25 instead of 2001:db8:1::27" in text, text)


def asked(server):
    def check(document):
        for answer in document["targets"][0]["dns"]["answers"]:
            if answer["type"] == "POLICY":      # the web server says that
                continue
            expect(server in answer["server"], "%(name)s was asked of %(server)s" % answer)
    return check


def reached(stage):
    def check(document):
        for visit in visits_of(document):
            expect(visit["stages"].get(stage, {}).get("ok"), "%s not reached over %s" % (
                stage, visit["family"]))
    return check


# ---- of more than one run


def greylisting():
    def arguments(user):
        return ["greylist.example", "-f", user + "@sender.example", "-t",
                "postmaster@greylist.example", "--pause", "50ms"]

    ran, document = run_json(arguments("json"))
    target = document["targets"][0]
    expect(ran.status == 4, "at first, exit status %d" % ran.status)
    expect([one["verdict"] for one in target["families"].values()] == ["unknown"] * 2,
           "at first, %s" % target["families"])
    ids = [finding["id"] for finding in target["findings"]]
    expect("server.greylists" in ids, "at first, findings %s" % ids)
    screen = check_text("greylist", arguments("text"))
    expect(screen.status == 4, "as text, exit status %d" % screen.status)
    time.sleep(2.2)
    ran, document = run_json(arguments("json"))
    expect(ran.status == 0, "later, exit status %d" % ran.status)


def ways(document):
    return [(target["verdict"], [(path["host"], path["address"], path["left_out"])
                                 for path in target["paths"]])
            for target in document["targets"]]


def replay():
    answers = os.path.join(LABROOT, "probe-answers")
    for target in ("multimx.example", "bücher.example", "nullmx.example"):
        first, asked_for = run_json([target, "--save-answers", answers, "--pause", "50ms"])
        again, replayed = run_json([target, "--answers", answers, "--pause", "50ms"])
        expect(first.status == again.status, "%s: exit status %d, then %d" % (
            target, first.status, again.status))
        expect(ways(asked_for) == ways(replayed), "%s: %s, then %s" % (
            target, ways(asked_for), ways(replayed)))


def dry_run():
    ran, document = run_json(["multimx.example", "-n"])
    expect(ran.status == 0, "exit status %d" % ran.status)
    walked = [one for one in visits_of(document) if one["state"] == "walked"]
    expect(not walked, "it walked %s" % walked)
    expect(len(document["targets"][0]["paths"]) == 4, "not four paths")
    check_text("dry-run", ["multimx.example", "-n"])


def two_targets():
    arguments = ["ok.gmail-like.example", "nullmx.example", "--pause", "50ms"]
    ran, document = run_json(arguments)
    verdicts = {one["target"]: one["verdict"] for one in document["targets"]}
    expect(verdicts == {"ok.gmail-like.example": "pass", "nullmx.example": "fail"},
           "verdicts %s" % verdicts)
    expect(ran.status == 1, "exit status %d" % ran.status)
    check_text("two-targets", arguments)


# ---- behind a forwarder

# Its first line is longer than the forwarder of rewrap@ leaves it.
LETTER = """From: a@signed.example
To: %(user)s@forward.example
Subject: signed
Date: Sat, 21 Nov 2026 21:13:05 +0000
Message-ID: <%(mark)s@signed.example>

This paragraph is one long line, as most programs write it today, and whoever
forwards it should leave it as it is, for the signature covers all of it.

Another one.
"""


def letter(user, mark):
    """A file with a message for USER, signed by signed.example."""
    head, body = (LETTER % {"user": user, "mark": mark}).split("\n\n", 1)
    body = body.replace("whoever\n", "whoever ")
    signed = subprocess.run(
        ["dkimsign", "lab", "signed.example", LABROOT + "/ca/dkim.private"],
        input=(head + "\n\n" + body).encode(), check=True, capture_output=True).stdout
    path = os.path.join(LABROOT, "probe-%s.eml" % mark)
    with open(path, "wb") as message:
        message.write(signed.replace(b"\r", b""))
    return path


def arrived(host, *words):
    """Files that the host keeps, and their texts, if all the words are in them."""
    mail(host)
    box, found = os.path.join(LABROOT, "mail", host, "new"), []
    for name in os.listdir(box) if os.path.isdir(box) else []:
        with open(os.path.join(box, name), errors="replace") as message:
            text = message.read()
        if all(word in text for word in words):
            found.append((os.path.join(box, name), text))
    return found


def send_by_forwarder(user, mark):
    """Over both families; each then goes on over both."""
    mailbox = user + "@forward.example"
    ran, document = run_json([mailbox, "-f", "a@signed.example", "-t", mailbox,
                              "--deliver", "--message", letter(user, mark),
                              "--pause", "50ms"])
    expect(ran.status == 0, "the forwarder refused it: exit status %d" % ran.status)
    mail("fw")


def forwarded():
    send_by_forwarder("plain", "left-alone")
    came = arrived("pf", "<left-alone@signed.example>")
    expect(len(came) == 4, "%d messages arrived, not 4" % len(came))
    for _, text in came:
        for words in ("dkim=pass", "spf=softfail", "dmarc=pass"):
            expect(words in text, "no %s in it: %s" % (words, text))
    expect(not arrived("fw", "<left-alone@signed.example>"), "it bounced")


def rewrapped():
    send_by_forwarder("rewrap", "rewrapped")
    expect(not arrived("pf", "<rewrapped@signed.example>"), "it was taken")
    bounces = arrived("fw", "<rewrapped@signed.example>", "delivery-status")
    expect(len(bounces) == 2, "%d bounces, not 2" % len(bounces))
    for _, text in bounces:
        for words in ("Final-Recipient: rfc822; rewrap4@policy.example",
                      "Remote-MTA: dns; 198.51.100.98",
                      "Final-Recipient: rfc822; rewrap6@policy.example",
                      "Remote-MTA: dns; 2001:db8:d6::2"):
            expect(words in text, "no %s in it: %s" % (words, text))
        told = " ".join(text.split()).count(
            "550-5.7.1 rejected by DMARC policy for signed.example")
        expect(told == 4, "the reason is told %d times: %s" % (told, text))


def rewrapped_letter(mark):
    """The file as a mailbox behind the forwarder has it."""
    send_by_forwarder("rewrap", mark)
    came = arrived("yj", "<%s@signed.example>" % mark)
    expect(len(came) == 2, "%d messages arrived, not 2" % len(came))
    path, text = came[0]
    widest = max(map(len, text.partition("\n\n")[2].splitlines()))
    expect(widest <= 72, "it is not rewrapped: " + text)
    return path


def rewrapped_again():
    message = rewrapped_letter("again")
    arguments = ["policy.example", "-f", "a@signed.example", "-t",
                 "postmaster@policy.example", "--deliver", "--message", message,
                 "--ehlo", "mx.forward.example", "--pause", "50ms"]
    ran, document = run_json(arguments, host="fw")
    target = document["targets"][0]
    for visit in visits_of(document):
        expect(visit["fault"] and visit["fault"]["stage"] == "dot" and
               visit["meaning"] and visit["meaning"]["id"] == "any.dmarc",
               "over %(family)s: %(fault)s, %(meaning)s" % visit)
    expect(ran.status == 1, "exit status %d" % ran.status)
    expect(target["comparison"]["result"] == "same", str(target["comparison"]))
    check_text("rewrapped", arguments, host="fw")
    cause = cause_of(target["findings"])
    expect((cause["id"], cause["confidence"]) == ("any.dmarc", "confirmed"),
           "the cause is %s" % cause)
    expect("sender.dkim" in [finding["id"] for finding in target["findings"]],
           "DKIM is not found: %s" % target["findings"])


def rewrap_is_named():
    ran = run(["preflight", rewrapped_letter("preflight")])
    expect("wrap" in ran.out, "no word of it, exit status %d: %s" % (
        ran.status, ran.out + ran.err))


# ---- many, and politely


def lines_of(text):
    targets = [json.loads(line) for line in text.splitlines()]
    for target in targets:
        validate(target)
    return targets


def check_politeness(targets, pause):
    """No two visits of one host or address at once, and a pause between them."""
    spans = {}
    for target in targets:
        for visit in target["visits"]:
            begun = datetime.datetime.fromisoformat(visit["started"]).timestamp()
            span = begun, begun + visit["duration_us"] / 1e6, target["target"]
            for key in (visit["host"], visit["address"]):
                spans.setdefault(key, []).append(span)
    for key, visits in spans.items():
        visits.sort()
        for before, after in zip(visits, visits[1:]):
            rest = after[0] - before[1]
            expect(rest >= pause - 0.003, "%s: %s only %.4f s after %s" % (
                key, after[2], rest, before[2]))


def highest_memory(pid, is_over):
    """The peak of mxprobe itself, not of what started it; in KiB."""
    highest = 0
    while not is_over.wait(0.02):
        try:
            with open("/proc/%d/status" % pid) as status:
                text = status.read()
        except OSError:
            break
        found = re.search(r"^VmHWM:\s+(\d+)", text, re.M)
        if found and text.startswith("Name:\tmxprobe"):
            highest = max(highest, int(found[1]))
    return highest


def two_hundred():
    names = subprocess.run([LAB, "targets"], check=True, capture_output=True).stdout
    listed = os.path.join(LABROOT, "probe-targets")
    with open(listed, "wb") as targets:
        targets.write(b"# all that there are\n" + names)
    began = time.monotonic()
    child = subprocess.Popen(
        command("eg", ["--targets", listed, "--jsonl", "--pause", "0.05"]),
        env=surroundings(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    is_over, peak = threading.Event(), []
    watcher = threading.Thread(
        target=lambda: peak.append(highest_memory(child.pid, is_over)))
    watcher.start()
    try:
        out, err = child.communicate(timeout=90 * SLOWNESS)
    finally:
        child.kill()
        is_over.set()
        watcher.join()
    seconds = time.monotonic() - began
    is_sound(Ran(child.returncode, "", err.decode(), seconds))
    targets = lines_of(out.decode())
    expect({one["target"] for one in targets} == set(names.decode().split()),
           "%d targets told" % len(targets))
    expect(len(targets) == 200, "%d lines" % len(targets))
    worse = [one["target"] for one in targets if one["verdict"] != "pass"]
    expect(not worse and child.returncode == 0, "not passed: %s" % worse)
    check_politeness(targets, 0.05)
    if IS_VALGRIND or is_sanitized():
        return " (%.1f s)" % seconds
    expect(0 < peak[0] <= MEMORY_MOST, "%d KiB at most" % peak[0])
    return " (%.1f s, %.1f MiB at most)" % (seconds, peak[0] / 1024)


def ceiling():
    """Eight domains over four hosts; --parallel is the most at any time."""
    names = ["t%03d.example" % number for number in range(1, 9)]
    for parallel in (1, 2):
        ran = run([*names, "--jsonl", "--pause", "0", "--parallel", str(parallel)])
        expect(ran.status == 0, "exit status %d" % ran.status)
        edges = []
        for visit in (one for target in lines_of(ran.out) for one in target["visits"]):
            begun = datetime.datetime.fromisoformat(visit["started"]).timestamp()
            # Milliseconds are all that the beginning is told in.
            edges += [(begun + 0.001, 1), (begun + visit["duration_us"] / 1e6, -1)]
        open_now = most = 0
        for _, step in sorted(edges):
            open_now += step
            most = max(most, open_now)
        expect(most <= parallel, "%d at once with --parallel %d" % (most, parallel))


def default_pause():
    ran = run(["gmail-like.example", "bücher.example", "--jsonl"], seconds=10)
    expect(ran.status == 0, "exit status %d" % ran.status)
    check_politeness(lines_of(ran.out), 1.0)


def told_of_pair(arguments, state, host="eg"):
    """Two at once, of one user: what both tell, and their exit statuses."""
    pair = [subprocess.Popen(command(host, arguments), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=surroundings(XDG_STATE_HOME=state))
            for _ in range(2)]
    targets = []
    for child in pair:
        out, err = child.communicate(timeout=30 * SLOWNESS)
        is_sound(Ran(child.returncode, out.decode(), err.decode(), 0))
        expect(child.returncode == 0, "exit status %d: %s" % (child.returncode, err))
        targets += lines_of(out.decode())
    return targets


def two_processes():
    """The pause and the one connection hold over both of them."""
    with tempfile.TemporaryDirectory(dir=LABROOT) as state:
        targets = told_of_pair(["gmail-like.example", "--jsonl", "--pause", "300ms"],
                               state)
        check_politeness(targets, 0.3)
    visits = sorted((one for target in targets for one in target["visits"]),
                    key=lambda one: one["started"])
    expect(len(visits) == 4, "%d visits" % len(visits))
    return ", ".join("%s for %d ms" % (one["started"][11:23], one["duration_us"] // 1000)
                     for one in visits)


def spent_budget():
    """A limit of a scenario over two runs: the second says when it may go."""
    path = own_scenario("mxprobe 1\nscenario \"spent\"\n"
                        "limit destination gmail-like.example\n  per-day 2\n"
                        "probe p\n  target mx gmail-like.example\n  step connect\n")
    with tempfile.TemporaryDirectory(dir=LABROOT) as state:
        def walk():
            return subprocess.run(
                command("eg", ["run", "--pause", "50ms", path]), timeout=30 * SLOWNESS,
                env=surroundings(XDG_STATE_HOME=state), capture_output=True)
        first, second = walk(), walk()
        other = subprocess.run(
            command("eg", ["gmail-like.example", "--pause", "50ms"]),
            env=surroundings(XDG_STATE_HOME=state), timeout=30 * SLOWNESS,
            capture_output=True)
    expect(first.returncode == 0, "exit status %d" % first.returncode)
    expect(second.returncode == 5, "the second has exit status %d" % second.returncode)
    told = second.stdout.decode()
    expect(told.count("2 connections in 24 hours; it may go again at") == 2, told)
    # Nobody else has this limit.
    expect(other.returncode == 0, "without it, exit status %d" % other.returncode)


def rest_asked_for():
    """After 4.7.28, an ad hoc walk is refused as well, and says so."""
    with tempfile.TemporaryDirectory(dir=LABROOT) as state:
        def walk():
            return run(["gmail-like.example", "--pause", "50ms"], XDG_STATE_HOME=state)
        expect(walk().status == 0, "the first is not well")
        with sqlite3.connect(os.path.join(state, "mxprobe/ledger.db")) as ledger:
            ledger.execute("INSERT INTO rest VALUES (?, ?, ?, ?)", (
                "gmail-like.example", time.time() * 1000 // 1,
                time.time() * 1000 // 1 + 600000, "it asked for a rest (421 4.7.28)"))
        ledger.close()
        ran = walk()
    expect(ran.status == 5, "exit status %d" % ran.status)
    expect("it asked for a rest (421 4.7.28); it may go again at" in ran.out, ran.out)


# ---- signals, pipes, terminals


def interrupt():
    child = subprocess.Popen(
        command("eg", ["tarpit.exim.example", "--json", "--pause", "50ms"]),
        env=surroundings(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    time.sleep(1.5 * SLOWNESS)
    began = time.monotonic()
    child.send_signal(signal.SIGINT)
    try:
        out, err = child.communicate(timeout=10 * SLOWNESS)
    finally:
        child.kill()
    seconds = time.monotonic() - began
    is_sound(Ran(child.returncode, "", err.decode(), seconds))
    expect(seconds <= 2 * SLOWNESS, "it went on for %.1f s" % seconds)
    expect(child.returncode == 4, "exit status %d" % child.returncode)
    visits = {one["family"]: one for one in visits_of(parsed(out.decode()))}
    four, six = visits["ipv4"], visits["ipv6"]
    expect(four["verdict"] == "pass", "IPv4, which was over, is %(verdict)s" % four)
    expect(six["fault"] and six["fault"]["failure"] == "interrupted",
           "IPv6 is not interrupted: %s" % six["fault"])
    expect("QUIT" in [event.get("text") for event in four["transcript"]],
           "no QUIT over IPv4")


def closed_pipe():
    for arguments in (["gmail-like.example", "--json"], ["gmail-like.example", "-v"],
                      ["ok.gmail-like.example", "nullmx.example", "--jsonl"],
                      # Whoever reads no more is not worth two hundred walks.
                      ["t%03d.example" % number for number in range(1, 201)] +
                      ["--jsonl", "--parallel", "1"]):
        reader, writer = os.pipe()
        os.close(reader)
        child = subprocess.Popen(
            command("eg", [*arguments, "--pause", "50ms"]), env=surroundings(),
            stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        try:
            err = child.communicate(timeout=10 * SLOWNESS)[1].decode()
        finally:
            child.kill()
        is_sound(Ran(child.returncode, "", err, 0))
        expect(child.returncode == 4, "exit status %d: %s" % (child.returncode, err))
        expect(not err, "it complains to nobody: " + err)


def forty_columns():
    ran = run(DELIVERY, COLUMNS="40")
    widest = max(len(line) for line in ran.out.splitlines())
    expect(widest <= 40, "%d columns" % widest)
    check_text("r550-40", ["postmaster@r550.bad.example", "-f", "probe@sender.example",
                           "--pause", "50ms"], columns=40)
    check_text("ipv4-only-40", ["yahoojp-like.example", "--pause", "50ms"], columns=40)


def verbose():
    check_text("nullmx-verbose", ["nullmx.example", "-v"])
    ran = run([*DELIVERY, "-v"], COLUMNS="100")
    for words in ("EHLO", "STARTTLS", "MAIL FROM:", "RCPT TO:", "DATA", "QUIT",
                  "SIZE", "CN="):
        expect(words in ran.out, "no %s in it" % words)


def terminal_run(arguments, stream, **more):
    """What mxprobe writes on a stream that is a terminal, and its status."""
    ours, theirs = pty.openpty()
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: theirs}
    child = subprocess.Popen(command("eg", arguments), env=surroundings(**more),
                             stdin=subprocess.DEVNULL, **streams)
    os.close(theirs)
    seen, until = b"", time.monotonic() + 15 * SLOWNESS
    while time.monotonic() < until:
        if not select.select([ours], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:         # EIO: the other end is closed
            break
        if not piece:
            break
        seen += piece
    child.kill() if time.monotonic() >= until else child.communicate()
    os.close(ours)
    is_sound(Ran(child.returncode, "", "", 0))
    return seen.decode()


def progress():
    arguments = ["tarpit.exim.example", "--banner-timeout", "2", "--pause", "50ms"]
    seen = terminal_run(arguments, "stderr")
    expect("greet pause" in seen and "IPv6" in seen and "mx.tarpit.exim.example" in seen,
           "it does not say what it waits for: %r" % seen)
    expect(seen.endswith("\r\033[J"), "the line is not cleared: %r" % seen[-40:])


def no_progress():
    ran = run(["tarpit.exim.example", "--banner-timeout", "2", "--pause", "50ms"])
    expect(ran.err == "", "on standard error: %r" % ran.err)
    seen = terminal_run(["tarpit.exim.example", "--banner-timeout", "2", "--pause",
                         "50ms", "-q"], "stderr")
    expect(seen == "", "with -q: %r" % seen)


def colour():
    arguments = ["nullmx.example"]
    expect("\033[" in terminal_run(arguments, "stdout"), "no colour on a terminal")
    for more, added in (({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []),
                        ({}, ["--color", "never"])):
        seen = terminal_run(arguments + added, "stdout", **more)
        expect("\033[" not in seen, "colour with %s %s" % (more, added))
    expect("\033[" in run(arguments + ["--color", "always"]).out, "not always")
    expect("\033[" not in run(arguments).out, "colour in a pipe")


# ---- options that no other case needs

def repeat_asks_first():
    arguments = ["-s", "198.51.100.98", "--repeat", "6", "--parallel", "2"]
    ran = run(arguments + ["--jsonl"])
    expect(ran.status == 5, "status %d, not 5" % ran.status)
    expect(ran.out == "", "somebody was walked to: " + ran.out[:200])
    expect("--i-run-this-server" in ran.err, "it does not say how: " + ran.err)
    ran = run(arguments + ["--jsonl", "--i-run-this-server"])
    expect(ran.status == 0, "status %d with --i-run-this-server" % ran.status)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    expect(len(lines) == 6, "%d lines, not 6" % len(lines))
    for line in lines:
        validate(line)
        expect(line["verdict"] == "pass", "a walk ended with " + line["verdict"])
    ran = run(arguments + ["--i-run-this-server"])
    expect("6 walks: 6 pass" in ran.out, "no tally: " + ran.out)


def interface():
    ran, document = run_json(["ok.gmail-like.example", "--interface", "eth0"])
    expect(ran.status == 0, "status %d by eth0" % ran.status)
    ran, document = run_json(["ok.gmail-like.example", "--interface", "nosuch0"])
    expect(ran.status == 4, "status %d by an interface that is not there" % ran.status)
    for visit in visits_of(document):
        expect(visit["fault"]["failure"] == "local" and
               "nosuch0" in visit["fault"]["why"], str(visit["fault"]))


def foreign_source():
    ran, document = run_json(["ok.gmail-like.example", "-6", "-b", "2001:db8:ffff::1"])
    expect(ran.status == 4, "status %d from an address of somebody else" % ran.status)
    fault, = [visit["fault"] for visit in visits_of(document)]
    expect(fault["failure"] == "local" and "2001:db8:ffff::1" in fault["why"], str(fault))


def keylog():
    path = os.path.join(LABROOT, "keylog-%d" % os.getpid())
    run(["ok.gmail-like.example", "--keylog", path])
    with open(path) as keys:
        labels = [line.split()[0] for line in keys.read().splitlines()]
    for label in ("CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"):
        expect(labels.count(label) == 2, "%d lines of %s" % (labels.count(label), label))
    expect(os.stat(path).st_mode & 0o077 == 0, "others may read the secrets")


def codebook():
    path = os.path.join(LABROOT, "codebook-%d" % os.getpid())
    row = ("mxprobe-codebook 2026-11-21\n\nrow ours.told\n\tprovider  any\n"
           "\tpolicy    local-policy\n\tmatch     550 5.7.1 \"not authorized to send\"\n"
           "\tmeaning   It is a rule of ours.\n\tremedy    ask us\n"
           "\treference us\n\tseen      2026-11-21\n\tcertainty documented\n"
           "\tsample    550 5.7.1 not authorized to send\n")
    with open(path, "w") as book:
        book.write(row)
    arguments = ["rcpt.gmail-like.example", "-6", "-f", "probe@sender.example", "-t",
                 "postmaster@rcpt.gmail-like.example", "--codebook", path]
    ran, document = run_json(arguments)
    visit, = visits_of(document)
    expect(visit["meaning"] and visit["meaning"]["id"] == "ours.told",
           "told as %s: %s" % (visit["meaning"], ran.err))
    with open(path, "w") as book:
        book.write(row.replace("local-policy", "moonshine"))
    ran = run(arguments)
    expect(ran.status == 3, "status %d for a codebook that does not parse" % ran.status)
    expect("%s:5: " % path in ran.err, "it does not say where: " + ran.err)


def ehlo_names():
    ran, document = run_json(["ok.gmail-like.example", "--ehlo4", "four.example",
                              "--ehlo6", "six.example"])
    names = {visit["family"]: visit["ehlo_name"] for visit in visits_of(document)}
    expect(names == {"ipv4": "four.example", "ipv6": "six.example"}, str(names))


def quit_after():
    """Nothing is said beyond the stage; behind a 354, nothing at all."""
    said = {"connect": "", "banner": "QUIT", "ehlo": "EHLO QUIT",
            "tls": "EHLO STARTTLS EHLO QUIT",
            "mail": "EHLO STARTTLS EHLO MAIL QUIT",
            "rcpt": "EHLO STARTTLS EHLO MAIL RCPT QUIT",
            "data": "EHLO STARTTLS EHLO MAIL RCPT DATA"}
    for stage, words in said.items():
        ran, document = run_json([
            "ok.gmail-like.example", "-4", "-f", "probe@sender.example", "-t",
            "quit-after@ok.gmail-like.example", "--deliver", "--quit-after", stage])
        visit, = visits_of(document)
        heard = [event["text"].split()[0] for event in visit["transcript"]
                 if event["event"] == "said"]
        expect(" ".join(heard) == words, "--quit-after %s said %s" % (stage, heard))
        expect(ran.status == 0, "--quit-after %s: status %d" % (stage, ran.status))
    expect(not any("quit-after@" in message for message in mail("gm")), "mail was sent")


def certificate_options():
    server = ["-s", "198.51.100.18", "--tls", "secure"]
    right, wrong = "mx.gmail-like.example", "mx.elsewhere.example"
    ran, document = run_json(server + ["--sni", right])
    expect(ran.status == 0, "status %d with the right --sni" % ran.status)
    expect(visits_of(document)[0]["tls"]["sni"] == right, "the name was not asked for")
    ran, document = run_json(server + ["--sni", wrong])
    expect(visits_of(document)[0]["fault"]["failure"] == "tls_verify", "--sni " + wrong)
    folder = os.path.join(LABROOT, "anchors-%d" % os.getpid())
    os.mkdir(folder)
    ran, document = run_json(server + ["--sni", right, "--ca-dir", folder])
    expect(visits_of(document)[0]["fault"]["failure"] == "tls_verify",
           "trusted without an anchor")
    with open(os.environ["SSL_CERT_FILE"]) as bundle:
        anchors = re.findall("-----BEGIN.*?-----END[^\n]*\n", bundle.read(), re.S)
    for number, anchor in enumerate(anchors):
        with open(os.path.join(folder, "%d.pem" % number), "w") as one:
            one.write(anchor)
    subprocess.run(["openssl", "rehash", folder], check=True, capture_output=True)
    ran, document = run_json(server + ["--sni", right, "--ca-dir", folder])
    expect(ran.status == 0, "status %d with the anchors in --ca-dir" % ran.status)


def port():
    ran, document = run_json(["ok.gmail-like.example", "-4", "-p", "26"])
    visit, = visits_of(document)
    expect(visit["port"] == 26 and visit["fault"]["failure"] == "connection_refused",
           str(visit["fault"]))
