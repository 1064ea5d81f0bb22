"""PyTorch's nn.RNN on MNIST by rows, to hold the baselines of this project against.

    python simple_rnn.py DATA_DIR [--method adam] [--rate 1e-3] [--batch 128] [--epochs 2] [--seeds 3]

Same network, sizes, initial distributions, samples, constants and rule of batches as `lib/baselines`: 54,000 training
samples drawn without replacement, H = 128, W orthogonal, U and V Gaussian by fan-in, one bias, Keras' epsilon.
Prints the test accuracy after every epoch, one JSON line a seed.
"""
import argparse
import gzip
import json
import pathlib

import numpy
import torch

HIDDEN, HELD_OUT, EPSILON, ADAGRAD_ACCUMULATOR = 128, 6000, 1e-7, 0.1


def read_idx(path):
    raw = gzip.open(path).read()
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
    return numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def load(directory, split):
    images = read_idx(directory / f"{split}-images-idx3-ubyte.gz").astype(numpy.float32) / 255
    return torch.from_numpy(images), torch.from_numpy(read_idx(directory / f"{split}-labels-idx1-ubyte.gz").astype(int))


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = torch.nn.RNN(28, HIDDEN, batch_first=True)
        self.readout = torch.nn.Linear(HIDDEN, 10)
        torch.nn.init.orthogonal_(self.cell.weight_hh_l0)
        torch.nn.init.normal_(self.cell.weight_ih_l0, std=28**-0.5)
        torch.nn.init.normal_(self.readout.weight, std=HIDDEN**-0.5)
        for bias in (self.cell.bias_ih_l0, self.cell.bias_hh_l0, self.readout.bias):
            torch.nn.init.zeros_(bias)
        # PyTorch adds two biases where one is meant; the second stays zero.
        self.cell.bias_hh_l0.requires_grad_(False)

    def forward(self, rows):
        return self.readout(self.cell(rows)[0][:, -1])


def optimizer_of(method, parameters, rate):
    if method == "adam":
        return torch.optim.Adam(parameters, rate, eps=EPSILON)
    if method == "rmsprop":
        return torch.optim.RMSprop(parameters, rate, alpha=0.9, eps=EPSILON)
    if method == "adagrad":
        return torch.optim.Adagrad(parameters, rate, initial_accumulator_value=ADAGRAD_ACCUMULATOR, eps=EPSILON)
    return torch.optim.SGD(parameters, rate, momentum=0.9 if method == "momentum" else 0)


def accuracy(network, images, labels):
    with torch.no_grad():
        return (network(images).argmax(1) == labels).float().mean().item()


def train(options, seed, train_set, test_set):
    torch.manual_seed(seed)
    network = Network()
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = optimizer_of(options.method, parameters, options.rate)
    order = torch.randperm(len(train_set[0]))[HELD_OUT:]
    accuracies = []
    for _ in range(options.epochs):
        for at in order[torch.randperm(len(order))].split(options.batch):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(train_set[0][at]), train_set[1][at]).backward()
            optimizer.step()
        accuracies.append(round(accuracy(network, *test_set), 4))
    return accuracies


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--method", default="adam", choices=["sgd", "momentum", "adagrad", "rmsprop", "adam"])
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    train_set, test_set = load(options.data, "train"), load(options.data, "t10k")
    for seed in range(options.seeds):
        print(json.dumps({"method": options.method, "seed": seed, "test": train(options, seed, train_set, test_set)}), flush=True)


if __name__ == "__main__":
    main()
