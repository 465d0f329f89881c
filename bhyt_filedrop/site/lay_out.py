"""Lays out a site: `DIR/config`, the folders of every unit in its trees, and `DIR/state`.

Doing it again is harmless: what is missing is made, what is there stays as it is.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bhyt_filedrop import resources
from bhyt_filedrop.domain.process.folders import GUIDE, Routes
from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import NeverWorks, Tree, TryLater
from bhyt_filedrop.settings import (
    Settings,
    TreeSettings,
    city_file,
    layers,
    load,
    machine,
    units_file,
)
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.site.guide import MARK, Guides
from bhyt_filedrop.site.ownership import must_be_ours

OpenTree = Callable[[TreeSettings], Tree]
"""Opens the tree that some settings describe; the wiring knows how."""

STATE_MODE = 0o700
"""The state holds the archive: children's names and dates are for the service's account alone."""


class SiteError(Exception):
    """A site cannot be laid out here; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Site:
    """What `init` made: the site's settings, the files it copied, how many folders there are, and
    which of them were not there before (known of local trees)."""

    settings: Settings
    copied: tuple[str, ...]
    folders: int
    made: tuple[str, ...] = ()

    @property
    def config_dir(self) -> Path:
        """The folder that every command takes as `--config`."""
        return self.settings.config_dir


def init(
    directory: Path,
    open_tree: OpenTree,
    begin_with: Callable[[Settings], Round] | None = None,
    city: str = "",
    today: date | None = None,
) -> Site:
    """Make a site of a city in `directory`, which may exist already; then "" means the city that
    it has, else the first that was shipped.

    Configuration files that are there are never touched; those that an upgrade brought are added.
    A new site begins with the round that `begin_with` names. Units that are gone by `today` get no
    folder; those that they have stay. Raises SiteError where the disk or a
    tree refuses or the site is another city's, ConfigError where the configuration found there is
    bad.
    """
    site = add_config(directory, begin_with, city)
    folders, made = lay_out(site.settings, open_tree, today)
    return replace(site, folders=folders, made=made)


def add_config(
    directory: Path, begin_with: Callable[[Settings], Round] | None = None, city: str = ""
) -> Site:
    """Make the configuration alone, or add to it what an upgrade brought; see `init`."""
    with _telling(directory):
        directory = directory.resolve()
        copied = _copy_missing(_shipped_for(directory / "config", city), directory / "config")
    settings = load(directory / "config")
    if begin_with and machine.FILE in copied:
        _begin(settings, begin_with(settings))
        settings = load(settings.config_dir)
    return Site(settings, copied, 0)


def rehearse(directory: Path, config_dir: Path, open_tree: OpenTree) -> Site:
    """Lay out a site that has another's process, units and forms, but folders and mail of its own:
    nothing of the other one is reached.

    Raises SiteError and ConfigError as `init` does, and for a folder that is no configuration.
    """
    theirs = layers.files(config_dir)
    if not theirs:
        raise SiteError(f"{config_dir}: không phải thư mục cấu hình")
    with _telling(directory):
        own = {name: path for name, path in theirs.items() if name != machine.FILE}
        _copy_missing(own, directory.resolve() / "config")
    return init(directory, open_tree)


def _begin(settings: Settings, first: Round) -> None:
    with (settings.config_dir / machine.FILE).open("a", encoding="utf-8") as file:
        file.write(f'''
[rounds]
first = "{first}"                 # đợt đầu tiên hệ thống nhắc; các đợt trước không ai bị nhắc
''')


def _shipped_for(config: Path, city: str) -> Mapping[str, Path]:
    """Return the shipped files of a site's city, by name; of a city that an office made itself only
    those that all cities share."""
    there = city_file.read(config, Gathered()).id if (config / units_file.FILE).exists() else ""
    if city and there and there != city:
        raise SiteError(
            f"{config} là cấu hình {there}, không phải {city}; hãy chọn thư mục khác cho {city}"
        )
    return files_of(there or city or resources.DEFAULT_CITY)


def files_of(city: str) -> Mapping[str, Path]:
    """Return every file of a shipped city's configuration, whole, by its name."""
    return layers.files(*layers.of(resources.config_dir(city)))


def lay_out(
    settings: Settings, open_tree: OpenTree, today: date | None = None
) -> tuple[int, tuple[str, ...]]:
    """Make the state folder and every unit's folders in every tree; return how many there are, and
    which were not there before."""
    with _telling(settings.state_dir):
        must_be_ours(settings.state_dir)
        settings.state_dir.mkdir(mode=STATE_MODE, parents=True, exist_ok=True)
    laid_out = [_lay_out_tree(settings, tree, open_tree, today) for tree in settings.trees]
    with _telling(settings.state_dir):
        (settings.state_dir / MARK).touch(mode=0o600)
    return sum(count for count, _ in laid_out), tuple(one for _, new in laid_out for one in new)


