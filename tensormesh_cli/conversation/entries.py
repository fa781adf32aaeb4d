"""A question out of the lines that it is typed in."""

from __future__ import annotations

QUOTES = '"""'


class Entry:
    """
    Takes lines until they are whole: one line, or all between two `\"\"\"`, or as long as a line ends with `\\`.

    What an editor hands over as several lines, or was pasted as such, is whole.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._quoted = False

    @property
    def begun(self) -> bool:
        """Whether more is to come."""
        return bool(self._lines) or self._quoted

    def feed(self, line: str) -> str | None:
        """Take a line; the whole text, if it ends here."""
        if not self.begun and "\n" in line:
            return line
        if not self.begun and line.lstrip().startswith(QUOTES):
            self._quoted = True
            line = line.lstrip().removeprefix(QUOTES)
        if self._quoted:
            if not line.rstrip().endswith(QUOTES):
                self._lines.append(line)
                return None
            self._lines.append(line.rstrip().removesuffix(QUOTES))
        elif line.endswith("\\"):
            self._lines.append(line[:-1])
            return None
        else:
            self._lines.append(line)
        text = "\n".join(self._lines)
        self.drop()
        return text

    def drop(self) -> None:
        """Begin anew."""
        self._lines.clear()
        self._quoted = False
