"""Rounds a second of Flower with clients that do nothing: parameters go out, come back, and are averaged.

    python flower_rounds.py simulation|grpc --clients 4 --parameters 21386 --rounds 20

`simulation` is its simulation engine on Ray, `grpc` a server and client processes on loopback. The time of the first rounds,
in which processes start, is left out. Prints one line of JSON.
"""
import argparse
import json
import multiprocessing
import socket
import time

import numpy
from flwr.client import ClientApp, NumPyClient, start_client
from flwr.common import ndarrays_to_parameters
from flwr.server import ServerApp, ServerAppComponents, ServerConfig, start_server
from flwr.server.strategy import FedAvg
from flwr.simulation import run_simulation

WARM_UP_ROUNDS = 10


class NoOp(NumPyClient):
    def fit(self, parameters, config):
        return parameters, 1, {}


def client_of(_context=None):
    return NoOp().to_client()


class Timed(FedAvg):
    """Averages as Flower does, and notes when."""

    def __init__(self, options):
        initial = ndarrays_to_parameters([numpy.zeros(options.parameters, numpy.float32)])
        counts = {"min_fit_clients": options.clients, "min_available_clients": options.clients}
        super().__init__(fraction_fit=1.0, fraction_evaluate=0.0, initial_parameters=initial, **counts)
        self.times = []

    def aggregate_fit(self, server_round, results, failures):
        if failures:
            raise RuntimeError(f"round {server_round}: {failures[0]}")
        aggregated = super().aggregate_fit(server_round, results, failures)
        self.times.append(time.perf_counter())
        return aggregated


def simulate(options, strategy, config):
    server = ServerApp(server_fn=lambda context: ServerAppComponents(config=config, strategy=strategy))
    backend = {"client_resources": {"num_cpus": 0.5, "num_gpus": 0.0}}
    run_simulation(server, ClientApp(client_fn=client_of), options.clients, backend_config=backend)


def connect(address):
    start_client(server_address=address, client=client_of())


def serve(options, strategy, config):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    spawn = multiprocessing.get_context("spawn")
    clients = [spawn.Process(target=connect, args=(address,), daemon=True) for _ in range(options.clients)]
    for client in clients:
        client.start()
    start_server(server_address=address, config=config, strategy=strategy)
    for client in clients:
        client.join()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=["simulation", "grpc"])
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--parameters", type=int, required=True)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    strategy = Timed(options)
    config = ServerConfig(num_rounds=WARM_UP_ROUNDS + options.rounds)
    (simulate if options.engine == "simulation" else serve)(options, strategy, config)
    seconds = strategy.times[-1] - strategy.times[WARM_UP_ROUNDS - 1]
    print(json.dumps({"amount": options.rounds, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
