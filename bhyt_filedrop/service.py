"""The running service: signals, one instance a site, the clock, the configuration's reload.

A changed configuration is loaded as a whole and the daemon is put together anew on it; a bad one
is refused as a whole, the old one stays in force, and an admin gets a letter.
"""

from __future__ import annotations

import fcntl
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from types import FrameType

from apscheduler.schedulers.background import BackgroundScheduler

from bhyt_filedrop.collector import spare_the_collector
from bhyt_filedrop.domain.letters.letter import notice
from bhyt_filedrop.heap import hand_back, keep_few_heaps
from bhyt_filedrop.patience import while_it_lasts
from bhyt_filedrop.ports import Clock, NeverWorks
from bhyt_filedrop.settings import ConfigError, Settings, fingerprint, load
from bhyt_filedrop.site.ownership import must_be_ours
from bhyt_filedrop.wiring.daemon import LastSound, Running, bells, notify, wired
from bhyt_filedrop.wiring.page import page_of

log = logging.getLogger(__name__)

MEND = "Xin sửa các chỗ sau trong thư mục cấu hình rồi lưu lại; dịch vụ sẽ tự đọc lại:"

CONFIG_SECONDS = 3.0
"""How often the configuration is looked at for a change."""

HAND_BACK_SECONDS = 60
"""How often freed memory goes back to the system."""


@contextmanager
def only_one(state_dir: Path) -> Iterator[None]:
    """Hold the site's lock.

    Raises NeverWorks where another process serves the same site, or it is another account's.
    """
    must_be_ours(state_dir)
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (state_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NeverWorks(
                f"another bhyt-filedrop already serves {state_dir.parent}; stop it first"
            ) from error
        yield


class Service:
    """Runs a site until it is told to stop."""

    def __init__(self, config_dir: Path, clock: Clock, *, take_over: bool = False) -> None:
        """Serve a site; `take_over` makes its trees its own, whosever they were."""
        self._config_dir = config_dir
        self._take_over = take_over
        self._clock = clock
        self._stopping = Event()
        self._reload = Event()
        self._daemon_stop: Event | None = None
        self._began = False
        self._sound = LastSound()
        self._known = ""
        """The mark of the configuration in force, taken before it was loaded: a file that is saved
        while a daemon is put together has changed."""

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; SIGHUP reads the configuration again.

        Raises ConfigError where the configuration is bad at the start, NotOurs where another site
        serves a tree of ours.
        """
        self._listen()  # from the first moment: a reload that comes early ends nothing
        keep_few_heaps()
        self._known = fingerprint(self._config_dir)
        settings = load(self._config_dir)
        with only_one(settings.state_dir):
            while not self._stopping.is_set():
                settings = self._serve(settings)
            notify("STOPPING=1")

    def _listen(self) -> None:
        def stop(_signal: int, _frame: FrameType | None) -> None:
            self._stopping.set()
            self._end_daemon()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGHUP, lambda _signal, _frame: self._reload.set())

    def _end_daemon(self) -> None:
        if self._daemon_stop:
            self._daemon_stop.set()

    def _serve(self, settings: Settings) -> Settings:
        """Run one configuration until it changes; return the one to go on with."""
        taking, self._take_over = self._take_over, False
        first, self._began = not self._began, True
        with ExitStack() as opened:
            with while_it_lasts(_tell_of_start, 2, 15):
                running = opened.enter_context(
                    wired(settings, self._clock, take_over=taking, sound=self._sound)
                )
                opened.enter_context(page_of(running, self._clock, must=first))
                opened.enter_context(_clockwork(running))
                spare_the_collector()
                hand_back()
            self._daemon_stop = running.daemon.stop
            if self._stopping.is_set():
                return settings
            following: list[Settings] = []
            keeper = Thread(target=self._keep_config, args=(running, following), daemon=True)
            keeper.start()
            log.info("service.ready", extra={"config": str(self._config_dir)})
            notify("READY=1")
            running.daemon.run(lambda: notify("WATCHDOG=1"))
            keeper.join(timeout=CONFIG_SECONDS + 5)
        return following[0] if following else settings

    def _keep_config(self, running: Running, following: list[Settings]) -> None:
        """Watch the configuration; a good change ends this daemon so that the next one has it."""
        while not running.daemon.stop.wait(0.2 if self._reload.is_set() else CONFIG_SECONDS):
            asked = self._reload.is_set()
            self._reload.clear()
            now = fingerprint(self._config_dir)
            if now == self._known and not asked:
                continue
            self._known = now
            settings = self._load_or_tell(running, now)
            if settings:
                notify("RELOADING=1")
                log.info("config.reloaded")
                following.append(settings)
                running.daemon.stop.set()

    def _load_or_tell(self, running: Running, mark: str) -> Settings | None:
        try:
            return load(self._config_dir)
        except ConfigError as error:
            log.error("config.refused", extra={"problems": len(error.problems)})
            title = "Cấu hình mới có lỗi nên chưa dùng; dịch vụ vẫn chạy theo cấu hình cũ"
            problems = [str(problem) for problem in error.problems[:50]]
            admin = running.settings.process.admin
            letter = notice(f"config/{mark[:32]}", admin, title, [MEND, *problems])
            running.books.letters.put_letters((letter,), self._clock())
            return None


@contextmanager
def _clockwork(running: Running) -> Iterator[None]:
    """Doorbells and the clock. The clock only asks what is owed: a tick that is missed, or made
    late after a sleep of the machine, changes nothing."""
    ringers = bells(running)
    scheduler = BackgroundScheduler(timezone=str(running.settings.zone))
    scheduler.add_job(
        running.daemon.tick,
        "cron",
        second=0,
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
    )
    scheduler.add_job(hand_back, "interval", seconds=HAND_BACK_SECONDS, coalesce=True)
    for ringer in ringers:
        ringer.start()
    scheduler.start()
    running.daemon.tick()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        for ringer in ringers:
            ringer.stop()


def _tell_of_start(seconds: int) -> None:
    log.info("service.starting", extra={"seconds": seconds})


def run_once(
    settings: Settings, clock: Clock, pause: Callable[[float], None], *, take_over: bool = False
) -> Running:
    """Handle everything that is there now, once; see `Service` for `take_over`."""
    with only_one(settings.state_dir), wired(settings, clock, take_over=take_over) as running:
        running.daemon.once(pause)
        return running
