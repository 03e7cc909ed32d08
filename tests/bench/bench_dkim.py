#!/usr/bin/env python3
"""Verify one message of 10 KB: mxprobe, libopendkim, and the limit.

usage: bench_dkim.py [--quick] [--rounds N]

relaxed/relaxed, RSA of 2048 bits and Ed25519, the key record from memory; the
programs take turns (A B C A B C ...).  CPU is user + system seconds of the
whole process for 1,000 messages.  See README.md.

  BUILD    where libmxprobe.a is, and binaries are built  (default: build)
  CC       the compiler                                   (default: cc)
"""
import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
BINARIES = os.path.join(BUILD, "tests", "bench")
FLAGS = "-std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror".split()
PACKAGES = "libuv openssl libcares libidn2 libpsl libcurl".split()
LIMIT, PEER, WARM, COLD = "limit", "libopendkim", "mxprobe", "mxprobe-cold"
# Messages in a run: about a quarter of a second each, by what one costs.
COUNTS = {"rsa": {LIMIT: 12000, PEER: 1500, WARM: 9000, COLD: 6000},
          "ed25519": {LIMIT: 3000, PEER: 2000, WARM: 3000, COLD: 3000}}
GOALS = {("rsa", WARM, LIMIT): [("G2", 1.35)],
         ("rsa", COLD, LIMIT): [("G2", 1.6)],
         ("rsa", WARM, PEER): [("G1", 0.3)],
         ("rsa", COLD, PEER): [("G1", 0.3)],
         ("ed25519", WARM, LIMIT): [("G2", 1.1)]}
OCTETS = 10 * 1024
RUN_SECONDS = 30


def say(*words):
    print(*words, flush=True)


def libraries(*packages):
    found = subprocess.run(("pkg-config", "--cflags", "--libs") + packages,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return found.stdout.decode().split() if not found.returncode else None


def build(name, more):
    """The program's path, or None when its library is not here."""
    path = os.path.join(BINARIES, name)
    if more is None:
        return None
    os.makedirs(BINARIES, exist_ok=True)
    subprocess.run(os.environ.get("CC", "cc").split() + FLAGS +
                   ["-I", ROOT, "-o", path,
                    os.path.join(HERE, name + ".c")] + more, check=True)
    return path


def build_all():
    library = os.path.join(BUILD, "libmxprobe.a")
    ours = build("dkim_ours", [library] + (libraries(*PACKAGES) or []))
    return {WARM: ours, COLD: ours,
            LIMIT: build("dkim_limit", ["-lcrypto"]),
            PEER: build("dkim_libopendkim", libraries("opendkim"))}


def write_message(path):
    dice = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(dice.choice(letters)
                     for _ in range(dice.randrange(2, 10)))
             for _ in range(400)]
    head = ("Received: from a.example (a.example [192.0.2.1])\r\n"
            "\tby b.example with ESMTPS id 12345;\r\n"
            "\tSat, 21 Nov 2026 21:00:00 +0000\r\n"
            "From: Joe <joe@example.com>\r\nTo: Jane <jane@example.net>\r\n"
            "Subject: A letter of some length\r\n"
            "Date: Sat, 21 Nov 2026 21:00:00 +0000\r\n"
            "Message-ID: <1234567890@example.com>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: 8bit\r\n"
            "List-Unsubscribe: <https://example.com/u?1>\r\n"
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
    body = ""
    while len(head) + len(body) < OCTETS - 700:
        line = ""
        while len(line) < 66:
            line += dice.choice(words) + " "
        body += line.strip() + "\r\n"
        if dice.random() < 0.15:
            body += "\r\n"
    with open(path, "w", newline="") as out:
        out.write(head + "\r\n" + body)


def prepare(ours, place, algorithm):
    """Key, record and signed message of one algorithm."""
    key, record, signed = (os.path.join(place, algorithm + end)
                           for end in (".key", ".txt", ".eml"))
    plain = os.path.join(place, "plain")
    wish = (["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
            if algorithm == "rsa" else ["-algorithm", "ed25519"])
    subprocess.run(["openssl", "genpkey", "-out", key] + wish, check=True,
                   stderr=subprocess.DEVNULL)
    with open(record, "wb") as out:
        subprocess.run([ours, "record", key], stdout=out, check=True)
    with open(signed, "wb") as out:
        out.write(subprocess.run([ours, "sign", key, plain], check=True,
                                 stdout=subprocess.PIPE).stdout)
        with open(plain, "rb") as read:
            out.write(read.read())
    return key, record, signed


def command(programs, who, count, files):
    key, record, signed = files
    if who == LIMIT:
        return [programs[who], str(count), signed, key]
    if who == PEER:
        return [programs[who], str(count), signed, record]
    return [programs[who], "cold" if who == COLD else "warm", str(count),
            signed, record]


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu_of(arguments):
    """User + system seconds; None when a message did not pass."""
    before = children_cpu()
    done = subprocess.run(arguments, timeout=RUN_SECONDS)
    return None if done.returncode else children_cpu() - before


def judged(key, value):
    return "; ".join("%s <= %g %s" % (
        name, bound, "reached" if value <= bound else "MISSED")
        for name, bound in GOALS.get(key, []))


def print_ratios(algorithm, samples):
    for ours in (WARM, COLD):
        for theirs in (LIMIT, PEER):
            pairs = list(zip(samples.get(ours, []), samples.get(theirs, [])))
            if not pairs:
                continue
            ratios = [a / b for a, b in pairs]
            middle = statistics.median(ratios)
            say("RATIO dkim %-8s CPU  %-12s : %-11s  %.3f %.3f %.3f   %s" % (
                algorithm, ours, theirs, min(ratios), middle, max(ratios),
                judged((algorithm, ours, theirs), middle)))


def measure(programs, place, algorithm, options):
    files = prepare(programs[WARM], place, algorithm)
    who = [w for w in (LIMIT, PEER, WARM, COLD) if programs[w]]
    samples = {w: [] for w in who}
    is_troubled = False
    for _ in range(options.rounds):
        for w in who:
            count = COUNTS[algorithm][w] // (2 if options.quick else 1)
            cpu = cpu_of(command(programs, w, count, files))
            if cpu is None:
                say("  ! %s: a message did not pass" % w)
                is_troubled = True
            samples[w].append((cpu or 1e-9) * 1000 / count)
    for w in who:
        say("dkim %-8s %-12s CPU s / 1,000 messages  %s" % (
            algorithm, w, "%.4f %.4f %.4f" % (
                min(samples[w]), statistics.median(samples[w]),
                max(samples[w]))))
    print_ratios(algorithm, samples)
    return is_troubled


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (3 if options.quick else 5)
    programs = build_all()
    is_troubled = False
    if not programs[PEER]:
        say("  ! libopendkim-dev is not installed: left out")
        is_troubled = True
    with tempfile.TemporaryDirectory(prefix="mxprobe-bench-") as place:
        write_message(os.path.join(place, "plain"))
        for algorithm in COUNTS:
            is_troubled |= measure(programs, place, algorithm, options)
    return 1 if is_troubled else 0


if __name__ == "__main__":
    sys.exit(main())