def _lay_out_tree(
    settings: Settings, tree: TreeSettings, open_tree: OpenTree, today: date | None
) -> tuple[int, list[str]]:
    wanted = folders_of(settings, tree.id, today)
    new: list[str] = []
    with _telling(tree.id):
        if tree.is_local:
            Path(tree.root).mkdir(parents=True, exist_ok=True)
            new = [folder for folder, _ in wanted if as_spelled(Path(tree.root), folder) is None]
        opened = open_tree(tree)
        try:
            for folder in _above([folder for folder, _ in wanted]):
                opened.make_folder(folder)  # nobody's own: or the first unit's access would hold
            for folder, access in wanted:
                opened.make_folder(folder, access)
            if tree.is_local:
                _let_pass(settings, tree)
            _put_guides(settings, tree.id, opened, today)
        finally:
            opened.close()
    return len(wanted), new


def _above(folders: list[str]) -> list[str]:
    """The folders above those of the units, which are no unit's; what lies within a unit's folder
    is made with its own."""
    own = set(folders)
    above = {parent for folder in folders for parent in _parents(folder)} - own
    return sorted(parent for parent in above if own.isdisjoint(_parents(parent)))


def _let_pass(settings: Settings, tree: TreeSettings) -> None:
    """Where units have accounts of their own, let them pass through what lies above their folders:
    pass, not look in."""
    routes = Routes.of(settings.process, settings.units, {})
    mine = [u for u in filter(routes.has_folders, settings.units) if routes.rule(u).tree == tree.id]
    if not any(routes.rule(unit).access.owner for unit in mine):
        return
    drops = [routes.drop_folder(unit) for unit in mine]
    for folder in sorted({above for drop in drops for above in _parents(drop)}):
        path = as_spelled(Path(tree.root), folder)
        if path is not None and not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode & 0o7777 | 0o001)


def _parents(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def accounts_of(settings: Settings) -> list[tuple[str, Path]]:
    """Return the account of each unit that is to have one, and its folder on this machine."""
    routes = Routes.of(settings.process, settings.units, {})
    roots = {tree.id: Path(tree.root) for tree in settings.trees if tree.is_local}
    units = list(filter(routes.has_folders, settings.units))
    return [
        (rule.access.owner, roots[rule.tree] / routes.drop_folder(unit))
        for unit in units
        for rule in [routes.rule(unit)]
        if rule.access.owner and rule.tree in roots
    ]


def as_spelled(root: Path, folder: str) -> Path | None:
    """Find a folder, each of its parts under either spelling of its letters (NFC or NFD)."""
    here = root
    for part in folder.split("/"):
        spelled = (here / unicodedata.normalize(form, part) for form in ("NFC", "NFD"))
        try:
            found = next((path for path in spelled if path.is_dir()), None)
        except PermissionError:
            return here  # what is closed is told, not what lies behind it
        if found is None:
            return None
        here = found
    return here


def _put_guides(settings: Settings, tree_id: str, tree: Tree, today: date | None) -> None:
    """Put each unit's guide in its folder; an older one gives way."""
    routes = Routes.of(
        settings.process, settings.units, {form.id: form.label for form in settings.forms}
    )
    guides = Guides(settings, routes)
    with TemporaryDirectory() as folder:
        page = Path(folder) / GUIDE
        for unit in (u for u in settings.units if today is None or not u.is_over(today)):
            rule = settings.process.folders_of(unit.id, unit.kind, unit.valid_to)
            if rule and rule.tree == tree_id:
                page.write_text(guides.page(unit), encoding="utf-8")
                tree.put(page, routes.guide_path(unit), rule.access.of_unit(unit.id))


def folders_of(
    settings: Settings, tree_id: str, today: date | None = None
) -> list[tuple[str, FileAccess]]:
    """Return every folder that the process needs in one tree, those above before those below; of
    units that are gone by `today` none."""
    routes = Routes.of(settings.process, settings.units, {})
    every = {f: rule.access for tree, f, rule in routes.every_folder(today) if tree == tree_id}
    return sorted(every.items())


def _copy_missing(files: Mapping[str, Path], target: Path) -> tuple[str, ...]:
    """Copy files that `target` lacks; return their names."""
    return tuple(name for name, path in files.items() if _copy_new(path, target / name))


def _copy_new(source: Path, target: Path) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("xb") as made:
            made.write(source.read_bytes())
    except FileExistsError:
        return False
    return True


@contextlib.contextmanager
def _telling(place: object) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise SiteError(f"{place}: {err.strerror or err}") from err
    except (TryLater, NeverWorks) as err:
        raise SiteError(str(err)) from err
