"""Minutes in Markdown: headings, lists, emphasis and nothing else; as safe HTML, and as parts of a paper.

The parser takes no HTML, link or image to begin with; what it makes is sanitised once more, so that neither of the two
libraries has to be without a fault.
"""

import nh3
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from common.paper import BODY, SECTION, STRONG, printable

RULES = ["heading", "list", "emphasis", "newline", "escape", "blockquote", "strikethrough"]
TAGS = {"h3", "h4", "h5", "p", "ul", "ol", "li", "strong", "em", "br", "blockquote", "s"}
# The page's own headings come first: a heading of the minutes stands two below.
LOWER = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h5", "h5": "h5", "h6": "h5"}
LIST = ParagraphStyle("minutes-list", BODY, leftIndent=14, bulletIndent=4)
DEEP = ParagraphStyle("minutes-deep", LIST, leftIndent=28, bulletIndent=18)
QUOTE = ParagraphStyle("minutes-quote", BODY, leftIndent=14, fontName="Helvetica-Oblique")
SPACED = ParagraphStyle("minutes", BODY, spaceAfter=4)


def _parser():
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(RULES)


def _tokens(text):
    tokens = _parser().parse(text)
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = LOWER[token.tag]
    return tokens


def as_html(text):
    """The minutes as HTML that holds nothing but headings, paragraphs, lists and emphasis."""
    parser = _parser()
    made = parser.renderer.render(_tokens(text), parser.options, {})
    return mark_safe(nh3.clean(made, tags=TAGS, attributes={}))  # noqa: S308 - sanitised in this very line


def as_story(text):
    """The minutes as paragraphs for a paper."""
    story: list = []
    lists: list = []
    style, bullet = SPACED, None
    for token in _tokens(text):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(int(token.attrs.get("start", 1)) if token.type.startswith("ordered") else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            bullet = "•" if lists[-1] is None else f"{lists[-1]}."
            lists[-1] = None if lists[-1] is None else lists[-1] + 1
        elif token.type == "heading_open":
            style = SECTION if token.tag == "h3" else STRONG
        elif token.type == "blockquote_open":
            style = QUOTE
        elif token.type in {"heading_close", "blockquote_close"}:
            style = SPACED
        elif token.type == "inline":
            shown = (LIST if len(lists) == 1 else DEEP) if lists else style
            words = Paragraph(_inline(token.children or []), shown, bulletText=bullet and printable(bullet))
            story.append(words)
            bullet = None
    return story


def _inline(children):
    """The words of one block in the paper's own markup; nothing of the text is read as markup."""
    marks = {"strong_open": "<b>", "strong_close": "</b>", "em_open": "<i>", "em_close": "</i>"}
    marks |= {"s_open": "<strike>", "s_close": "</strike>", "softbreak": "<br/>", "hardbreak": "<br/>"}
    parts = []
    for token in children:
        if token.type in marks:
            parts.append(marks[token.type])
        else:
            parts.append(_escaped(token.content))
    return "".join(parts)


def _escaped(text):
    return printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
