"""The short storm: what `make faults` does to 10,000 deadlines, done to some hundred in under a minute."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faults.crew import WORKERS
from faults.storm import MOODS, schedule

ROOT = Path(__file__).resolve().parent.parent.parent
SHORT = "--deadlines 250 --storm-seconds 20 --kills 4 --patience-seconds 8 --most-seconds 150".split()


def start_storm(*options):
    command = [sys.executable, "-m", "faults", *SHORT, *options]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def processes_of(group):
    """Everything that a storm has started, by a name in its environment."""
    found = []
    for status in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"FAULTS_RUN={group}\0" in status.read_bytes().decode(errors="replace"):
                found.append(int(status.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_short_storm_loses_nothing_and_repeats_no_consequence():
    storm = start_storm()
    output, _ = storm.communicate(timeout=220)
    assert storm.returncode == 0, output
    found = dict(re.findall(r"^faults (\S+) +(.*)$", output, re.MULTILINE))
    assert found["deadlines-done"] == "250 of 250"
    assert found["consequences-twice"] == found["letters-lost"] == found["promises-broken"] == "0"
    assert found["letters-written"] == "300 of 300"
    assert found["kills"] == "3 worker, 1 beat, 1 redis"
    for name in [*WORKERS, "beat", "redis"]:
        assert f"kill {name}" in output
        assert f"start {name}" in output
    assert processes_of(storm.pid) == []


@pytest.mark.services
@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_storm_that_is_stopped_leaves_nobody_behind(number, run_until):
    storm = start_storm("--storm-seconds", "60")
    run_until(lambda: len(processes_of(storm.pid)) >= 6, 100)
    os.killpg(storm.pid, number)
    storm.communicate(timeout=120)
    assert storm.returncode != 0
    time.sleep(0.2)
    assert processes_of(storm.pid) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_storm_kills_everybody_redis_last_and_leaves_all_alive(seed):
    events = schedule(150, kills=16, seed=seed)
    assert events == schedule(150, kills=16, seed=seed)
    alive = dict.fromkeys([*WORKERS, "beat", "redis"], True)
    for event in events:
        if event.what == "mood":
            continue
        assert alive[event.whom] is (event.what == "kill"), "Only the living die, only the dead are started."
        alive[event.whom] = event.what == "start"
    assert all(alive.values())
    deaths = [event.whom for event in events if event.what == "kill"]
    assert set(deaths) == set(alive)
    assert deaths[-1] == "redis"
    moods = [event.whom for event in events if event.what == "mood"]
    assert moods[::2] == MOODS + MOODS
    assert set(moods[1::2]) == {"accept"}
