#!/usr/bin/env python3
"""A policy in Python: of the nodes that can take a pod, the one that it leaves least free (best fit).

policies:
  - {name: python-best-fit, command: [python3, policy.py], timeout: 10s}

scenarios/outside/external_policy.h says what is asked and answered.
"""
import json
import sys

nodes, free = [], []


def left(place, pod):
    """What stays free of a node, in parts of what it has."""
    cpu, memory, gpus = free[place]
    node = nodes[place]
    parts = [(cpu - pod["cpu"]) / max(node["cpu"], 1), (memory - pod["memory"]) / max(node["memory"], 1)]
    if node["gpus"]:
        parts.append((sum(gpus) - pod["gpus"] * pod["milli"]) / (1000 * node["gpus"]))
    return sum(parts) / len(parts)


def answer(question):
    if "nodes" in question:
        nodes[:] = question["nodes"]
        free[:] = [(n["cpu"], n["memory"], [1000] * n["gpus"]) for n in nodes]
        return {"orrery": 1}
    for place, cpu, memory, gpus in question["free"]:
        free[place] = (cpu, memory, gpus)
    fit = [place for first, end in question["fit"] for place in range(first, end)]
    return {"scores": [-left(place, question["pod"]) for place in fit]}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
