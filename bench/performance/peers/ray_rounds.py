"""Rounds a second of a parameter server on Ray whose workers do nothing: parameters go out, come back, and are averaged.

    python ray_rounds.py --clients 4 --parameters 21386 --rounds 20

The time of the first rounds, in which processes start, is left out. Prints one line of JSON.
"""
import argparse
import json
import time

import numpy
import ray

WARM_UP_ROUNDS = 10


@ray.remote(num_cpus=0.5)
class Worker:
    def solve(self, parameters):
        # A copy: what comes in is read-only, and an answer is an array of the worker's own.
        return parameters.copy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--parameters", type=int, required=True)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    ray.init(include_dashboard=False, log_to_driver=False, num_cpus=options.clients)
    workers = [Worker.remote() for _ in range(options.clients)]
    parameters = numpy.zeros(options.parameters, numpy.float32)
    times = []
    for _ in range(WARM_UP_ROUNDS + options.rounds):
        shared = ray.put(parameters)
        answers = ray.get([worker.solve.remote(shared) for worker in workers])
        parameters = numpy.mean(answers, axis=0)
        times.append(time.perf_counter())
    seconds = times[-1] - times[WARM_UP_ROUNDS - 1]
    print(json.dumps({"amount": options.rounds, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
