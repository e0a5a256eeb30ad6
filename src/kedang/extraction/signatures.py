"""Formats told by bytes at a fixed place; the first row that matches wins."""

from __future__ import annotations

from collections.abc import Callable

_AT: tuple[tuple[int, bytes, str], ...] = (
    # offset, bytes, format name
    (0, b"SQLite format 3\x00", "sqlite"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (0, b"II*\x00", "tiff"),
    (0, b"MM\x00*", "tiff"),
    (0, b"II+\x00", "tiff"),
    (0, b"MM\x00+", "tiff"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (0, b"\x00\x00\x01\x00", "ico"),
    (0, b"8BPS", "psd"),
    (0, b"{\\rtf", "rtf"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"\x60\xea", "arj"),
    (0, b"MSCF\x00\x00\x00\x00", "cab"),
    (0, b"\x1f\x9d", "compress"),
    (0, b"!<arch>\n", "ar"),
    (0, b"070701", "cpio"),
    (0, b"070707", "cpio"),
    (257, b"ustar", "tar"),
    (0x8001, b"CD001", "iso"),
    (2, b"-lh", "lzh"),
    (2, b"-lz", "lzh"),
    (0, b"!BDN", "pst"),
    (0, b"\xcf\xad\x12\xfe", "dbx"),
    (0, b"\x78\x9f\x3e\x22", "tnef"),
    (0, b"\x00\x01\x00\x00Standard Jet DB", "mdb"),
    (0, b"\x00\x01\x00\x00Standard ACE DB", "accdb"),
    (0, b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "onenote"),
    (0, b"\xffWPC", "wordperfect"),
    (0, b"HWP Document File", "hwp"),
    (0, b"\x00\x00\x1a\x00\x00\x10\x04\x00", "lotus-123"),
    (0, b"\x00\x00\x1a\x00\x02\x10\x04\x00", "lotus-123"),
    (0, b"\x00\x00\x1a\x00\x03\x10\x04\x00", "lotus-123"),
    (0, b"\x00\x00\x02\x00\x04\x04", "lotus-123"),
    (0, b"\x00\x00\x02\x00\x06\x04", "lotus-123"),
    (0, b"\x00\x00\x02\x00\x01\x10", "quattro"),
    (0, b"\x00\x00\x02\x00\x02\x10", "quattro"),
    (0, b"\x31\xbe\x00\x00", "windows-write"),
    (0, b"\x09\x08\x10\x00\x00\x06\x05\x00", "biff"),
    (0, b"\x09\x08\x08\x00\x00\x05\x05\x00", "biff"),
    (0, b"\x09\x04\x06\x00", "biff"),
    (0, b"\x09\x02\x06\x00", "biff"),
    (0, b"\x09\x00\x04\x00", "biff"),
    (0, b"AT&TFORM", "djvu"),
    (0, b"ITSF\x03\x00\x00\x00", "chm"),
    (0, b"%!PS-Adobe", "postscript"),
    (0, b"\xc5\xd0\xd3\xc6", "postscript"),
    (40, b" EMF", "emf"),
    (0, b"\xd7\xcd\xc6\x9a", "wmf"),
    (0, b"AC10", "dwg"),
    (0, b"ID3", "mp3"),
    (0, b"fLaC", "flac"),
    (0, b"#!AMR-WB\n", "amr-wb"),
    (0, b"#!AMR", "amr"),
    (0, b"#!SILK_V3", "silk"),
    (1, b"#!SILK_V3", "silk"),
    (0, b"MAC\x20", "ape"),
    (0, b"caff", "caf"),
    (0, b".snd", "au"),
    (0, b"MThd", "midi"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"FLV\x01", "flv"),
    (0, b"\x00\x00\x01\xba", "mpeg"),
    (0, b"\x00\x00\x01\xb3", "mpeg"),
    (0, b"\x7fELF", "elf"),
    (0, b"\xcf\xfa\xed\xfe", "mach-o"),
    (0, b"\xca\xfe\xba\xbe", "java-class"),
    (0, b"L\x00\x00\x00\x01\x14\x02\x00", "windows-shortcut"),
    (0, b"regf", "windows-registry"),
    (0, b"\x00\x01\x00\x00\x00", "font"),
    (0, b"OTTO", "font"),
    (0, b"wOFF", "font"),
    (0, b"wOF2", "font"),
    (0, b"ttcf", "font"),
    (0, b"\x00\x00\x00\x01Bud1", "ds-store"),
    (0, b"bplist0", "binary-plist"),
    (0, b"CWS", "flash"),
    (0, b"FWS", "flash"),
    (12, b"\x00\x06\x15\x61", "berkeley-db"),
    (12, b"\x62\x31\x05\x00", "berkeley-db"),
    (0, b"-----BEGIN PGP MESSAGE", "pgp"),
)
SHORT_MARK = 5  # a text may begin with "MAC " or "BZh"; such marks count only where control bytes follow
HEAD_BYTES = 0x8001 + 5  # reaches the mark of an ISO 9660 image
_DBF_VERSIONS = frozenset(b"\x02\x03\x30\x31\x32\x43\x63\x83\x8b\xcb\xf5\xfb")
_ISO_BRANDS = {
    b"heic": "heic",
    b"heix": "heic",
    b"heim": "heic",
    b"heis": "heic",
    b"hevc": "heic",
    b"mif1": "heic",
    b"msf1": "heic",
    b"avif": "avif",
    b"avis": "avif",
    b"M4A ": "m4a",
    b"M4B ": "m4a",
    b"M4P ": "m4a",
    b"qt  ": "quicktime",
}


def by_signature(head: bytes) -> str | None:
    """The format name told by fixed bytes; None when no row matches."""
    binary = min(head[:512], default=0x20) < 0x09
    for offset, mark, name in _AT:
        if head.startswith(mark, offset) and (binary or len(mark) > SHORT_MARK or not mark.strip().isalnum()):
            return name
    for sniff in _SNIFFERS:
        found = sniff(head)
        if found is not None:
            return found
    return None


def _riff(head: bytes) -> str | None:
    if head.startswith(b"RIFF"):
        return {b"WAVE": "wav", b"AVI ": "avi", b"WEBP": "webp"}.get(head[8:12])
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    return None


def _iso_media(head: bytes) -> str | None:
    if head[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide"):
        return None
    brand = head[8:12]
    if head[4:8] != b"ftyp":
        return "quicktime"
    if brand == b"mif1" and b"avif" in head[16:64]:
        return "avif"
    return "3gp" if brand.startswith(b"3g") else _ISO_BRANDS.get(brand, "mp4")


def _bitmap(head: bytes) -> str | None:
    return (
        "bmp"
        if head.startswith(b"BM")
        and head[6:10] == bytes(4)
        and 12 <= int.from_bytes(head[14:18], "little") <= 256
        else None
    )


def _ogg(head: bytes) -> str | None:
    if not head.startswith(b"OggS"):
        return None
    return "opus" if b"OpusHead" in head[:64] else "ogg"


def _asf(head: bytes) -> str | None:
    if not head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"):
        return None
    video = b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b"  # the stream type "video"
    return "asf" if video in head else "wma"


def _mpeg_audio(head: bytes) -> str | None:
    """MP3 or ADTS without tags: two frame marks where the first frame's length puts the second."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if len(head) > 6 else 0
        return "aac" if length > 7 and head[length : length + 2] == head[:2] else None
    version, layer, rate, frequency = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer != 1 or rate in (0, 15) or frequency == 3:
        return None
    rates = (
        (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
        if version == 3
        else (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    )
    hertz = (44100, 48000, 32000)[frequency] // {3: 1, 2: 2, 0: 4}[version]
    length = (144 if version == 3 else 72) * rates[rate] * 1000 // hertz + (head[2] >> 1 & 1)
    return "mp3" if head[length : length + 1] == b"\xff" else None


def _dbase(head: bytes) -> str | None:
    """dBASE: version, a date that can be, lengths that fit, and the mark that ends the field list."""
    if len(head) < 66 or head[0] not in _DBF_VERSIONS or not (1 <= head[2] <= 12 and 1 <= head[3] <= 31):
        return None
    header = int.from_bytes(head[8:10], "little")
    row = int.from_bytes(head[10:12], "little")
    fields = (header - 33) // 32
    if fields < 1 or row < 2 or header > len(head) or head[32 + fields * 32] != 0x0D:
        return None
    return "dbf"


def _program(head: bytes) -> str | None:
    if not head.startswith(b"MZ") or len(head) < 64:
        return None
    at = int.from_bytes(head[60:64], "little")
    return "windows-program" if head[at : at + 2] in (b"PE", b"NE", b"LE") else None


def _old_tar(head: bytes) -> str | None:
    """A tar without the `ustar` mark: its header checksum must agree."""
    if len(head) < 512 or head[0] == 0 or head[148:156].strip(b" \x00") == b"":
        return None
    try:
        said = int(head[148:156].strip(b" \x00"), 8)
    except ValueError:
        return None
    return "tar" if said == sum(head[:148]) + 8 * 32 + sum(head[156:512]) else None


def _signed(head: bytes) -> str | None:
    """PKCS#7: a long DER sequence that names 1.2.840.113549.1.7.*."""
    return "p7" if head[:1] == b"\x30" and b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07" in head[:24] else None


_SNIFFERS: tuple[Callable[[bytes], str | None], ...] = (
    _riff,
    _iso_media,
    _bitmap,
    _ogg,
    _asf,
    _mpeg_audio,
    _dbase,
    _program,
    _old_tar,
    _signed,
)
