#!/usr/bin/python3
"""follow.py: mxprobe explain --follow on a log that grows, rotates, ends.

BUILD says where the program is.  Prints TAP.
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
MXPROBE = os.path.join(BUILD, "mxprobe")
WAIT = 60  # seconds; nothing here needs one of them
sys.path.insert(0, os.path.join(ROOT, "tests"))
from tap import each, ended, told  # noqa: E402


def lines(number, who, status="deferred", family="2001:db8:d1::2"):
    reply = ("host mx.receiver.example[%s] said: 450 4.2.1 come back later "
             "(in reply to RCPT TO command)" % family)
    if status == "sent":
        reply = "250 2.0.0 Ok: queued as 1"
    stamp = "Mar  7 10:51:%02d eg postfix/" % (number % 60)
    queue = "3F%06X" % number
    return (f"{stamp}qmgr[7]: {queue}: from=<a@sender.example>, size=9, "
            "nrcpt=1 (queue active)\n"
            f"{stamp}smtp[8]: {queue}: to=<{who}@receiver.example>, "
            f"relay=mx.receiver.example[{family}]:25, delay=1, "
            f"dsn=4.2.1, status={status} ({reply})\n")


def append(name, text, how="a"):
    with open(name, how, encoding="utf-8") as file:
        file.write(text)


class Follower:
    """A process, and what it has said so far."""

    def __init__(self, *words, stdin=subprocess.DEVNULL):
        self.said = []
        self.process = subprocess.Popen(
            [MXPROBE, "explain", "--follow", *words], stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.said.append(line)

    def text(self):
        return "".join(self.said)

    def hears(self, *words):
        """Whether all of these come in one line."""
        end = time.monotonic() + WAIT
        while time.monotonic() < end:
            if any(all(word in line for word in words) for line in self.said):
                return True
            if self.process.poll() is not None and not self.reader.is_alive():
                break
            time.sleep(0.01)
        return any(all(word in line for word in words) for line in self.said)

    def ends(self, number=None):
        if number:
            self.process.send_signal(number)
        try:
            status = self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = None
        self.reader.join(WAIT)
        return status


def once():
    append("log", lines(1, "before"), "w")
    os.symlink("log", "same")
    follower = Follower("--jsonl", "log", "./log", "same")
    follower.hears("what is there is read")
    append("log", lines(2, "after"))
    told(follower.hears("3F000002", "deferred"),
         "a log that is named thrice is followed", follower.text())
    follower.ends(signal.SIGINT)
    told(sum('"kind":"delivery"' in line for line in follower.said) == 2 and
         sum("is followed once" in line for line in follower.said) == 2,
         "once, and that is told", follower.text())
    os.unlink("same")


def grows():
    append("log", lines(1, "before"), "w")
    follower = Follower("log")
    follower.hears("what is there is read")
    append("log", lines(2, "after") + lines(3, "good", "sent"))
    told(follower.hears("2", "receiver.example", "IPv6", "deferred", "RCPT",
                        "450 4.2.1 come back later"),
         "what is deferred is told in a line at once", follower.text())
    told(sum("come back" in line for line in follower.said) == 1,
         "and what was there before, and what was accepted, in none",
         follower.text())
    os.rename("log", "log.1")
    append("log.1", lines(4, "late", family="198.51.100.18"))
    told(follower.hears("IPv4", "deferred"),
         "a renamed log is read to its end", follower.text())
    # Longer than what comes after it is truncated.
    append("log", lines(7, "good", "sent") + lines(5, "new",
                                                   family="192.0.2.7"), "w")
    told(follower.hears(":05", "IPv4", "deferred"), "and then the new one",
         follower.text())
    append("log", lines(6, "x"), "w")
    told(follower.hears(":06", "deferred"), "a truncated log is read anew",
         follower.text())
    status = follower.ends(signal.SIGINT)
    told(status == 0, "SIGINT ends it, and a deferral is no refusal", status)
    told(follower.hears("DESTINATION") and
         follower.hears("receiver.example", "IPv6"),
         "with the table of all", follower.text())


def in_json():
    append("log", "", "w")
    follower = Follower("--jsonl", "log")
    follower.hears("what is there is read")
    append("log", lines(1, "first"))
    told(follower.hears('"kind":"delivery"', "first@receiver.example"),
         "an empty log may grow, too; --jsonl gives lines of JSON",
         follower.text())
    os.rename("log", "log.2")
    append("log", lines(2, "second"), "w")
    follower.hears("second@receiver.example")
    status = follower.ends(signal.SIGTERM)
    found = [json.loads(line) for line in follower.said
             if line.startswith("{")]
    places = [one["position"] for one in found if one["kind"] == "delivery"]
    told(status == 0 and places == [2, 2],
         "lines are counted from the start of each file", follower.text())
    told(any(one["kind"] == "destination" for one in found),
         "SIGTERM ends it as well", follower.text())


def pipe():
    follower = Follower("-", stdin=subprocess.PIPE)
    follower.hears("what is there is read")
    follower.process.stdin.write(lines(1, "piped"))
    follower.process.stdin.flush()
    told(follower.hears("IPv6", "deferred"), "a pipe is read as it comes",
         follower.text())
    follower.process.stdin.close()
    told(follower.ends() == 0 and "DESTINATION" in follower.text(),
         "and its end is the end", follower.text())


def zone():
    append("tokyo", "", "w")
    follower = Follower("--log-zone", "+09:00", "tokyo")
    follower.hears("what is there is read")
    append("tokyo", lines(9, "far"))
    told(follower.hears(" 01:51:09", "IPv6", "deferred"),
         "a log of Tokyo is followed in UTC", follower.text())
    told(follower.ends(signal.SIGTERM) == 0 and
         not follower.hears("time zone"), "and its zone is not guessed",
         follower.text())


def marked():
    wide = "\ufeff" + lines(1, "before").replace("\n", "\r\n")
    with open("wide", "wb") as file:
        file.write(wide.encode("utf-16-le"))
    append("marked", "")
    follower = Follower("marked", "wide")
    follower.hears("what is there is read")
    append("marked", "\ufeff" + lines(2, "a").splitlines(True)[1])
    told(follower.hears(" 10:51:02", "IPv6", "deferred"),
         "a mark of the order of octets hides no line", follower.text())
    with open("wide", "ab") as file:
        file.write(lines(3, "b").encode("utf-16-le"))
    told(follower.hears(" 10:51:03", "IPv6", "deferred"),
         "a log in UTF-16 is followed", follower.text())
    with open("wide.new", "wb") as file:
        file.write(("\ufeff" + lines(4, "c")).encode("utf-16-be"))
    os.rename("wide.new", "wide")
    told(follower.hears(" 10:51:04", "IPv6", "deferred"),
         "and so is the one that takes its place", follower.text())
    follower.ends(signal.SIGTERM)


def nothing():
    wrong = Follower("--json", "log")
    told(wrong.ends() == 2, "--json would tell nothing until the end",
         wrong.text())
    missing = Follower("nowhere")
    told(missing.ends() == 4, "a log that is not there is not waited for",
         missing.text())


def main():
    each(once, grows, in_json, pipe, zone, marked, nothing)
    return ended()


sys.exit(main())
