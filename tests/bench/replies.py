"""Reply texts: what each one means, by one pass for all wordings."""
from loops import Goal, Loop

TITLE = "Reply texts: what the samples of the codebook mean"
GOALS = {
    ("replies", "mxprobe", "list of regexes", "cpu"):
        [Goal("G1", "<=", 1 / 10), Goal("G2", "<=", 1 / 40)],
    ("replies", "mxprobe", "looking at them", "cpu"): [],
}
ROWS = 400                      # about: a sample each


def loops(bench, build):
    times = 50 if bench.options.quick else 500
    ours = build.compile("replies_ours", build.project() + build.packaged(
        "libpcre2-8"), "libpcre2-dev")
    if not ours:
        return []
    few = max(1, times // 20)
    return [
        Loop("replies", "looking at them", ROWS * times * 10,
             [ours, "limit", str(times * 10)]),
        Loop("replies", "mxprobe", ROWS * times, [ours, "book", str(times)]),
        Loop("replies", "list of regexes", ROWS * few,
             [ours, "list", str(few)]),
    ]
