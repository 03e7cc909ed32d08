"""Captures: SMTP sessions out of a pcap, and what they cost."""
import json
import os
import shutil
import subprocess

from loops import Failed, Goal, Loop

TITLE = ("Captures: sessions of 5 KB, half IPv6, 1 % of segments doubled, "
         "1 % swapped\n(CPU us for each session; a fifth of that is s/GB)")
LIMIT, OURS, TABLE = "libpcap+SMTP", "mxprobe", "mxprobe, table"
TSHARK, TCPFLOW = "tshark", "tcpflow"
AGAINST_LIMIT = [Goal("G1", "<=", 3), Goal("G2", "<=", 1.5)]
GOALS = {
    ("pcap", OURS, LIMIT, "cpu"): AGAINST_LIMIT,
    ("pcap", TABLE, LIMIT, "cpu"): AGAINST_LIMIT,
    ("pcap", OURS, TSHARK, "cpu"): [Goal("G2", "<=", 1 / 140)],
    ("pcap", OURS, TCPFLOW, "cpu"): [Goal("G2", "<=", 1 / 34)],
}
PEAKS = {}
for _work in ("pcap x4", "pcap x10"):
    GOALS[_work, OURS, LIMIT, "cpu"] = AGAINST_LIMIT
    GOALS[_work, TABLE, LIMIT, "cpu"] = AGAINST_LIMIT
for _work in ("pcap", "pcap x4", "pcap x10"):
    PEAKS[_work, OURS] = [Goal("G1", "<=", 64), Goal("G2", "<=", 16)]
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


def check(mxprobe, path):
    """Each session and its one delivery, of which every tenth is refused."""
    said = subprocess.run([mxprobe, "explain", "--jsonl", path],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=False)
    results = {"accepted": 0, "refused": 0}
    sessions = 0
    for line in said.stdout.splitlines():
        row = json.loads(line)
        sessions += row["kind"] == "session"
        if row["kind"] == "delivery":
            results[row["result"]] += 1
    if sessions != FEW or results != {"accepted": FEW * 9 // 10,
                                      "refused": FEW // 10}:
        raise Failed("mxprobe explain tells of %d sessions, %s"
                     % (sessions, results))


def loops(bench, build):
    count = SESSIONS // (10 if bench.options.quick else 1)
    times = 10 if bench.options.large else 4
    mxprobe = build.mxprobe()
    maker = build.compile("pcap_make", [])
    limit = build.compile("pcap_limit", ["-lpcap"], "libpcap-dev")
    if not maker:
        return []
    sizes = {"few": FEW, "pcap": count, "pcap x%d" % times: times * count}
    files = {name: os.path.join(bench.place, name.replace(" ", "-") + ".pcap")
             for name in sizes}
    for name, sessions in sizes.items():
        write_capture(maker, files[name], sessions)
    check(mxprobe, files["few"])
    found = []
    for work in list(sizes)[1:]:
        sessions, path = sizes[work], files[work]
        if limit:
            found.append(Loop(work, LIMIT, sessions,
                              [limit, path, str(sessions)]))
        # Its status says that something was refused.
        found += [Loop(work, OURS, sessions,
                       [mxprobe, "explain", "--jsonl", path], (1,)),
                  Loop(work, TABLE, sessions,
                       [mxprobe, "explain", path], (1,))]
    for who, command in peers(bench, files["few"]):
        found.append(Loop("pcap", who, FEW, command))
    return found
