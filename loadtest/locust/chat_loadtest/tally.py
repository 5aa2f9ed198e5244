"""Tallies of chat-loadtest, added up without loss."""

from .histogram import Times

DELIVERY = ("same-process", "other-process", "unknown-process")


class Tally:
    """What was counted and timed, in the form that a worker's record has it."""

    def __init__(self):
        self.counts = {}
        self.times = {}
        self.requests = {}
        self.processes = []

    @classmethod
    def of(cls, written):
        """Reads one as it stands in a record or a report."""
        tally = cls()
        tally.counts = dict(written["counts"])
        tally.times = {name: Times.of(times) for name, times in written["times"].items()}
        for name, requests in written["requests"].items():
            failures = {str(status): count for status, count in requests["failures"].items()}
            tally.requests[name] = (Times.of(requests["times"]), failures)
        tally.processes = [process | {"heard": Times.of(process["heard"])} for process in written["processes"]]
        return tally

    def add(self, other):
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
        for name, times in other.times.items():
            self.times.setdefault(name, Times()).add(times)
        for name, (times, failures) in other.requests.items():
            mine, failed = self.requests.setdefault(name, (Times(), {}))
            mine.add(times)
            for status, count in failures.items():
                failed[status] = failed.get(status, 0) + count
        for place, process in enumerate(other.processes):
            if place == len(self.processes):
                self.processes.append({"sent": 0, "heard": Times(), "lost": 0})
            mine = self.processes[place]
            mine["sent"] += process["sent"]
            mine["heard"].add(process["heard"])
            mine["lost"] += process["lost"]

    def count(self, name):
        return self.counts.get(name, 0)

    def named(self, name):
        """The times of this name: a metric's, `delivery` for all deliveries to others, or a request's."""
        if name == "delivery":
            delivery = Times()
            for metric in DELIVERY:
                delivery.add(self.times.get(metric, Times()))
            return delivery
        if name in self.requests:
            return self.requests[name][0]
        return self.times.get(name, Times())

    @property
    def owed(self):
        """Every message that is owed to a connection ends in exactly one of these."""
        return self.count("own_echoes") + self.count("delivered") + self.count("lost")
