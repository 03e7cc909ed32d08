"""DKIM: one message of 10 KB is verified, the key record from memory."""
import os
import random
import subprocess

from loops import Goal, Loop

TITLE = "DKIM: a message of 10 KB, relaxed/relaxed, is verified"
LIMIT, PEER, WARM, COLD = "limit", "libopendkim", "mxprobe", "mxprobe-cold"
GOALS = {
    ("dkim rsa", WARM, LIMIT, "cpu"): [Goal("G2", "<=", 1.35)],
    ("dkim rsa", COLD, LIMIT, "cpu"): [Goal("G2", "<=", 1.6)],
    ("dkim rsa", WARM, PEER, "cpu"): [Goal("G1", "<=", 0.3)],
    ("dkim rsa", COLD, PEER, "cpu"): [Goal("G1", "<=", 0.3)],
    ("dkim ed25519", WARM, LIMIT, "cpu"): [Goal("G2", "<=", 1.1)],
    ("dkim ed25519", COLD, LIMIT, "cpu"): [],
    ("dkim ed25519", WARM, PEER, "cpu"): [],
}
# Messages in a run: half a second each, by what one costs.
COUNTS = {
    "rsa": {LIMIT: 24000, PEER: 3000, WARM: 18000, COLD: 12000},
    "ed25519": {LIMIT: 5000, PEER: 3000, WARM: 5000, COLD: 5000},
}
OCTETS = 10 * 1024


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
    with open(signed, "wb") as out, open(plain, "rb") as read:
        out.write(subprocess.run([ours, "sign", key, plain], check=True,
                                 stdout=subprocess.PIPE).stdout)
        out.write(read.read())
    return key, record, signed


def commands(programs, count, files):
    """What each peer is told, in the order of their turns."""
    key, record, signed = files
    return {
        LIMIT: [programs[LIMIT], str(count[LIMIT]), signed, key],
        PEER: [programs[PEER], str(count[PEER]), signed, record],
        WARM: [programs[WARM], "warm", str(count[WARM]), signed, record],
        COLD: [programs[COLD], "cold", str(count[COLD]), signed, record],
    }


def loops(bench, build):
    share = 10 if bench.options.quick else 1
    ours = build.compile("dkim_ours", build.project())
    programs = {
        WARM: ours, COLD: ours,
        LIMIT: build.compile("dkim_limit", ["-lcrypto"]),
        PEER: build.compile("dkim_libopendkim", build.packaged("opendkim"),
                            "libopendkim-dev"),
    }
    found = []
    if not ours:        # it signs the message for all
        return found
    write_message(os.path.join(bench.place, "plain"))
    for algorithm, counts in COUNTS.items():
        count = {who: counts[who] // share for who in counts}
        files = prepare(ours, bench.place, algorithm)
        for who, command in commands(programs, count, files).items():
            if programs[who]:
                found.append(Loop("dkim " + algorithm, who, count[who],
                                  command))
    return found
