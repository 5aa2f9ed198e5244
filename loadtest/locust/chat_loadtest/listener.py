"""Listens to what workers tell a Locust master: collects, has the runs ended in order, writes records, judges."""

import json
import logging
import pathlib
import re
import sys
import time

import gevent
from locust import events
from locust.runners import STATE_MISSING, MasterRunner

from .record import Told
from .tally import Tally
from .threshold import thresholds

FINISH = "chat_loadtest_finish"
PAYLOAD = "chat_loadtest"
MISSED, COULD_NOT_RUN, INVALID = 1, 2, 4

logger = logging.getLogger("chat_loadtest")


def install():
    """Registers everything with Locust."""
    events.init_command_line_parser.add_listener(add_arguments)
    events.init.add_listener(on_init)


def add_arguments(parser):
    group = parser.add_argument_group("chat-loadtest")
    group.add_argument(
        "--chat-thresholds",
        default="",
        env_var="CHAT_THRESHOLDS",
        help="Limits, separated by commas, that decide the exit code: 'delivery p99 < 250ms, lost == 0'",
    )
    group.add_argument(
        "--chat-reports",
        default=".",
        env_var="CHAT_REPORTS",
        help="The folder that each worker's record is written to, as chat-loadtest-WORKER.json",
    )
    group.add_argument(
        "--chat-drain",
        type=float,
        default=60,
        env_var="CHAT_DRAIN",
        help="How many seconds the workers may take to hear what is under way at the end and to send their records",
    )


def on_init(environment, runner, **_):
    if not isinstance(runner, MasterRunner):
        return
    options = environment.parsed_options
    try:
        limits = thresholds(options.chat_thresholds)
    except ValueError as error:
        sys.exit(f"--chat-thresholds: {error}")
    Master(environment, runner, limits, pathlib.Path(options.chat_reports), options.chat_drain)


class Master:
    """The master's side of a run."""

    def __init__(self, environment, runner, limits, folder, drain):
        self.environment = environment
        self.runner = runner
        self.limits = limits
        self.folder = folder
        self.drain = drain
        self.workers = {}
        self.is_running = False
        hooks = environment.events
        hooks.test_start.add_listener(self.begins)
        hooks.worker_connect.add_listener(self.joins)
        hooks.worker_report.add_listener(self.hears)
        hooks.test_stopping.add_listener(self.ends)
        hooks.test_stop.add_listener(self.tells)

    def begins(self, **_):
        self.is_running = True
        self.workers = {name: Told(name) for name in self.runner.clients}

    def joins(self, client_id, **_):
        if self.is_running:
            self.workers.setdefault(client_id, Told(client_id))

    def hears(self, client_id, data, **_):
        if not self.is_running:
            return
        told = self.workers.setdefault(client_id, Told(client_id))
        exact = data.get(PAYLOAD)
        if exact is None:
            return
        was_silent = not told.has_measured
        try:
            told.hears(exact)
        except (LookupError, TypeError) as error:
            told.refused = f"{type(error).__name__}: {error}"
            logger.error("a report of the worker %s is none: %s", client_id, told.refused)
        if was_silent and told.has_measured:
            logger.info("the worker %s measures", client_id)

    def ends(self, **_):
        """Has every worker that is there end its run and send its record, before Locust tells it to stop or to quit:
        after that, Locust listens for half a second only. Who was lost on the way is told to those who are there, for
        their own records."""
        present = self.present()
        lost = [name for name, told in self.workers.items() if name not in present and told.is_lost]
        for name in present:
            self.runner.send_message(FINISH, data={"lost": lost}, client_id=name)
        deadline = time.monotonic() + self.drain
        while waited := [name for name in self.present() if not self.workers[name].is_final]:
            if time.monotonic() > deadline:
                logger.error("no record within %g s of %s", self.drain, ", ".join(waited))
                return
            gevent.sleep(0.05)

    def present(self):
        """The workers of this run that have not gone missing."""
        clients = self.runner.clients
        return [name for name in self.workers if name in clients and clients[name].state != STATE_MISSING]

    def tells(self, **_):
        """The run is over: records, summary, exit code."""
        self.is_running = False
        self.writes()
        total, seconds = Tally(), 0.0
        for told in self.workers.values():
            total.add(told.tally)
            seconds = max(seconds, told.measured_s)
        verdicts = [limit.judge(total, seconds) for limit in self.limits]
        for line in (*self.summary(total, seconds), *(line for _, line in verdicts)):
            print(f"chat-loadtest: {line}", flush=True)
        code = self.exit_code(all(is_kept for is_kept, _ in verdicts))
        if code is not None:
            self.environment.process_exit_code = code

    def writes(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        for told in self.workers.values():
            if record := told.record():
                # A worker names itself: nothing of it may lead out of the folder.
                name = re.sub(r"[^A-Za-z0-9._-]", "_", told.name)
                path = self.folder / f"chat-loadtest-{name}.json"
                path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    def summary(self, total, seconds):
        there = [told for told in self.workers.values() if not told.ended]
        yield f"{len(there)} of {len(self.workers)} workers ended in order, {seconds:g} s measured"
        for told in self.workers.values():
            if told.ended:
                was = "was " if told.is_lost else ""
                yield f"the worker {told.name} {was}{told.ended}; of it is counted what it had reported until then"
            if told.refused:
                yield f"the worker {told.name} sent what could not be counted: {told.refused}"
            for reason in (told.measurement or {}).get("device", {}).get("invalid", ()):
                yield f"the worker {told.name} was not fit to measure: {reason}"
            if told.measurement:
                reported = told.reported["counts"]["delivered"]
                recorded = told.measurement["tally"]["counts"]["delivered"]
                if reported != recorded:
                    yield f"the worker {told.name} reported {reported} deliveries, and its record has {recorded}"
        yield ", ".join(
            f"{total.count(name)} {name.replace('_', ' ')}"
            for name in ("sent", "own_echoes", "delivered", "lost", "repeated", "out_of_order", "leaked")
        )
        delivery = total.named("delivery")
        if delivery.count:
            quantiles = ((quantile, delivery.at(float(quantile[1:]) / 100)) for quantile in ("p50", "p99", "p99.9"))
            yield "delivery " + ", ".join(f"{name} {time / 1000:.10g}ms" for name, time in quantiles)

    def exit_code(self, is_kept):
        """None leaves it to Locust, which makes it 1 where there were errors."""
        measurements = [told.measurement for told in self.workers.values() if told.measurement]
        if any(measurement["device"].get("invalid") for measurement in measurements):
            return INVALID
        has_failed = any(told.failed for told in self.workers.values())
        if has_failed or not any(told.has_measured for told in self.workers.values()):
            return COULD_NOT_RUN
        if self.limits:
            return 0 if is_kept else MISSED
        return None
