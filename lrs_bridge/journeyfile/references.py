"""Names that a file gives to things and uses elsewhere: each given once, none used that was not given."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrs_bridge.journeyfile.problems import nearest
from lrs_bridge.journeyfile.section import Notes, Section


@dataclass
class References:
    """Collects while the file is read, since a thing may be used above the line that defines it."""

    notes: Notes
    _given: dict[str, dict[str, int]] = field(default_factory=dict)
    _used: list[tuple[str, str, int, str]] = field(default_factory=list)

    def give(self, kind: str, name: str | None, section: Section, key: str = "id") -> None:
        """A thing of this kind gets its name; the second with the same name is a problem."""
        if name is None:
            return
        given = self._given.setdefault(kind, {})
        if name in given:
            section.wrong(key, f"the {kind} {name!r} stands already on line {given[name]}: names are given once.")
        else:
            given[name] = section.line(key)

    def allow(self, kind: str, name: str | None) -> None:
        """A name that comes to be by being used, as routes do."""
        if name is not None:
            self._given.setdefault(kind, {}).setdefault(name, 0)

    def use(self, kind: str, name: str | None, section: Section, key: str) -> None:
        if name is not None:
            self._used.append((kind, name, section.line(key), section.at(key)))

    def use_all(self, kind: str, section: Section, key: str, needed: bool = False) -> tuple[str, ...]:
        """A list of names, each used."""
        words = section.words(key, needed)
        names: list[str] = []
        for line, name in words:
            if name in names:
                section.notes.add(line, section.at(key), f"names {name!r} twice: once is enough.")
            names.append(name)
            self._used.append((kind, name, line, section.at(key)))
        return tuple(dict.fromkeys(names))

    def check(self) -> None:
        """Make problems of the names used that nothing was given."""
        for kind, name, line, key in self._used:
            given = self._given.get(kind, {})
            if name not in given:
                self.notes.add(line, key, f"there is no {kind} {name!r}. {nearest(name, given)}")
