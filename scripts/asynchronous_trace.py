"""A trace of asynchronous consensus, in numpy: python scripts/asynchronous_trace.py > test/coordinator/vectors/asynchronous.json

Written for comparison with the TypeScript coordinator: the same arrivals in the same order, every quantity in float64 and
rounded to float32 where the system stores it. Each shard i answers with one step on a quadratic of its own,

  theta_i = argmin 1/2 |theta - m_i|^2 + sigma/2 |theta - (z~ - y_i)|^2,   w_i = theta_i + y_i,
  y_i = (sigma_then / sigma_now)(w_i - a_i),                               z = prox(sum n_i w_i / sum n_i),
  z~ = z + mu (z~_k - z~_{k-1}),

from the broadcast z~ that its task was dispatched with; sigma_then is that of the version which took w_i in, sigma_now that
of the version the task is solved from, and sigma changes at given versions. An update takes in A arrivals.
"""
import json

import numpy as np

F = np.float32
SHARDS, LENGTH, ARRIVALS, UPDATES = 4, 6, 1, 24
MOMENTUM, DECAY, SIGMA = 0.5, 0.01, 0.1
SIGMA_AFTER = {5: 0.2, 11: 0.05, 17: 0.1}  # sigma from this version on
DECAYS = np.array([1, 1, 1, 1, 0, 0])  # weights decay, biases do not
SAMPLES = np.array([100 + 10 * i for i in range(SHARDS)], float)
ORDER = [0, 1, 0, 2, 3, 1, 0, 2, 1, 3, 0, 1, 2, 0, 3, 1, 2, 0, 1, 3, 2, 0, 1, 2]


def minimum(shard, version):
    i = np.arange(LENGTH)
    return np.sin(1 + shard * 7.3 + i * 1.7) + 0.05 * np.sin(version * 12.9 + i)


def run():
    z0 = np.full(LENGTH, 0.5, F)
    z, broadcast, sigma_formed = [z0], [z0], [SIGMA]
    sigma = SIGMA
    w = [z0] * SHARDS
    anchor = [None] * SHARDS  # version that took w_i in; none: y_i = 0
    task = [(0, SIGMA)] * SHARDS  # version it is solved from, sigma then
    versions = []
    for version, shard in enumerate(ORDER[:UPDATES], start=1):
        solved_from, sigma_now = task[shard]
        dual = np.zeros(LENGTH, F)
        if anchor[shard] is not None:
            ratio = F(sigma_formed[anchor[shard]] / sigma_now)
            dual = (w[shard] - z[anchor[shard]]) * ratio
        point = broadcast[solved_from].astype(float)
        theta = ((minimum(shard, solved_from) + sigma_now * (point - dual)) / (1 + sigma_now)).astype(F)
        w[shard] = theta + dual
        average = sum(n * each.astype(float) for n, each in zip(SAMPLES, w)) / SAMPLES.sum()
        factor = np.where(DECAYS == 1, sigma / (sigma + DECAY), 1)
        z.append((average.astype(F).astype(float) * factor).astype(F))
        velocity = broadcast[-1] - broadcast[-2] if len(broadcast) > 1 else None
        ahead = z[-1] if velocity is None else (z[-1] + MOMENTUM * velocity.astype(float)).astype(F)
        broadcast.append(ahead)
        sigma_formed.append(sigma)
        anchor[shard] = version
        sigma = SIGMA_AFTER.get(version, sigma)
        task[shard] = (version, sigma)
        versions.append({"shard": shard, "solvedFrom": solved_from, "z": z[-1].tolist(), "broadcast": ahead.tolist()})
    return {
        "shards": SHARDS,
        "arrivals": ARRIVALS,
        "momentum": MOMENTUM,
        "weightDecay": DECAY,
        "penalty": SIGMA,
        "penaltyAfter": {str(k): v for k, v in SIGMA_AFTER.items()},
        "updates": versions,
    }


print(json.dumps(run()))
