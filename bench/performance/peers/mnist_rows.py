"""MNIST by rows for the peers, and the orders that they are given."""
import gzip
import json
import pathlib
import sys
import time

import numpy

HELD_OUT = 6000


def read_idx(directory, name):
    plain, zipped = pathlib.Path(directory, name), pathlib.Path(directory, f"{name}.gz")
    raw = gzip.open(zipped).read() if zipped.exists() else plain.read_bytes()
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def load(directory):
    """Training images (samples, 28, 28) in 0 … 1 and their labels."""
    images = read_idx(directory, "train-images-idx3-ubyte").astype(numpy.float32) / 255
    return images, read_idx(directory, "train-labels-idx1-ubyte").astype(numpy.int64)


class Batches:
    """Batches without replacement in each epoch, of all samples but those held out; a batch larger than these spans epochs."""

    def __init__(self, samples, size, seed):
        self.random = numpy.random.default_rng(seed)
        order = self.random.permutation(samples)
        self.held_out, self.size, self.at = order[:HELD_OUT], size, 0
        self.kept = numpy.tile(order[HELD_OUT:], -(-size // (samples - HELD_OUT)))

    def __next__(self):
        if self.at == 0 or self.at + self.size > len(self.kept):
            self.random.shuffle(self.kept)
            self.at = 0
        self.at += self.size
        return self.kept[self.at - self.size : self.at]


def throughput(trainer, batches, seconds):
    """Samples of as many steps as begin within some seconds."""
    start, samples = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        trainer.step(next(batches))
        samples += batches.size
    trainer.wait()
    return {"amount": samples, "seconds": time.perf_counter() - start}


def race(trainer, batches, targets, every_steps, max_samples):
    """Seconds of training, looks left out, until samples held out are told right as often as targets ask; null where never."""
    reached, trained, samples = [None] * len(targets), 0.0, 0
    trainer.prepare(batches)
    while None in reached and samples < max_samples:
        start = time.perf_counter()
        for _ in range(every_steps):
            trainer.step(next(batches))
        trainer.wait()
        trained += time.perf_counter() - start
        samples += every_steps * batches.size
        accuracy = trainer.accuracy(batches.held_out)
        reached = [trained if was is None and accuracy >= target else was for was, target in zip(reached, targets)]
    return {"seconds": reached, "trained": trained}


def obey(make):
    """Obeys one line of JSON after another; `make` gives a fresh trainer of an optimiser, a learning rate and a seed."""
    images, labels = load(sys.argv[1])
    steady = {}
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        size = order["batchSize"]
        if order["work"] == "race":
            trainer = make(images, labels, order["method"], order["rate"], order["seed"])
            batches = Batches(len(labels), size, order["seed"])
            answer = race(trainer, batches, order["targets"], order["everySteps"], order["maxSamples"])
        else:
            if size not in steady:
                steady[size] = make(images, labels, "adam", 1e-3, 0), Batches(len(labels), size, 0)
            answer = throughput(*steady[size], order["seconds"])
        print(json.dumps(answer), flush=True)
