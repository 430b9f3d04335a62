"""Search over 10,000 generated documents: latency and recall, against SQLite FTS5 with trigrams and with bigrams.

    python bench/search.py [--documents 10000]

The three answer the same 100 queries (words of one, two, three and more characters, numbers, 文号, two phrases), in one
run, from files on disk. What a query should find is told by looking at every clause. Each gives its best 20; recall is
measured apart, with everything asked for.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from gongbao.gazette.documents import Document
from gongbao.gazette.generate import generate
from gongbao.gazette.library import read_gazette
from gongbao.gazette.search import Index, entries, fold

WORDS_ASKED = {1: 10, 2: 40, 3: 15, 4: 15, 8: 10}


def documents(count: int) -> Iterator[tuple[str, Document]]:
    made = 0
    for seed in range(count):
        for document in read_gazette(generate(seed, 10).encode()).documents:
            if made == count:
                return
            made += 1
            yield str(made), document


def queries(texts: list[str], chance: random.Random) -> list[list[str]]:
    asked: list[list[str]] = []
    for length, wanted in WORDS_ASKED.items():
        while wanted:
            text = chance.choice(texts)
            if len(text) > length + 2:
                at = chance.randrange(len(text) - length)
                word = text[at : at + length]
                if word.isalnum() and not any(c.isdecimal() for c in word):
                    asked.append([word])
                    wanted -= 1
    while len(asked) < 100:
        one, two = chance.choice(asked[10:50]), chance.choice(asked[10:50])
        asked.append([*one, *two])
    return asked


def plain_fts(path: Path, tokenize: str, write: Callable[[str], str], rows: list[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE VIRTUAL TABLE t USING fts5(body, tokenize = '{tokenize}')")
    connection.executemany(
        "INSERT INTO t (rowid, body) VALUES (?, ?)", ((at, write(row)) for at, row in enumerate(rows))
    )
    connection.commit()
    return connection


def bigrams(text: str) -> str:
    # Each character is a letter to FTS5 only if it is one, so pairs are written in hexadecimal here too.
    return " ".join(f"{ord(a):05x}{ord(b):05x}" for a, b in pairwise(text + "\n"))


def bigram_match(words: list[str]) -> str:
    return " AND ".join('"' + bigrams(w).rsplit(" ", 1)[0] + '"' if len(w) > 1 else f"{ord(w):05x}*" for w in words)


def timed(search: Callable[[list[str], int], int], asked: list[list[str]]) -> list[float]:
    spent = []
    for words in asked:
        begin = time.perf_counter()
        search(words, 20)
        spent.append((time.perf_counter() - begin) * 1000)
    return spent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=10_000)
    count = parser.parse_args().documents
    folder = Path(tempfile.mkdtemp())
    begin = time.perf_counter()
    index = Index(lambda: documents(count), path=folder / "gongbao.sqlite3")
    built = {"gongbao": time.perf_counter() - begin}
    rows = [fold(entry.text) for _, document in documents(count) for entry in entries(document)]
    asked = queries([row for row in rows if len(row) > 20], random.Random(1))
    truth = [sum(all(word in row for word in words) for row in rows) for words in asked]

    begin = time.perf_counter()
    trigram = plain_fts(folder / "trigram.sqlite3", "trigram", str, rows)
    built["FTS5 trigram"] = time.perf_counter() - begin
    begin = time.perf_counter()
    bigram = plain_fts(folder / "bigram.sqlite3", "ascii", bigrams, rows)
    built["FTS5 bigram"] = time.perf_counter() - begin

    def ours(words: list[str], limit: int) -> int:
        return sum(bool(hit.marks) for hit in index.search(" ".join(words), limit=limit))

    def by_trigram(words: list[str], limit: int) -> int:
        long = " AND ".join(f'"{word}"' for word in words if len(word) > 2)
        short = [word for word in words if len(word) < 3]
        where = ["t MATCH ?"] * bool(long) + ["body LIKE ?"] * len(short)
        values = [long] * bool(long) + [f"%{word}%" for word in short]
        order = "ORDER BY rank" if long else ""
        sql = f"SELECT rowid, body FROM t WHERE {' AND '.join(where)} {order} LIMIT {limit}"
        return len(trigram.execute(sql, values).fetchall())

    def by_bigram(words: list[str], limit: int) -> int:
        sql = f"SELECT rowid, body FROM t WHERE t MATCH ? ORDER BY rank LIMIT {limit}"
        return len(bigram.execute(sql, [bigram_match(words)]).fetchall())

    two = [at for at, words in enumerate(asked) if all(len(word) == 2 for word in words)]
    print(
        f"{count} documents, {len(rows)} clauses, {sum(map(len, rows)) / 1e6:.1f} million characters, {len(asked)} queries"
    )
    print("| | built (s) | median (ms) | p95 (ms) | worst (ms) | recall | recall, two characters |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, search in (("gongbao", ours), ("FTS5 bigram", by_bigram), ("FTS5 trigram", by_trigram)):
        timed(search, asked)
        spent = timed(search, asked)
        found = [min(search(words, 10_000_000), wanted) for words, wanted in zip(asked, truth, strict=True)]
        of_two = sum(found[at] for at in two) / sum(truth[at] for at in two)
        p95 = statistics.quantiles(spent, n=20)[-1]
        print(
            f"| {name} | {built[name]:.0f} | {statistics.median(spent):.1f} | {p95:.1f} | {max(spent):.1f} "
            f"| {sum(found) / sum(truth):.4f} | {of_two:.4f} |"
        )


if __name__ == "__main__":
    main()
