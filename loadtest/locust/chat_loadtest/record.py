"""What one worker has told of a run, and the record that it becomes: that of the worker itself, or what there is."""

import datetime
import struct

from .tally import Tally


class Told:
    """What one worker has told."""

    def __init__(self, name):
        self.name = name
        self.reported = None
        self.seconds = []
        self.runs = []
        self.load = None
        self.targets = []
        self.began = None
        self.measurement = None
        self.is_final = False
        self.failed = None
        self.refused = None

    def hears(self, exact):
        """Adds one report's payload."""
        self.is_final = self.is_final or exact["is_final"]
        self.failed = exact["failed"] or self.failed
        self.runs = exact["runs"] or self.runs
        self.load = exact["load"] or self.load
        self.targets = exact["targets"] or self.targets
        self.began = exact["began"] or self.began
        # Of the whole run so far: the last one replaces those before, and is read when the run is over.
        self.reported = exact["tally"]
        self.seconds.extend(exact["seconds"])
        self.measurement = exact["measurement"] or self.measurement

    @property
    def tally(self):
        """What it measured: by its record, or as far as it was reported."""
        written = self.measurement["tally"] if self.measurement else self.reported
        if written is None or self.refused:
            return Tally()
        try:
            return Tally.of(written)
        except (ArithmeticError, LookupError, TypeError, ValueError, struct.error) as error:
            self.refused = f"{type(error).__name__}: {error}"
            return Tally()

    @property
    def is_lost(self):
        """Whether it never told that its run was over."""
        return not self.is_final

    @property
    def has_measured(self):
        """Whether people spoke: connections alone are no measurement."""
        return bool(self.measurement) or any(second["at"] >= 0 for second in self.seconds)

    @property
    def last_second(self):
        return max((second["at"] for second in self.seconds), default=None)

    @property
    def measured_s(self):
        if self.measurement:
            return self.measurement["measured_s"]
        return float(sum(1 for second in self.seconds if second["at"] >= 0))

    @property
    def ended(self):
        """How it ended, when not in order."""
        if self.failed:
            return f"could not go on: {self.failed}"
        if not self.is_lost:
            # A worker may leave before the others, in order: its own record says why.
            reasons = [worker["ended"] for worker in (self.measurement or {}).get("workers", ()) if worker["ended"]]
            return f"ended before its time: {reasons[0]}" if reasons else None
        if self.last_second is None:
            return "lost, it never told anything"
        return f"lost half-way, last heard of at second {self.last_second}"

    def record(self):
        """A record for `chat-loadtest merge`; None of one that has measured nothing."""
        if self.measurement:
            return self.measurement
        if not self.has_measured or not self.load:
            return None
        counts = self.reported["counts"]
        return {
            "runs": self.runs,
            "load": self.load,
            "targets": self.targets,
            "began": self.began,
            "measured_s": self.measured_s,
            "tally": self.reported,
            "seconds": self.seconds,
            "device": {"busiest": max(second["device_busy"] for second in self.seconds)},
            "workers": [
                {
                    "name": self.name,
                    "sent": counts["sent"],
                    "delivered": counts["delivered"],
                    "ended": self.ended or "no record came of it",
                }
            ],
            "remarks": [
                f"Of the worker {self.name} ({self.ended or 'no record came of it'}) this record has what it had "
                f"reported until then; the master wrote it at {datetime.datetime.now(datetime.timezone.utc):%FT%TZ}."
            ],
        }
