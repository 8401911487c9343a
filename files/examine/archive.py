"""A zip archive that is trusted in nothing: each entry is unpacked and counted here before any other reader sees it."""

import re
import struct
import zipfile
import zlib

from files.examine import MIB, MOST_ENTRIES, Unreadable

CHUNK = MIB
# Workbooks name their sheets in small parts; a large one is not what it says it is.
MOST_SMALL = 8 * MIB
CONTENT_TYPES = "[content_types].xml"
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".bmp", ".tif", ".tiff", ".webp", ".bin")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1


class Archive:
    """The entries of an archive by their lowered names; every byte that is unpacked is counted against one limit."""

    def __init__(self, path, *, most_unpacked):
        self.most_unpacked = most_unpacked
        self.unpacked = 0
        try:
            with zipfile.ZipFile(path) as book:
                entries = book.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
            raise Unreadable("damaged") from error
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > most_unpacked:
            raise Unreadable("unpacked")
        self.entries = {}
        for entry in entries:
            name = entry.filename.replace("\\", "/").lower()
            if name in self.entries:
                # Of two parts with one name each reader picks another.
                raise Unreadable("damaged")
            self.entries[name] = entry
        for entry in entries:
            if entry.flag_bits & _ENCRYPTED:
                raise Unreadable("password")
            if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise Unreadable("damaged")
        if any("vbaproject" in name or "/macrosheets/" in name for name in self.entries):
            raise Unreadable("macros")
        self._file = path.open("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def has(self, name):
        return name in self.entries

    def begins(self, name, text):
        return self.has(name) and self.small(name).startswith(text)

    def content_types(self):
        """What an Office file says of its parts, in small letters; refuses one that says it holds macros."""
        types = self.small(CONTENT_TYPES).lower() if self.has(CONTENT_TYPES) else b""
        if b"macroenabled" in types:
            raise Unreadable("macros")
        return types

    def small(self, name):
        """The whole of a part that is small by its nature."""
        parts = []
        for chunk in self.stream(name):
            parts.append(chunk)
            if len(parts) * CHUNK > MOST_SMALL:
                raise Unreadable("unpacked")
        return b"".join(parts)

    def stream(self, name):
        """The content of an entry, chunk by chunk. Refuses what XML may hold and spreadsheets never do."""
        if name.endswith(PICTURES):
            yield from self._inflate(self.entries[name])
            return
        end, first = b"", True
        for chunk in self._inflate(self.entries[name]):
            if first and (chunk[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in chunk[:200]):
                # In another encoding the search below would find nothing.
                raise Unreadable("declaration")
            seen = end + chunk
            if b"<!" in seen and _DECLARATION.search(seen):
                raise Unreadable("declaration")
            end, first = seen[-10:], False
            yield chunk

    def _inflate(self, entry):
        """What is really there, whatever the directory of the archive says."""
        self._file.seek(entry.header_offset)
        header = self._file.read(_LOCAL.size)
        if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
            raise Unreadable("damaged")
        *_rest, name_length, extra_length = _LOCAL.unpack(header)
        self._file.seek(name_length + extra_length, 1)
        size = checksum = 0
        for chunk in self._unpacked(entry):
            size += len(chunk)
            self.unpacked += len(chunk)
            if self.unpacked > self.most_unpacked:
                raise Unreadable("unpacked")
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
        if checksum != entry.CRC or size != entry.file_size:
            raise Unreadable("damaged")

    def _unpacked(self, entry):
        left = entry.compress_size
        inflater = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
        while left:
            packed = self._file.read(min(left, CHUNK // 4))
            if not packed:
                raise Unreadable("damaged")
            left -= len(packed)
            if inflater is None:
                yield packed
                continue
            try:
                while chunk := inflater.decompress(packed, CHUNK):
                    yield chunk
                    packed = inflater.unconsumed_tail
            except zlib.error as error:
                raise Unreadable("damaged") from error
        if inflater is not None and not inflater.eof:
            raise Unreadable("damaged")
