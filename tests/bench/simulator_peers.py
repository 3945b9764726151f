"""The same two models by SimPy and by Ciw, as their users would write them; nothing but the waits is kept."""

import random
from collections.abc import Iterator
from typing import Any

import ciw
import simpy

SERVERS, LOAD, FIRST = 20, 0.9, 0.3


def simpy_mm20(customers: int, seed: int = 1) -> tuple[float, float]:
    """Mean wait of each class."""
    draw = random.Random(seed)
    world = simpy.Environment()
    servers = simpy.PriorityResource(world, capacity=SERVERS)
    waits: tuple[list[float], list[float]] = ([], [])

    def customer(kind: int) -> Iterator[Any]:
        came = world.now
        with servers.request(priority=kind) as turn:
            yield turn
            waits[kind].append(world.now - came)
            yield world.timeout(draw.expovariate(1))

    def arrivals() -> Iterator[Any]:
        for _ in range(customers):
            yield world.timeout(draw.expovariate(SERVERS * LOAD))
            world.process(customer(0 if draw.random() < FIRST else 1))

    world.process(arrivals())
    world.run()
    return sum(waits[0]) / len(waits[0]), sum(waits[1]) / len(waits[1])


def ciw_mm20(customers: int, seed: int = 1) -> tuple[float, float]:
    ciw.seed(seed)
    rate = SERVERS * LOAD
    network = ciw.create_network(
        arrival_distributions={
            "first": [ciw.dists.Exponential(rate * FIRST)],
            "other": [ciw.dists.Exponential(rate * (1 - FIRST))],
        },
        service_distributions={"first": [ciw.dists.Exponential(1)], "other": [ciw.dists.Exponential(1)]},
        priority_classes={"first": 0, "other": 1},
        number_of_servers=[SERVERS],
    )
    world = ciw.Simulation(network)
    world.simulate_until_max_customers(customers)
    records = world.get_all_records()
    waits = {
        name: [record.waiting_time for record in records if record.customer_class == name]
        for name in ("first", "other")
    }
    return sum(waits["first"]) / len(waits["first"]), sum(waits["other"]) / len(waits["other"])


def simpy_bilevel(calls: int, seed: int = 1) -> float:
    """T11 at 150 calls an hour: the share answered within 30 s."""
    draw = random.Random(seed)
    world = simpy.Environment()
    n1 = simpy.Resource(world, capacity=3)
    n2 = simpy.PriorityResource(world, capacity=6)
    in_time = 0

    def second(priority: int, held: Any) -> Iterator[Any]:
        with n2.request(priority=priority) as turn:
            yield turn
            if held is not None:
                yield world.timeout(draw.expovariate(1 / 20))
                n1.release(held)
            yield world.timeout(draw.expovariate(1 / 150))

    def call() -> Iterator[Any]:
        nonlocal in_time
        came, agent = world.now, n1.request()
        yield agent
        in_time += world.now - came <= 30
        yield world.timeout(draw.expovariate(1 / 45))
        kind = draw.random()
        if kind < 0.05:
            yield from second(0, agent)
            return
        n1.release(agent)
        if kind < 0.8:
            yield from second(1, None)

    def arrivals() -> Iterator[Any]:
        for _ in range(calls):
            yield world.timeout(draw.expovariate(150 / 3600))
            world.process(call())

    world.process(arrivals())
    world.run()
    return in_time / calls
