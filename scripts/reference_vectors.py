"""Writes the parity vectors of the subproblem solver: test/admm/vectors/*.safetensors.

    python scripts/reference_vectors.py [DIRECTORY]        (needs numpy and safetensors, both from PyPI)

Run by hand, whenever the mathematics changes; the vectors are part of the repository. Each file is one subproblem with
a non-zero dual: `z.*`, `dual.*`, `inputs`, `targets`, and the step `delta.*` = theta - z that a solver must take. The
metadata entry `case` holds the task's shape, the cell, the options and the penalties as JSON.

This is a second, independent writing of lib/admm: numpy, float64, one-hot matrices, `solve` in place of Cholesky,
explicit masks. Row vectors throughout: s_t = x_t U + h_{t-1} W + b, h_t = f(s_t), o = h V + c.
"""

import json
import pathlib
import sys

import numpy as np
from safetensors.numpy import save_file

CELLS = {
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "relu": (lambda s: np.maximum(s, 0), lambda h: (h > 0).astype(float)),
}


def softmax(o):
    e = np.exp(o - o.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def prox_cross_entropy(q, labels, rho):
    """argmin_o of -log softmax(o)[label] + rho/2 |o - q|^2, row by row, with a full Hessian and a line search."""

    def objective(o, row, label):
        top = o.max()
        return top + np.log(np.exp(o - top).sum()) - o[label] + rho / 2 * ((o - row) ** 2).sum()

    result = np.empty_like(q)
    for i, (row, label) in enumerate(zip(q, labels)):
        o = row.copy()
        for _ in range(100):
            p = softmax(o[None])[0]
            gradient = p + rho * (o - row)
            gradient[label] -= 1
            step = np.linalg.solve(np.diag(p + rho) - np.outer(p, p), gradient)
            size = 1.0
            while objective(o - size * step, row, label) > objective(o, row, label) + 1e-14:
                size /= 2
            o = o - size * step
            if np.abs(step).max() < 1e-13:
                break
        result[i] = o
    return result


def prox_squared_error(q, y, rho):
    """argmin_o of 1/2 |o - y|^2 + rho/2 |o - q|^2."""
    return (y + rho * q) / (1 + rho)


def ridge(Z, d, outputs, sigma, dual):
    """argmin of 1/(2 outputs) |Z delta - d|^2 + sigma/2 |delta + dual|^2."""
    gram = Z.T @ Z / outputs + sigma * np.eye(Z.shape[1])
    return np.linalg.solve(gram, Z.T @ d / outputs - sigma * dual)


def solve(case, z, dual, inputs, targets):
    """The step theta - z of one subproblem, and how far balancing was clipped."""
    shape, options, sigma = case["shape"], case["options"], case["penalty"]
    activation, derivative = CELLS[case["cell"]]
    one_hot = shape["input"]["kind"] == "oneHot"
    every = shape["readout"] == "every"
    T, B = inputs.shape[:2]
    n, H = z["U"].shape
    x = np.eye(n)[inputs] if one_hot else inputs.astype(float)
    real = inputs > 0 if one_hot and shape["input"]["padded"] else np.ones((T, B), bool)

    h = np.zeros((T + 1, B, H))
    for t in range(T):
        moved = activation(x[t] @ z["U"] + h[t] @ z["W"] + z["b"])
        h[t + 1] = np.where(real[t][:, None], moved, h[t])
    top = h[1:].reshape(-1, H) if every else h[T]
    o = top @ z["V"] + z["c"]

    if shape["target"]["kind"] == "classes":
        do = prox_cross_entropy(o, targets.reshape(-1), options["outputPenalty"]) - o
    else:
        do = prox_squared_error(o, targets.reshape(len(o), -1).astype(float), options["outputPenalty"]) - o

    pulled = (do @ z["V"].T).reshape(-1, B, H)
    dh = np.zeros((B, H)) if every else pulled[0]
    ds, reference, factors = np.zeros((T, B, H)), None, []
    for t in reversed(range(T)):
        if every:
            dh = dh + pulled[t]
        step = derivative(h[t + 1]) * dh * real[t][:, None]
        limit, count = options["balanceLimit"], real[t].sum()
        if limit and not every and count:
            size = np.sqrt((step**2).sum() / count) + 1e-20
            reference = size if reference is None else reference
            factors.append(np.clip(reference / size, 1 / limit, limit))
            step = step * factors[-1]
        ds[t] = options["gain"] * step
        dh = np.where(real[t][:, None], step @ z["W"].T, dh)

    keep, outputs = real.reshape(-1), len(do)
    X = x.reshape(-1, n)[keep]
    A = np.concatenate([h[:T].reshape(-1, H), np.ones((T * B, 1))], axis=1)[keep]
    d = ds.reshape(-1, H)[keep]
    stacked = lambda *names: np.concatenate([np.atleast_2d(dual[name]) for name in names])
    if options["penalty"]["input"] is None:
        both = ridge(np.concatenate([X, A], axis=1), d, outputs, sigma["recurrent"], stacked("U", "W", "b"))
        dU, rest = both[:n], both[n:]
    else:
        rest = ridge(A, d, outputs, sigma["recurrent"], stacked("W", "b"))
        dU = ridge(X, d - A @ rest, outputs, sigma["input"], dual["U"])
    readout = np.concatenate([top, np.ones((outputs, 1))], axis=1)
    out = ridge(readout, do, outputs, sigma["readout"], stacked("V", "c"))
    return dict(U=dU, W=rest[:-1], b=rest[-1], V=out[:-1], c=out[-1]), factors


def draw(case, seed):
    """z, the dual and a batch for a case: weights of a spread of 1.2 where not said otherwise, duals of a tenth of their size."""
    rng = np.random.default_rng(seed)
    shape, H, B = case["shape"], case["hiddenUnits"], case["samples"]
    T, source, target = shape["timeSteps"], shape["input"], shape["target"]
    one_hot = source["kind"] == "oneHot"
    n = source["vocabulary"] if one_hot else source["features"]
    K = target["classes"] if target["kind"] == "classes" else target["size"]
    scale = dict(U=0.5 if one_hot else n**-0.5, W=case["spread"] * H**-0.5, b=0.1, V=H**-0.5, c=0.1)
    sizes = dict(U=(n, H), W=(H, H), b=(H,), V=(H, K), c=(K,))
    gaussian = lambda name, factor: (rng.standard_normal(sizes[name]) * scale[name] * factor).astype(np.float32)
    z = {name: gaussian(name, 1) for name in sizes}
    dual = {name: gaussian(name, 0.1) for name in sizes}
    if one_hot:
        inputs = rng.integers(1 if source["padded"] else 0, n, (T, B)).astype(np.int32)
        if source["padded"]:
            for sample, length in enumerate(rng.integers(1, T + 1, B)):
                inputs[: T - length, sample] = 0
            inputs[T // 2 + 1, 0] = 0  # padding may also lie between words, or after the last one
            inputs[T - 1, 1] = 0
            inputs[:, 2] = 0  # and a text may be empty
    else:
        inputs = rng.random((T, B, n)).astype(np.float32)
    rows = (T, B) if shape["readout"] == "every" else (B,)
    if target["kind"] == "classes":
        targets = rng.integers(0, K, rows).astype(np.int32)
    else:
        targets = rng.standard_normal(rows + (K,)).astype(np.float32)
    return z, dual, inputs, targets


def describe(T, source, target, readout, cell="tanh", hidden=12, samples=9, spread=1.2, sigma_in=None, **options):
    """A case: what `draw` and `solve` need, in the words of the run config."""
    defaults = dict(outputPenalty=1.0, gain=1.0, balanceLimit=1000.0)
    return dict(
        shape=dict(timeSteps=T, input=source, target=target, readout=readout),
        cell=cell,
        hiddenUnits=hidden,
        samples=samples,
        spread=spread,
        options={**defaults, **options, "penalty": dict(input=sigma_in, recurrent=0.1, readout=0.05)},
        penalty=dict(input=sigma_in or 1.0, recurrent=0.3, readout=0.1),
    )


def cases():
    dense = dict(kind="dense", features=5, scale=1)
    words = dict(kind="oneHot", vocabulary=1000, padded=True)
    characters = dict(kind="oneHot", vocabulary=17, padded=False)
    digits, signs, letters = (dict(kind="classes", classes=k) for k in (10, 2, 17))
    values = dict(kind="values", size=3)
    return {
        "dense-last-balanced": describe(8, dense, digits, "last"),
        "dense-last-clipped": describe(8, dense, digits, "last", spread=0.5, balanceLimit=2.0),
        "dense-last-unbalanced": describe(8, dense, digits, "last", balanceLimit=0.0),
        "dense-last-gain-and-rho": describe(8, dense, digits, "last", gain=0.4, outputPenalty=0.2),
        "words-last-split": describe(7, words, signs, "last", hidden=8, sigma_in=0.01),
        "words-last-split-clipped": describe(7, words, signs, "last", hidden=8, sigma_in=0.01, spread=0.3, balanceLimit=1.5),
        "characters-every-joint": describe(6, characters, letters, "every"),
        "characters-every-split": describe(6, characters, letters, "every", sigma_in=0.05),
        "characters-last-joint": describe(6, characters, digits, "last"),
        "padded-last-joint": describe(7, dict(characters, padded=True), digits, "last"),
        "dense-every-values": describe(6, dense, values, "every"),
        "dense-last-values-relu": describe(6, dense, values, "last", cell="relu"),
        "dense-last-classes-relu": describe(6, dense, digits, "last", cell="relu", balanceLimit=3.0),
    }


def main(directory):
    directory.mkdir(parents=True, exist_ok=True)
    for seed, (name, case) in enumerate(cases().items()):
        z, dual, inputs, targets = draw(case, seed)
        delta, factors = solve(case, z, dual, inputs, targets)
        tensors = {f"z.{k}": v for k, v in z.items()} | {f"dual.{k}": v for k, v in dual.items()}
        tensors |= {f"delta.{k}": v.astype(np.float32) for k, v in delta.items()}
        tensors |= dict(inputs=inputs, targets=targets)
        save_file(tensors, directory / f"{name}.safetensors", metadata=dict(case=json.dumps(case)))
        span = f"balance {min(factors):.3g} to {max(factors):.3g}" if factors else "not balanced"
        sizes = ", ".join(f"{k} {np.linalg.norm(v):.3g}" for k, v in delta.items())
        print(f"{name}: {span}; step {sizes}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "test/admm/vectors"))
