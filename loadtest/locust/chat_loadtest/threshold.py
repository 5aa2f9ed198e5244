"""Limits of a run as chat-loadtest writes them: `delivery p99 < 250ms`, `lost == 0`, `lost ratio < 0.01%`."""

import operator
import re

COMPARISONS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "<": operator.lt, ">": operator.gt}
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
STATISTICS = (*QUANTILES, "max", "mean")
TIMES = (
    "delivery", "own-echo", "same-process", "other-process", "unknown-process", "fan-out", "service", "connect",
    "first-frame", "catch-up", "lateness", "tick-lag",
)  # fmt: skip
# What a ratio of these is a part of is what was owed to the connections.
OWED = ("own_echoes", "delivered", "lost", "too_late", "repeated", "out_of_order", "leaked", "altered")
COUNTS = (
    "due", "sent", "unsent", "refused", *OWED, "foreign", "caught_up", "in_history", "missing_in_history",
    "connected", "connect_failures", "broken", "requests", "failed_requests",
)  # fmt: skip
MICROSECONDS = {"us": 1, "ms": 1_000, "s": 1_000_000}
EXAMPLES = "'delivery p99 < 250ms', 'lost == 0' or 'lost ratio < 0.01%'"
LIMIT = re.compile(r"(?P<subject>[^<>=!]+?)\s*(?P<sign><=|>=|==|<|>)\s*(?P<limit>\d+(\.\d+)?)\s*(?P<unit>us|ms|s|%|)")


class Threshold:
    """One limit."""

    def __init__(self, text):
        self.text = " ".join(text.split())
        read = LIMIT.fullmatch(self.text)
        if not read:
            raise ValueError(f"{self.text!r} is no limit; as in {EXAMPLES}")
        self.compare = COMPARISONS[read["sign"]]
        self.unit = read["unit"]
        self.limit = float(read["limit"])
        self.name, _, self.statistic = read["subject"].rpartition(" ")
        if read["subject"] in COUNTS:
            self.name, self.statistic = read["subject"], "count"
        elif read["subject"].endswith(" per second"):
            self.name, self.statistic = read["subject"].removesuffix(" per second"), "per second"
        self.checked()

    def checked(self):
        is_time = self.name in TIMES or re.fullmatch(r"[A-Z]+ /\S*", self.name)
        if is_time and self.statistic in STATISTICS:
            if self.unit not in MICROSECONDS:
                raise ValueError(f"{self.text!r}: the limit has to be a time, in us, ms or s")
            self.limit *= MICROSECONDS[self.unit]
        elif self.name in OWED and self.statistic == "ratio":
            if self.unit not in ("%", ""):
                raise ValueError(f"{self.text!r}: the limit has to be a part, as 0.01% or 0.0001")
            self.limit /= 100 if self.unit == "%" else 1
        elif self.name in COUNTS and self.statistic in ("count", "per second"):
            if self.unit:
                raise ValueError(f"{self.text!r}: the limit has to be a number without a unit")
        else:
            raise ValueError(
                f"{self.text!r}: there are {', '.join(TIMES)} and requests as 'POST /api/login/' with one of "
                f"{', '.join(STATISTICS)}; {', '.join(COUNTS)} by themselves or per second; and a ratio of "
                f"{', '.join(OWED)}; as in {EXAMPLES}"
            )

    def measured(self, tally, seconds):
        """What was measured of it; None when nothing was, which is not the same as 0."""
        match self.statistic:
            case "max":
                return tally.named(self.name).max
            case "mean":
                return tally.named(self.name).mean
            case "count":
                return tally.count(self.name) if tally.owed else None
            case "ratio":
                return tally.count(self.name) / tally.owed if tally.owed else None
            case "per second":
                return tally.count(self.name) / seconds if seconds else None
            case quantile:
                return tally.named(self.name).at(QUANTILES[quantile])

    def judge(self, tally, seconds):
        """Whether it was kept, and a line that says so."""
        measured = self.measured(tally, seconds)
        if measured is None:
            return False, f"MISSED  {self.text}: nothing was measured"
        is_kept = self.compare(measured, self.limit)
        return is_kept, f"{'kept' if is_kept else 'MISSED':6}  {self.text}: {self.shown(measured)}"

    def shown(self, measured):
        if self.statistic == "ratio":
            return f"{measured * 100:.4g}%"
        if self.unit in MICROSECONDS:
            return f"{measured / MICROSECONDS[self.unit]:.6g}{self.unit}"
        return f"{measured:.6g}"


def thresholds(text):
    """Several, separated by commas; none of an empty text."""
    return [Threshold(part) for part in text.split(",")] if text.strip() else []
