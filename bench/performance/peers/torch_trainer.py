"""PyTorch's nn.RNN: the network of `lib/rnn` on MNIST by rows, on two threads or on another device.

    python torch_trainer.py DIRECTORY [DEVICE]

Takes orders as `mnist_rows.obey` does.
"""
import pathlib
import sys

import torch

sys.path.append(str(pathlib.Path(__file__).parents[2] / "experiments" / "peers"))

from mnist_rows import obey  # noqa: E402
from simple_rnn import Network, optimizer_of  # noqa: E402

THREADS = 2
torch.set_num_threads(THREADS)
DEVICE = torch.device(sys.argv[2] if len(sys.argv) > 2 else "cpu")


class Trainer:
    def __init__(self, images, labels, method, rate, seed):
        torch.manual_seed(seed)
        self.images, self.labels = torch.from_numpy(images).to(DEVICE), torch.from_numpy(labels).to(DEVICE)
        self.network = Network().to(DEVICE)
        parameters = [p for p in self.network.parameters() if p.requires_grad]
        self.optimizer = optimizer_of(method, parameters, rate)

    def step(self, at):
        at = torch.from_numpy(at).to(DEVICE)
        self.optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(self.network(self.images[at]), self.labels[at])
        loss.backward()
        self.optimizer.step()

    def prepare(self, batches):
        """Nothing is compiled."""

    def wait(self):
        """On a processor a step has ended when it returns."""
        if DEVICE.type == "cuda":
            torch.cuda.synchronize()

    def accuracy(self, at):
        with torch.no_grad():
            return (self.network(self.images[at]).argmax(1) == self.labels[at]).float().mean().item()


obey(Trainer)
