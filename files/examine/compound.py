"""The container of old Office files (Compound File Binary): the names in it, and one of its streams."""

import struct

from files.examine import Unreadable

END = 0xFFFFFFFA  # what follows are marks, not sectors
NO_STREAM = 0xFFFFFFFF


class Compound:
    """Read from bytes. Raises Unreadable where the container promises more than the file holds."""

    def __init__(self, data):
        self.data = data
        try:
            self._open()
        except (struct.error, IndexError) as error:
            raise Unreadable("damaged") from error

    def _open(self):
        shift, mini_shift = struct.unpack_from("<2H", self.data, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise Unreadable("damaged")
        self.size, self.mini_size = 1 << shift, 1 << mini_shift
        directory, _transaction, self.cutoff, mini_start, _mini_count, difat, _difat_count = struct.unpack_from(
            "<7I", self.data, 48
        )
        sectors = [number for number in struct.unpack_from("<109I", self.data, 76) if number < END]
        seen = set()
        while difat < END:
            if difat in seen:
                raise Unreadable("damaged")
            seen.add(difat)
            *more, difat = struct.unpack(f"<{self.size // 4}I", self._sector(difat))
            sectors += [number for number in more if number < END]
        table = b"".join(self._sector(number) for number in sectors)
        self.fat = struct.unpack(f"<{len(table) // 4}I", table)
        minis = self._chain(mini_start)
        self.mini_fat = struct.unpack(f"<{len(minis) // 4}I", minis)
        self.entries = {}
        self.root = None
        listing = self._chain(directory)
        for at in range(0, len(listing), 128):
            length, kind = struct.unpack_from("<HB", listing, at + 64)
            if kind == 0:
                continue
            name = listing[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<2I", listing, at + 116)
            if kind == 5:
                self.root = start
            else:
                self.entries.setdefault(name, (start, size))
        self.names = set(self.entries)

    def stream(self, name):
        start, size = self.entries[name]
        try:
            if size >= self.cutoff:
                content = self._chain(start)
            else:
                minis, parts, left = self._chain(self.root), [], size
                while start < END and left > 0:
                    parts.append(minis[start * self.mini_size : (start + 1) * self.mini_size])
                    left -= self.mini_size
                    start = self.mini_fat[start]
                content = b"".join(parts)
        except (struct.error, IndexError, TypeError) as error:
            raise Unreadable("damaged") from error
        if len(content) < size:
            raise Unreadable("damaged")
        return content[:size]

    def _sector(self, number):
        sector = self.data[(number + 1) * self.size : (number + 2) * self.size]
        if not sector:
            raise Unreadable("damaged")
        # The last sector of some writers is cut where their data end.
        return sector.ljust(self.size, b"\0")

    def _chain(self, number):
        parts = []
        while number < END:
            if len(parts) * self.size > len(self.data):
                raise Unreadable("damaged")
            parts.append(self._sector(number))
            number = self.fat[number]
        return b"".join(parts)
