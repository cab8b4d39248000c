"""From plain paragraphs with a few links to the HTML that Storyarn's editor would store."""

import re

from storyarn_pipelines.demo.compiling.ledger import Ledger

_LINK = re.compile(r"\[\[(sheet|flow):([a-z0-9.-]+)\|([^\]]+)\]\]")
_VARIABLE = re.compile(r"\[\[var:([a-z0-9_.]+)\]\]")
_TABLES = {"sheet": "sheets", "flow": "flows"}


def html(text: str, ledger: Ledger) -> str:
    """Make each line a paragraph; `[[sheet:tide|the tide]]` a mention, `[[var:...]]` a value."""

    def mention(found: re.Match[str]) -> str:
        kind, key, words = found.groups()
        target = ledger.id(_TABLES[kind], key)
        return f'<span class="mention" data-type="{kind}" data-id="{target}">{words}</span>'

    linked = _LINK.sub(mention, text)
    filled = _VARIABLE.sub(r'<span class="variable-ref" data-ref="\1">\1</span>', linked)
    return "".join(f"<p>{paragraph}</p>" for paragraph in filled.split("\n")) if filled else ""
