"""SPF: a record with five includes, the address is in the fifth."""
import os

from loops import Goal, Loop

TITLE = "SPF: a record with five includes, the match is in the fifth"
GOALS = {
    ("spf cached", "mxprobe", "libspf2", "cpu"):
        [Goal("G1", "<=", 0.25), Goal("G2", "<=", 0.05)],
    ("spf live", "mxprobe", "libspf2", "cpu"): [Goal("G1", "<=", 0.4)],
    ("spf live", "mxprobe", "libspf2", "rate"): [Goal("G2", ">=", 5)],
    ("spf live", "mxprobe", "six questions", "cpu"):
        [Goal("G2", "<=", 1.6)],
    ("spf live", "six questions", "libspf2", "cpu"): [],
}
# libresolv asks port 53 only; in a network of our own it is free.
OWN_ADDRESS, OWN_PORT = "127.0.0.77", "53"
CACHED, LIVE, PARALLEL = 400000, 20000, 100


def beside_server(bench, build):
    """The words that put a command beside the server, and where that is."""
    sink = build.compile("dns_sink", [])
    if not sink:
        return None, None, None
    if os.geteuid() == 0:
        conf = os.path.join(bench.place, "resolv.conf")
        with open(conf, "w") as file:
            file.write("nameserver %s\n" % OWN_ADDRESS)
        return ([sink, "-r", conf, OWN_ADDRESS, OWN_PORT], OWN_ADDRESS,
                OWN_PORT)
    bench.trouble("spf: libspf2 is left out, it needs root")
    port = str(bench.free_port())
    return [sink, "127.0.0.1", port], "127.0.0.1", port


def loops(bench, build):
    share = 10 if bench.options.quick else 1
    cached, live = CACHED // share, LIVE // share
    server, address, port = beside_server(bench, build)
    ours = build.compile("spf_ours", build.project())
    theirs = server and os.geteuid() == 0 and build.compile(
        "spf_libspf2", ["-lspf2"], "libspf2-dev")
    limit = build.compile("spf_limit", [])
    found = []
    if theirs:
        few = cached // 20
        found.append(Loop("spf cached", "libspf2", few,
                          server + [theirs, "cached", str(few)]))
    if ours:
        found.append(Loop("spf cached", "mxprobe", cached,
                          [ours, "cached", str(cached)]))
    if server and limit:
        found.append(Loop("spf live", "six questions", live,
                          server + [limit, str(live), address, port]))
    if theirs:
        few = live // 4
        found.append(Loop("spf live", "libspf2", few,
                          server + [theirs, "live", str(few)]))
    if server and ours:
        found.append(Loop("spf live", "mxprobe", live,
                          server + [ours, "live", str(live), str(PARALLEL),
                                    "%s:%s" % (address, port)]))
    return found
