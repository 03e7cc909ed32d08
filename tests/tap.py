"""TAP for the tests that run the program itself: told() is a sentence and
whether it holds, skipped() one that cannot be held here, ended() the plan.
"""
import os
import tempfile

count = bad = 0


def told(well, what, more=""):
    """`more` is shown where it does not hold."""
    global count, bad
    count += 1
    bad += not well
    print("ok" if well else "not ok", count, "-", what, flush=True)
    if not well and more:
        print("\n".join("# " + line for line in str(more).splitlines()[:40]),
              flush=True)


def skipped(what, why):
    global count
    count += 1
    print(f"ok {count} - {what} # SKIP {why}", flush=True)


def each(*tests):
    """One after the other, in a folder that goes with them; the end of one is
    not that of all."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for test in tests:
            try:
                test()
            except Exception as error:  # noqa: BLE001
                told(False, f"{test.__name__} went to its end",
                     f"{type(error).__name__}: {error}")
        os.chdir(before)


def ended():
    """What the program ends with."""
    print(f"1..{count}")
    return bad != 0
