"""Deeds with packets: what --pcap keeps of a walk, and how others read it."""
import glob
import json
import os
import subprocess

from probe import SLOWNESS, command, expect, fault, parsed, run, surroundings

LABROOT = os.environ["LABROOT"]
DELIVERY = ["gmail-like.example", "-f", "probe@sender.example", "-t",
            "postmaster@gmail-like.example", "--deliver", "--pause", "50ms"]
NO_CAPABILITIES = {"CapInh": "0000000000000000", "CapPrm": "0000000000000000",
                   "CapEff": "0000000000000000", "CapAmb": "0000000000000000",
                   "NoNewPrivs": "1"}


def file_of(name):
    return os.path.join(LABROOT, "probe-%s.pcapng" % name)


def captured(name, *more):
    """One delivery; what it told, and the file it left."""
    ran = run([*DELIVERY, "--json", "--pcap", file_of(name), *more])
    expect(ran.err == "", "on standard error: " + ran.err[:500])
    expect(ran.status == 1, "status %d" % ran.status)
    return parsed(ran.out)["targets"][0], file_of(name)


def told(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, timeout=60,
                          env=dict(os.environ, HOME="/nonexistent"))
    expect(done.returncode == 0, "%s: %s" % (program, done.stderr[-500:]))
    return done.stdout.decode(errors="replace")


def tshark(path, *arguments):
    """Nothing but the file is given: no key log, no preferences."""
    return told("tshark", "-r", path, *arguments)


def says(text, *wanted):
    for words in wanted:
        expect(words in text, "there is no %r in: %s" % (words, text[:3000]))


def refusal_is_seen():
    target, path = captured("e")
    found = tshark(path, "-Y", "smtp.response.code==550 && tls")
    expect(found.count("\n") == 1, "not one refusal inside TLS: " + found)
    says(found, "The IP you're using to send mail is not authorized")
    comments = tshark(path, "-Y", "frame.comment", "-T", "fields", "-e",
                      "frame.number", "-e", "frame.comment")
    says(comments, "550 5.7.1 at dot, IPv6, google.not-authorized",
         "220 at banner, IPv6, mx.gmail-like.example",
         "at starttls, IPv4: TLS begins behind it",
         "TLS from here on, IPv6: TLSv1.3",
         "at dot, IPv4: the message is taken")
    expect(found.split()[0] in [line.split("\t")[0] for line in comments.splitlines()
                                if "550 5.7.1" in line],
           "the comment is on another packet: %s, %s" % (comments, found))
    says(tshark(path, "-N", "n"), "192.0.2.25 \u2192 mx.gmail-like.example",
         "2001:db8:1::25 \u2192 mx.gmail-like.example")
    about = told("capinfos", path)
    says(about, "Capture application: mxprobe", "Name = eth0",
         "Number of decryption secrets in file: 1", "Filter string = ",
         "Number of stat entries = 1", "Strict time order:   True",
         "command line: ", "--deliver")
    line = [line for line in about.splitlines() if '"type":"target"' in line][0]
    report = json.loads(line[line.index("{"):])
    expect(report["visits"] == target["visits"], "its report is another one")


def streams_are_whole():
    """From the first SYN to the end of both sides, and nothing is missing."""
    _, path = captured("whole")
    for stream in (0, 1):
        flags = tshark(path, "-Y", "tcp.stream==%d" % stream, "-T", "fields", "-e",
                       "tcp.flags.syn", "-e", "tcp.flags.fin", "-e", "tcp.flags.reset")
        rows = [line.split("\t") for line in flags.splitlines()]
        expect(rows[0] == ["1", "0", "0"], "stream %d begins with %s" % (stream, rows[0]))
        expect(sum(row[1] == "1" for row in rows) >= 2 or any(row[2] == "1" for row in rows),
               "stream %d has no end: %s" % (stream, rows[-3:]))
    lost = tshark(path, "-Y", "tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment"
                  " || tcp.analysis.retransmission")
    expect(lost == "", "segments are lost or doubled: " + lost)
    expect(tshark(path, "-Y", "tcp.stream>1") == "", "there are other connections in it")


