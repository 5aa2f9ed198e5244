"""HdrHistogram's V2 format, as far as it takes to add histograms up and to read percentiles off them exactly."""

import base64
import struct

COOKIE = 0x1C849303 | 0x10
HEADER = struct.Struct(">iiiiqqd")


class Times:
    """Times in microseconds: three significant digits, one microsecond to one hour, as the workers record them."""

    DIGITS = 3
    LOWEST = 1
    HIGHEST = 3_600_000_000
    # Twice 10^3 values are told apart in the first bucket: 2^11.
    SUB_BUCKET_BITS = 11
    SUB_BUCKETS = 1 << SUB_BUCKET_BITS
    HALF = SUB_BUCKETS // 2

    def __init__(self):
        self.counts = {}

    @classmethod
    def of(cls, written):
        """Reads what a record has of one kind of time."""
        return cls.from_v2(base64.b64decode(written["hdr"], validate=True))

    @classmethod
    def from_v2(cls, data):
        cookie, length, offset, digits, lowest, highest, _ratio = HEADER.unpack_from(data)
        if cookie != COOKIE or offset != 0:
            raise ValueError("no HdrHistogram in V2 format")
        if (digits, lowest, highest) != (cls.DIGITS, cls.LOWEST, cls.HIGHEST):
            raise ValueError(f"a histogram of {lowest} to {highest} with {digits} digits, not one of a worker")
        times, index, at = cls(), 0, HEADER.size
        end = at + length
        if end > len(data):
            raise ValueError("a histogram that is cut short")
        while at < end:
            count, at = zigzag(data, at)
            if count < 0:
                index -= count
            else:
                if count:
                    times.counts[index] = count
                index += 1
        return times

    def add(self, other):
        for index, count in other.counts.items():
            self.counts[index] = self.counts.get(index, 0) + count

    @property
    def count(self):
        return sum(self.counts.values())

    @property
    def max(self):
        return highest_equivalent(max(self.counts)) if self.counts else None

    @property
    def mean(self):
        """Of the middles of the classes, as the library reckons it."""
        if not self.counts:
            return None
        return sum(middle(index) * count for index, count in self.counts.items()) / self.count

    def at(self, quantile):
        """The time that `quantile` of all are no longer than; None without any."""
        wanted, seen = max(1, -(-quantile * self.count // 1)), 0
        for index in sorted(self.counts):
            seen += self.counts[index]
            if seen >= wanted:
                return highest_equivalent(index)
        return None


def bounds(index):
    """The first value of the class at this place, and how many values it holds."""
    bucket = index // Times.HALF - 1
    sub_bucket = index % Times.HALF + Times.HALF
    if bucket < 0:
        sub_bucket -= Times.HALF
        bucket = 0
    return sub_bucket << bucket, 1 << bucket


def highest_equivalent(index):
    first, size = bounds(index)
    return first + size - 1


def middle(index):
    first, size = bounds(index)
    return first + size // 2


def zigzag(data, at):
    """A signed number of the format: seven bits a byte, the ninth byte whole."""
    value = 0
    for place in range(9):
        byte = data[at + place]
        if place == 8:
            value |= byte << 56
            break
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return (value >> 1) ^ -(value & 1), at + place + 1
