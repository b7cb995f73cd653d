"""Which workflows are open in tabs, in their order. No Qt."""

from __future__ import annotations

from collections.abc import Collection

MOST = 40  # tabs; each costs little, but nobody finds anything among more


class TabList:
    """Names of workflows, each once. `current` is "" where nothing is open."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.current = ""

    def open(self, name: str, *, new: bool = False) -> None:
        """Go to the tab of a workflow; without one it takes the place of the current tab, or gets its own."""
        if name not in self.names:
            if new or self.current not in self.names:
                at = self.names.index(self.current) + 1 if self.current in self.names else len(self.names)
                self.names.insert(at, name)
                del self.names[MOST:]
            else:
                self.names[self.names.index(self.current)] = name
        self.current = name if name in self.names else self.current

    def close(self, name: str) -> str:
        """Close a tab. Returns the tab that is shown then: the one to its right, else to its left; "" for none."""
        if name in self.names:
            at = self.names.index(name)
            self.names.remove(name)
            if name == self.current:
                self.current = self.names[min(at, len(self.names) - 1)] if self.names else ""
        return self.current

    def step(self, by: int) -> str:
        """The tab that many places to the right of the current one, around the end."""
        if self.current not in self.names:
            return self.current
        return self.names[(self.names.index(self.current) + by) % len(self.names)]

    def move(self, from_: int, to: int) -> None:
        """A tab was dragged to another place."""
        self.names.insert(to, self.names.pop(from_))

    def rename(self, old: str, new: str) -> None:
        """A workflow has another name now."""
        self.names = list(dict.fromkeys(new if name == old else name for name in self.names))
        self.current = new if self.current == old else self.current

    def fail(self, name: str, shown: str) -> None:
        """A workflow could not be opened: its tab goes back to the one that is shown still."""
        if name == self.current and name != shown and name in self.names:
            if shown in self.names or not shown:
                self.names.remove(name)
            else:
                self.names[self.names.index(name)] = shown
            self.current = shown

    def restore(self, names: Collection[str], current: str) -> None:
        """The tabs of the last time."""
        self.names = list(dict.fromkeys(names))[:MOST]
        self.current = current if current in self.names else ""
