"""Pairs of like paragraphs as a public package finds them: near_duplicates.py PEER FILE, where FILE is a JSON list of
strings; answers {"seconds", "pairs", "megabytes"} of one process, processor time.

Each package in the way its documentation shows: letter 5-grams, 128 permutations, LSH at 0.5 (datasketch, rensa);
64 bits, at most 6 differing (simhash); repeats of at least 15 letters from the suffix array and its LCP (pydivsufsort).
"""

import json
import sys
import time

GRAM, PERMUTATIONS, THRESHOLD, LONG, BITS = 5, 128, 0.5, 15, 6


def grams(text):
    return [text[place : place + GRAM] for place in range(max(1, len(text) - GRAM + 1))]


def datasketch(texts):
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    for number, text in enumerate(texts):
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([gram.encode() for gram in grams(text)])
        for other in index.query(sketch):
            yield other, number
        index.insert(number, sketch)


def rensa(texts):
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=32)
    sketches = []
    for number, text in enumerate(texts):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=42)
        sketch.update(grams(text))
        for other in index.query(sketch):
            if sketches[other].jaccard(sketch) >= THRESHOLD:
                yield other, number
        index.insert(number, sketch)
        sketches.append(sketch)


def simhash(texts):
    from simhash import Simhash, SimhashIndex

    index = SimhashIndex([], k=BITS)
    for number, text in enumerate(texts):
        sketch = Simhash(grams(text))
        for other in index.get_near_dups(sketch):
            yield int(other), number
        index.add(str(number), sketch)


def pydivsufsort(texts):
    import numpy as np
    from pydivsufsort import divsufsort, kasai

    text = "\n".join(texts)
    codes = np.frombuffer(text.encode("utf-16-le"), dtype=np.uint16).copy()
    order = divsufsort(codes)
    common = kasai(codes, order)
    number = np.cumsum(codes == ord("\n"))
    breaks = np.append(np.flatnonzero(codes == ord("\n")), len(codes))
    long = np.flatnonzero(common[:-1] >= LONG)
    a, b = order[long], order[long + 1]
    inside = breaks[number[a]] - a >= LONG
    pairs = np.stack([number[a[inside]], number[b[inside]]], axis=1)
    yield from np.unique(np.sort(pairs, axis=1), axis=0).tolist()


def main():
    peer, file = sys.argv[1:]
    with open(file, encoding="utf-8") as opened:
        texts = json.load(opened)
    begun = time.process_time()
    pairs = sorted({(a, b) for a, b in globals()[peer](texts) if a != b})
    seconds = time.process_time() - begun
    with open("/proc/self/status") as status:
        memory = int(status.read().partition("VmHWM:")[2].split()[0]) / 1e3
    json.dump({"seconds": seconds, "pairs": pairs, "megabytes": memory}, sys.stdout)


if __name__ == "__main__":
    main()
