"""Captures: SMTP sessions out of a pcap, and what they cost."""
import os
import shutil
import subprocess

from loops import Goal, Loop

TITLE = ("Captures: sessions of 5 KB, half IPv6, 1 % of segments doubled, "
         "1 % swapped\n(CPU us for each session; a fifth of that is s/GB)")
LIMIT, OURS, TSHARK, TCPFLOW = "libpcap+SMTP", "mxprobe", "tshark", "tcpflow"
GOALS = {
    ("pcap", OURS, LIMIT, "cpu"): [Goal("G1", "<=", 3),
                                   Goal("G2", "<=", 1.5)],
    ("pcap", OURS, TSHARK, "cpu"): [Goal("G2", "<=", 1 / 140)],
    ("pcap", OURS, TCPFLOW, "cpu"): [Goal("G2", "<=", 1 / 34)],
    ("pcap x4", OURS, LIMIT, "cpu"): [Goal("G1", "<=", 3)],
}
SESSIONS, FEW, OCTETS = 20000, 1000, 2800
FIELDS = ("frame.number tcp.stream smtp.req.command smtp.req.parameter "
          "smtp.response.code smtp.rsp.parameter").split()


def write_capture(maker, path, sessions):
    with open(path, "wb") as out:
        subprocess.run([maker, str(sessions), str(OCTETS)], stdout=out,
                       check=True)


def tshark(path):
    words = ["tshark", "-n", "-r", path, "-Y", "smtp", "-T", "fields"]
    for field in FIELDS:
        words += ["-e", field]
    return words


def peers(bench, few):
    """The ones that take a second for what takes us a hundredth."""
    flows = os.path.join(bench.place, "flows")
    os.makedirs(flows, exist_ok=True)
    if shutil.which("tshark"):
        yield TSHARK, tshark(few)
    else:
        bench.trouble("pcap: tshark is left out (package tshark)")
    if shutil.which("tcpflow"):
        yield TCPFLOW, ["tcpflow", "-q", "-r", few, "-o", flows, "port 25"]
    else:
        bench.trouble("pcap: tcpflow is left out (package tcpflow)")


def loops(bench, build):
    count = SESSIONS // (10 if bench.options.quick else 1)
    maker = build.compile("pcap_make", [])
    ours = build.compile("pcap_ours", build.project())
    limit = build.compile("pcap_limit", ["-lpcap"], "libpcap-dev")
    if not maker or not ours:
        return []
    files = {name: os.path.join(bench.place, name + ".pcap")
             for name in ("few", "many", "x4")}
    write_capture(maker, files["few"], FEW)
    write_capture(maker, files["many"], count)
    write_capture(maker, files["x4"], 4 * count)
    found = []
    for work, name, sessions in (("pcap", "many", count),
                                 ("pcap x4", "x4", 4 * count)):
        if limit:
            found.append(Loop(work, LIMIT, sessions,
                              [limit, files[name], str(sessions)]))
        found.append(Loop(work, OURS, sessions,
                          [ours, files[name], str(sessions)]))
    for who, command in peers(bench, files["few"]):
        found.append(Loop("pcap", who, FEW, command))
    return found
