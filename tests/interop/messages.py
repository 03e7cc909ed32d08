"""Our DKIM against dkimpy and Mail::DKIM, on random messages, both ways.

usage: messages.py TOOL [--seed N] [--count N] [--show]

TOOL is dkim_tool, built; the seed is printed and makes a run repeatable.  TAP
on standard output.  README.md says what is left out, and why.
"""
import argparse
import base64
import collections
import os
import random
import subprocess
import sys
import tempfile

import dkim

HERE = os.path.dirname(os.path.abspath(__file__))
PAIRS = [(h, b) for h in ("simple", "relaxed") for b in ("simple", "relaxed")]
UNSIGNABLE = ["Received"]       # dkimpy refuses to sign it
NAMES = ["From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To",
         "X-Odd", "X-Empty", "Received", "MIME-Version", "Content-Type",
         "List-Unsubscribe", "List-Unsubscribe-Post"]


class Peer:
    """A process that answers the requests of dkim_tool.c."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def say(self, line, octets=b""):
        self.process.stdin.write(line.encode() + b"\n" + octets)
        self.process.stdin.flush()

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a peer ended: %s" % self.process.args[0])
        return line.decode().strip()

    def octets(self):
        return self.process.stdout.read(int(self.line()))

    def record(self, selector):
        self.say("record " + selector)
        return self.octets()

    def sign(self, case, selector, message):
        self.say("sign %s %s %s %s %s %d" % (
            selector, case.header, case.body, "l" if case.length else "-",
            ":".join(case.names) if case.names else "-", len(message)),
            message)
        return self.octets()

    def verify(self, message):
        self.say("verify %d" % len(message), message)
        return self.line() == "pass"

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


class Dkimpy:
    """The same requests, answered in this process."""

    def __init__(self, keys, records):
        self.keys = keys
        self.records = records

    def find(self, name, timeout=5):
        return self.records.get(name.rstrip(b".").decode())

    def sign(self, case, selector, message):
        names = [n.lower().encode() for n in case.names
                 if n not in UNSIGNABLE] or None
        return dkim.sign(
            message, selector.encode(), b"example.com", self.keys[selector],
            canonicalize=(case.header.encode(), case.body.encode()),
            include_headers=names, length=case.length,
            signature_algorithm=b"ed25519-sha256" if selector == "ed"
            else b"rsa-sha256")

    def verify(self, message):
        return dkim.verify(message, dnsfunc=self.find)


class Case:
    def __init__(self, number, dice):
        self.number = number
        self.header, self.body = PAIRS[number % 4]
        self.selector = "ed" if number // 4 % 2 else "rsa"
        self.length = dice.random() < 0.2
        self.names = []
        self.message = message(dice)
        if dice.random() < 0.5:
            self.names = ["From"] + [dice.choice(NAMES)
                                     for _ in range(dice.randrange(12))]
            dice.shuffle(self.names)


def words(dice, count):
    letters = "abcdefghijklmnopqrstuvwxyzABCDEF0123456789.,;:=+-<>@\"()\\"
    return [("".join(dice.choice(letters)
                     for _ in range(dice.randrange(1, 12)))).encode()
            for _ in range(count)]


def blank(dice):
    return dice.choice([b" ", b" ", b" ", b"  ", b"\t", b" \t ", b"\t\t"])


def value(dice):
    """White space, folds, lines of nothing but white space, 8-bit text."""
    parts = []
    for word in words(dice, dice.randrange(1, 9)):
        if dice.random() < 0.05:
            word += dice.choice(["\u00e4\u20ac".encode(), b"\rx", b"\0"])
        parts.append(word)
        if dice.random() < 0.25:
            parts.append(dice.choice([b"", b" ", b"\t"]) + b"\r\n" +
                         blank(dice))
            if dice.random() < 0.1:
                parts.append(b"\r\n" + blank(dice))
        else:
            parts.append(blank(dice))
    return dice.choice([b" ", b"", b"  ", b"\t"]) + b"".join(parts)


def cased(dice, name):
    return dice.choice([name, name, name.lower(), name.upper()]).encode()


def header(dice):
    fields = [cased(dice, "From") + b": Joe <joe@example.com>" +
              dice.choice([b"", b" ", b"\t"])]
    for name in NAMES[1:]:
        for _ in range(dice.choice([0, 0, 1, 1, 1, 2, 3])):
            fields.append(cased(dice, name) + b":" +
                          (b"" if name == "X-Empty" else value(dice)))
    dice.shuffle(fields)
    return b"".join(field + b"\r\n" for field in fields)


def body_line(dice):
    kind = dice.randrange(12)
    if kind == 0:
        return b""
    if kind == 1:
        return blank(dice)
    if kind == 2:
        return blank(dice).join(words(dice, 5)) + blank(dice)
    if kind == 3:
        return blank(dice) + b" ".join(words(dice, 3))
    if kind == 4:
        return b"." * dice.randrange(1, 4)
    if kind == 5:
        return "\u00fcber \u20ac".encode() * dice.randrange(1, 5)
    if kind == 6:
        return bytes(dice.choice([b for b in range(256)
                                  if b != 10])
                     for _ in range(dice.randrange(1, 60)))
    if kind == 7:
        return b"x" * dice.choice([76, 78, 998, 1500])
    return b" ".join(words(dice, dice.randrange(1, 14)))


def message_body(dice):
    kind = dice.randrange(16)
    if kind == 0:
        return b""
    if kind == 1:
        return b"\r\n" * dice.randrange(1, 4)
    if kind == 2:
        return blank(dice) + b"\r\n"
    lines = [body_line(dice) for _ in range(dice.randrange(1, 40))]
    text = b"\r\n".join(lines)
    return text + dice.choice([b"\r\n", b"\r\n", b"\r\n", b"", b"\r\n\r\n",
                               b"\r\n \r\n\r\n", b"\r\n\t"])


def message(dice):
    if dice.random() < 0.02:
        return header(dice)
    return header(dice) + b"\r\n" + message_body(dice)


def spoil(dice, signed):
    """Something that a relay may do; it may or may not break the signature."""
    head, _, body = signed.partition(b"\r\n\r\n")
    kind = dice.randrange(8)
    if kind == 0:
        body += b"\r\n" * dice.randrange(1, 3)
    elif kind == 1:
        body = body.replace(b" ", b"  ", 1)
    elif kind == 2:
        body = body.replace(b"\r\n", b" \r\n", 1)
    elif kind == 3:
        body += b"-- \r\nfooter\r\n"
    elif kind == 4:
        head = head.replace(b"Subject: ", b"Subject:  ", 1)
    elif kind == 5:
        head += b"\r\nX-Relay: one"
    elif kind == 6:
        head += b"\r\n" + dice.choice(NAMES).encode() + b": another"
    elif body:
        at = dice.randrange(len(body))
        if body[at] not in b"\r\n":
            body = body[:at] + b"Z" + body[at + 1:]
    return head + b"\r\n\r\n" + body


def is_argued(what, case, text):
    """Does the RFC speak for us?  README.md has its words' sections."""
    if text.endswith(b"\r\n"):
        return False
    if "Mail::DKIM" in what:
        return case.body == "simple"            # RFC 6376, 3.4.3
    return case.body == "relaxed" and text.endswith((b" ", b"\t"))    # 3.4.4


