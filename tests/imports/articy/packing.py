"""Writes the containers that articy:draft puts its exports into."""

import io
import struct
import zipfile
from collections.abc import Mapping
from html import escape

_SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def archive(files: Mapping[str, str | bytes], version: int = 1) -> bytes:
    """An ``.articyue`` of files."""
    body, entries = b"", b""
    for name, text in files.items():
        data = text.encode() if isinstance(text, str) else text
        start, raw = 20 + len(body), name.encode()
        body += data
        entries += struct.pack("<QqqHH", start, len(data), len(data), 0, len(raw)) + raw
    head = struct.pack("<4sBBHiQ", b"ADFA", version, 0, 0, len(files), 20 + len(body))
    return head + body + entries


def table(
    texts: Mapping[str, str], *, sheet: str = "ArticyStrings", shared: bool = True, head: str = ""
) -> bytes:
    """An ``.xlsx`` of keys and texts; ``head`` stands before the first element of the sheet."""
    rows: list[str] = []
    strings: list[str] = []
    for number, pair in enumerate({"ID": "Text", **texts}.items(), 1):
        cells = ""
        for column, said in zip("AB", pair, strict=True):
            if shared:
                cells += f'<c r="{column}{number}" t="s"><v>{len(strings)}</v></c>'
                strings.append(said)
            else:
                cells += f'<c t="inlineStr"><is><t>{escape(said)}</t></is></c>'
        rows.append(f'<row r="{number}">{cells}</row>')
    parts = {
        "xl/workbook.xml": (
            f'<workbook {_SPACE} xmlns:r="{_OFFICE}"><sheets><sheet name="Notes" sheetId="1" '
            f'r:id="rId1"/><sheet name="{sheet}" sheetId="2" r:id="rId2"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
            '<Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>'
        ),
        "xl/worksheets/sheet1.xml": f"<worksheet {_SPACE}><sheetData/></worksheet>",
        "xl/worksheets/sheet2.xml": (
            f"{head}<worksheet {_SPACE}><sheetData>{''.join(rows)}</sheetData></worksheet>"
        ),
    }
    if shared:
        items = "".join(
            f"<si><r><t>{escape(x[:2])}</t></r><r><rPr/><t>{escape(x[2:])}</t></r>"
            "<rPh><t>no</t></rPh></si>"
            for x in strings
        )
        parts["xl/sharedStrings.xml"] = f"<sst {_SPACE}>{items}</sst>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return out.getvalue()