def is_redacted():
    _, path = captured("redacted", "--redact")
    with open(path, "rb") as file:
        bytes_of = file.read()
    for word in (b"postmaster@", b"probe@", b"TRAFFIC_SECRET", b"CLIENT_RANDOM"):
        expect(word not in bytes_of, "%r is in it" % word)
    expect(tshark(path, "-Y", "smtp.response.code==550") == "", "it can be decrypted")
    expect(run(["explain", path]).status == 4,
           "what nobody can read is told as if all were well")
    says(tshark(path, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment"),
         "550 5.7.1 at dot, IPv6, google.not-authorized")
    plain = ["policy.example", "-f", "probe@sender.example", "-t",
             "postmaster@policy.example", "--tls", "none", "--pause", "50ms"]
    clear, masked = file_of("clear"), file_of("masked")
    for path, more in ((clear, []), (masked, ["--redact"])):
        expect(run([*plain, "--pcap", path, *more]).status in (0, 1), "it ended badly")
    fields = ["-Y", "smtp", "-T", "fields", "-e", "ip.version", "-e", "smtp.req.command",
              "-e", "smtp.response.code", "-e", "tcp.len"]
    expect(tshark(clear, *fields) == tshark(masked, *fields),
           "what is masked reads differently")
    says(tshark(clear, "-Y", "smtp"), "RCPT TO:<postmaster@policy.example>")
    says(tshark(masked, "-Y", "smtp"), "RCPT TO:<xxxxxxxxxx@policy.example>")


def process_with(word):
    """The mxprobe that has this word on its command line."""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                words = file.read().split(b"\0")
            with open(os.path.join(os.path.dirname(path), "comm")) as file:
                name = file.read().strip()
        except OSError:
            continue
        if word.encode() in words and name in ("mxprobe", "memcheck-amd64-"):
            return os.path.dirname(path)
    return None


def gives_up_privileges():
    """Looked at while a server that greets nobody is waited for."""
    path = file_of("waiting")
    child = subprocess.Popen(
        command("eg", ["mute.bad.example", "-6", "--banner-timeout", "3", "--pcap", path]),
        env=surroundings(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    found = {}
    try:
        while child.poll() is None and found != NO_CAPABILITIES:
            process = process_with(path)
            if not process:
                continue
            try:
                with open(process + "/status") as file:
                    found = {name: value.strip() for name, _, value in
                             (line.partition(":") for line in file)
                             if name in NO_CAPABILITIES}
            except OSError:
                continue
        alive = child.poll() is None
    finally:
        child.communicate(timeout=30 * SLOWNESS)
    expect(found == NO_CAPABILITIES, "it still has %s" % found)
    expect(alive, "it ended before it was looked at")
    says(tshark(path, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment"),
         "given up: timeout at banner, IPv6")


def says_what_it_needs():
    path = file_of("none")
    line = command("eg", [*DELIVERY, "--pcap", path])
    at = line.index("eg") + 1
    done = subprocess.run(
        [*line[:at], "setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw",
         *line[at:]], capture_output=True, timeout=60 * SLOWNESS, env=surroundings())
    expect(done.returncode == 2, "status %d" % done.returncode)
    says(done.stderr.decode(), "CAP_NET_RAW", "setcap cap_net_raw=ep /")
    expect(done.stdout == b"", "it went on")


# ---- broken paths: (fault, sentence, what more is said, what its comments say)

BIG = os.path.join(LABROOT, "probe-big.eml")
QUICK = ["--connect-timeout", "2", "--banner-timeout", "2", "--data-timeout", "4"]
FAULTS = [
    ("drop6", "packets of a path whose SYNs are lost show them again and again",
     [], ["no-answer, IPv6"]),
    ("rst6", "packets of a refused connection show who refused it",
     [], ["refused, IPv6"]),
    ("adm6", "packets of a filtered path show the ICMPv6 error and who sent it",
     [], ["ICMPv6 type 1 code 1 from", "prohibited, IPv6"]),
    ("ptbhole6", "packets of a path-MTU black hole show what is sent again",
     ["-f", "probe@sender.example", "-t", "postmaster@hole.example", "--deliver",
      "--message", BIG], ["black-hole, IPv6", "sent again here for the first time",
                          "MTU trial, without mail: full segments, IPv6",
                          "MTU trial, without mail: small segments, IPv6"]),
]


def shows(name, more, wanted):
    def check():
        path = file_of("fault-" + name)
        fault(name, "hole")
        try:
            ran = run(["hole.example", *QUICK, *more, "--pause", "50ms", "--pcap", path],
                      seconds=20)
        finally:
            fault("clear")
        expect(ran.err == "", "on standard error: " + ran.err[:500])
        expect(ran.status in (1, 4), "status %d" % ran.status)
        says(tshark(path, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment"),
             *wanted)
    return check


# ---- scenarios

SCENARIO = """mxprobe 1
scenario "with packets"
owns postmaster@rcpt.gmail-like.example
on failure
  pcap%s
probe refused
  target mx rcpt.gmail-like.example
  step banner   => 220
  step starttls => tls >= 1.2
  step mail probe@sender.example => accept
  step rcpt postmaster@rcpt.gmail-like.example => accept
"""


def of_each_failing_cell():
    for keys, found in (("", 0), (" keys", 1)):
        folder = os.path.join(LABROOT, "probe-cells" + keys.strip())
        os.mkdir(folder)
        with open(folder + ".mxp", "w") as file:
            file.write(SCENARIO % keys)
        ran = run(["run", "--pause", "50ms", "--pcap-dir", folder, folder + ".mxp"])
        expect(ran.status == 1, "status %d: %s %s" % (ran.status, ran.out, ran.err))
        expect(len(os.listdir(folder)) == 1, "%s of: %s" % (os.listdir(folder), ran.out))
        path = os.path.join(folder, os.listdir(folder)[0])
        says(path, "with-packets-cell-refused-mx-rcpt.gmail-like.example", "IPv6")
        says(tshark(path, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment"),
             "550 5.7.1 at rcpt, IPv6, google.not-authorized")
        expect(tshark(path, "-Y", "ip.version==4 || tcp.stream>0") == "",
               "more than its own is in it")
        seen = tshark(path, "-Y", "smtp.response.code==550").count("\n")
        expect(seen == found, "with%s the refusal is seen %d times" % (keys, seen))