class Run:
    def __init__(self, show):
        self.show = show
        self.asked = collections.Counter()
        self.wrong = collections.Counter()
        self.argued = collections.Counter()

    def note(self, what, is_right, case, text):
        self.asked[what] += 1
        if is_right:
            return
        if is_argued(what, case, text):
            self.argued[what] += 1
            return
        self.wrong[what] += 1
        if self.wrong[what] <= 3:
            print("# %s: case %d" % (what, case.number))
            if self.show:
                print("# %r" % text)

    def end(self):
        for number, what in enumerate(sorted(self.asked), 1):
            print("%sok %d - %s: %d messages, %d otherwise, %d argued" % (
                "not " if self.wrong[what] else "", number, what,
                self.asked[what], self.wrong[what], self.argued[what]))
        print("1..%d" % len(self.asked))
        return 1 if self.wrong else 0


def one_case(run, case, dice, peers):
    ours, dkimpy, perl = peers
    selector, plain = case.selector, case.message

    signed = ours.sign(case, selector, plain) + plain
    run.note("signed by us, verified by us", ours.verify(signed), case, signed)
    run.note("signed by us, verified by dkimpy", dkimpy.verify(signed), case,
             signed)
    theirs = dkimpy.sign(case, selector, plain) + plain
    run.note("signed by dkimpy, verified by us", ours.verify(theirs), case,
             theirs)
    spoilt = spoil(dice, signed)
    run.note("spoilt, the same verdict as dkimpy",
             ours.verify(spoilt) == dkimpy.verify(spoilt), case, spoilt)
    if perl:
        rsa = ours.sign(case, "rsa", plain) + plain
        run.note("signed by us, verified by Mail::DKIM", perl.verify(rsa),
                 case, rsa)
        theirs = perl.sign(case, "rsa", plain) + plain
        run.note("signed by Mail::DKIM, verified by us", ours.verify(theirs),
                 case, theirs)
        spoilt = spoil(dice, theirs)
        run.note("spoilt, the same verdict as Mail::DKIM",
                 ours.verify(spoilt) == perl.verify(spoilt), case, spoilt)


def start(tool, dice, folder):
    pem = os.path.join(folder, "rsa.pem")
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", pem, "1024"],
                   check=True, stderr=subprocess.DEVNULL)
    seed = base64.b64encode(bytes(dice.randrange(256) for _ in range(32)))
    with open(os.path.join(folder, "ed"), "wb") as out:
        out.write(seed)
    ours = Peer([tool, pem, "rsa", os.path.join(folder, "ed"), "ed"])
    records = {s + "._domainkey.example.com": ours.record(s)
               for s in ("rsa", "ed")}
    with open(pem, "rb") as read:
        dkimpy = Dkimpy({"rsa": read.read(), "ed": seed}, records)
    perl = None
    if subprocess.run(["perl", "-MMail::DKIM::Signer", "-e", "1"],
                      stderr=subprocess.DEVNULL).returncode == 0:
        perl = Peer(["perl", os.path.join(HERE, "mail_dkim.pl"), pem, "rsa"])
        record = ours.record("rsa")
        perl.say("record rsa %d" % len(record), record)
    else:
        print("# Mail::DKIM is not installed: left out")
    return ours, dkimpy, perl


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--seed", type=int, default=6376)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--show", action="store_true")
    wishes = parser.parse_args()
    dice = random.Random(wishes.seed)
    run = Run(wishes.show)
    print("# seed %d, %d messages" % (wishes.seed, wishes.count))
    with tempfile.TemporaryDirectory() as folder:
        peers = start(wishes.tool, dice, folder)
        for number in range(wishes.count):
            one_case(run, Case(number, dice), dice, peers)
        for peer in (peers[0], peers[2]):
            if peer:
                peer.close()
    return run.end()


if __name__ == "__main__":
    sys.exit(main())
