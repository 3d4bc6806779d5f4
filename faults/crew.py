"""The processes of the storm: three workers, beat, Redis and the mail server, each killed and started by name."""

import os
import sys
from pathlib import Path

from scripts import processes
from scripts.services import ServiceMissing, answers, redis_binary

ROOT = Path(__file__).resolve().parent.parent
WORKERS = ["worker-1", "worker-2", "worker-3"]
LOG_LINES = 30
QUEUES = "clock,letters,mailings,machines,celery"


class Crew:
    """Whoever is started here is stopped at the end, whatever the end is."""

    def __init__(self, folder: Path, *, redis_port: int, mail_port: int) -> None:
        self.folder = folder
        self.redis_port = redis_port
        self.mail_port = mail_port
        self.running: dict[str, processes.Process] = {}
        self.kills: list[str] = []
        self.mood, self.notes = folder / "mood", folder / "taken"
        self.notes.touch()

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        processes.stop(self.running.values(), seconds=5)

    def start(self, name: str) -> None:
        if name == "redis":
            self.start_redis()
            return
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", *self.command(name)]
            self.running[name] = processes.start(command, cwd=ROOT, env=os.environ, stdout=log, stderr=log)

    def command(self, name: str) -> list[str]:
        if name == "mail":
            return ["faults.sink", str(self.mail_port), str(self.mood), str(self.notes)]
        celery = ["celery", "--app", "msplatform", "--quiet"]
        if name == "beat":
            return [*celery, "beat", "--schedule", str(self.folder / "timetable"), "--pidfile", "", "-l", "WARNING"]
        alone = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--concurrency", "1"]
        return [*celery, "worker", "--hostname", f"{name}@%h", "-Q", QUEUES, *alone, "-l", "WARNING"]

    def start_redis(self) -> None:
        """With the port that it had before, and without anything that it knew."""
        options = ["--bind", "127.0.0.1", "--port", str(self.redis_port), "--save", "", "--appendonly", "no"]
        with (self.folder / "redis.log").open("ab") as log:
            server = processes.start([redis_binary(), *options], cwd=self.folder, stdout=log, stderr=log)
        self.running["redis"] = server
        if not answers(self.redis_port, server):
            raise ServiceMissing("Redis did not start:\n" + (self.folder / "redis.log").read_text())

    def kill(self, name: str) -> None:
        """As when the machine loses power: SIGKILL to the process and its children at once."""
        processes.kill(self.running[name])
        self.kills.append(name)

    def the_mail_server(self, mood: str) -> None:
        """Written beside and moved, so that nobody reads half a mood."""
        beside = self.mood.with_suffix(".next")
        beside.write_text(mood)
        beside.replace(self.mood)

    def show_logs(self) -> None:
        for log in sorted(self.folder.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
            print(f"--- {log.name}", *lines, sep="\n", flush=True)

    def dead(self) -> list[str]:
        """Who has died without being killed by us."""
        return [name for name, process in self.running.items() if process.poll() not in {None, -9}]
