"""History: 1,000 cells in a history of 100,000 runs, asked and compared."""
import os
import shutil
import sqlite3
import subprocess

from loops import Goal, Loop

TITLE = "History: 1,000 cells in 100,000 runs, 1.06 million results"
RUNS, CELLS, FULL = 100000, 1000, 60
WORKS = ("all runs", "all pasts", "one past", "one run", "diff")
# The limit is SQLite's own shell, reading the same rows and no more.
GOALS = {(work, "mxprobe", "sqlite3", "cpu"): [Goal("G1", "<=", 8)]
         for work in WORKS}

FILL = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
DELETE FROM result; DELETE FROM run; DELETE FROM subject; DELETE FROM traits;
DELETE FROM finding; DELETE FROM document;
CREATE TEMP TABLE number (n INTEGER PRIMARY KEY);
INSERT INTO number
  WITH RECURSIVE up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up
                           WHERE n < {runs} - 1) SELECT n FROM up;
INSERT INTO subject
  SELECT n + 1, printf('bench/cell/transport, mx d%03d.example best, IPv%d, '
                       || 'office', n / 2, 4 + n % 2 * 2), 'cell',
         printf('transport, mx d%03d.example best, IPv%d, office', n / 2,
                4 + n % 2 * 2),
         printf('d%03d.example', n / 2), 4 + n % 2 * 2, 'office'
  FROM number WHERE n < {cells};
INSERT INTO traits
  SELECT n + 1, printf('verdict pass%cmx-set d%03d.example%creply-banner '
    || '220 *.d%03d.example ESMTP {{id}}%cehlo-keywords 8BITMIME CHUNKING '
    || 'PIPELINING SIZE STARTTLS%ctls-version TLSv1.3%ccert-key %064x%c'
    || 'reply-mail 250 2.1.0 OK {{id}}%creply-rcpt 250 2.1.5 OK {{id}}%c',
    10, n / 2, 10, n / 2, 10, 10, 10, n % {cells} + n / ({cells} * 9 / 10),
    10, 10, 10)
  FROM number WHERE n < 2 * {cells};
INSERT INTO run (id, kind, what, version, began_ms, ended_ms, exit_status)
  SELECT n + 1, 'run', 'bench.mxp', '0', {now} - ({runs} - n) * 600000,
         {now} - ({runs} - n) * 600000 + 30000, n % 50 = 0
  FROM number;
CREATE TEMP TABLE walked AS
  SELECT few.n AS cell, run.n AS run FROM number AS run
    CROSS JOIN number AS few
    WHERE run.n < {runs} - {full} AND few.n < 10
  UNION ALL SELECT many.n, run.n FROM number AS run
    CROSS JOIN number AS many
    WHERE run.n >= {runs} - {full} AND many.n < {cells};
INSERT INTO result (run, subject, verdict, why, began_ms, took_us, connect_us,
                    stages, traits)
  SELECT run + 1, cell + 1,
         CASE WHEN (run * 7 + cell) % 50 THEN 'pass' ELSE 'fail' END, '',
         {now} - ({runs} - run) * 600000 + cell, 250000 + cell,
         15000 + (run * 13 + cell * 7) % 9000,
         printf('connect %d banner 20123 ehlo 19456 starttls 18765 tls 30123 '
                || 'mail 19234 rcpt 24567 quit 18234',
                15000 + (run * 13 + cell * 7) % 9000),
         cell + 1
  FROM walked ORDER BY run, cell;
UPDATE result SET verdict = 'pass', traits = subject + {cells} * (subject % 9
  = 0) WHERE run = {runs};
INSERT INTO finding
  SELECT id, 0, 'smtp.refused', 'fail', 'unknown', 'likely', 4, 'rcpt',
         'the server refuses the recipient'
  FROM result WHERE verdict = 'fail' AND run > {runs} - {full};
INSERT INTO document
  SELECT id, '{{"text":"' || printf('%0512d', id) || '"}}' FROM result
  WHERE run > {runs} - 3;
ANALYZE;
PRAGMA journal_mode = WAL;
"""
QUESTIONS = {
    "all runs": "SELECT run.id, what, began_ms, exit_status, (SELECT COUNT(*) "
                "FROM result WHERE run = run.id) FROM run "
                "ORDER BY began_ms DESC LIMIT 20",
    "all pasts": "SELECT key, result.id, run, verdict, began_ms, connect_us "
                 "FROM subject JOIN result ON result.id IN (SELECT id FROM "
                 "result WHERE subject = subject.id ORDER BY id DESC LIMIT "
                 "60)",
    "one past": "SELECT run, verdict, began_ms, connect_us FROM subject JOIN "
                "result ON subject = subject.id WHERE target = "
                "'d123.example' ORDER BY result.id DESC LIMIT 120",
    "one run": "SELECT result.*, subject.*, code, title FROM result "
               "JOIN subject ON subject.id = subject LEFT JOIN finding ON "
               "finding.result = result.id WHERE run = (SELECT MAX(id) "
               "FROM run)",
    "diff": "SELECT result.*, key, text FROM result JOIN subject ON "
            "subject.id = subject JOIN traits ON traits.id = traits WHERE "
            "run >= (SELECT MAX(id) FROM run) - 1",
}
WORDS = {
    "all runs": ["history"],
    "all pasts": ["history", "--rows"],
    "one past": ["history", "d123.example"],
    "one run": ["history", "--run", "last"],
    "diff": ["diff", "last-1", "last"],
}


def make_history(bench, mxprobe):
    """Its form is the program's own: the first run makes the tables."""
    path = os.path.join(bench.place, "history.db")
    if os.path.exists(path):
        return path
    subprocess.run([mxprobe, "-q", "-4", "-p", "1", "[127.0.0.1]",
                    "--history", path], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, check=False)
    share = 10 if bench.options.quick else 1
    with sqlite3.connect(path) as database:
        database.executescript(FILL.format(
            runs=RUNS // share, cells=CELLS, full=FULL // share,
            now=1800000000000))
    return path


def loops(bench, build):
    mxprobe = build.mxprobe()
    path = make_history(bench, mxprobe)
    shell = shutil.which("sqlite3")
    if not shell:
        bench.trouble("history: sqlite3 is left out (package sqlite3)")
    found = []
    for work in WORKS:
        if shell:
            found.append(Loop(work, "sqlite3", 1,
                              [shell, path, QUESTIONS[work]]))
        found.append(Loop(work, "mxprobe", 1,
                          [mxprobe] + WORDS[work] + ["--history", path]))
    return found
