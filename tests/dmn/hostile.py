"""DMN files that are, or nearly are, models, and what an attacker would send instead (chance as in tests/feel/hostile)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from xml.sax.saxutils import escape, quoteattr

from tests.feel import hostile as feel

from gongbao.dmn import xml

_IDS = ("_a", "_b", "_c", "_d", "_f", "_g")
_NAMES = ("a", "b", "c", "d", "f", "g", "a b", "__class__", "x'\"]", "{0}", "T", "名称", "n" * 500, "")
_REFERENCES = ("tA", "tB", "tC", "number", "string", "list", "Any", "tA.b", "nothing", "feel:number", "date and time")
_BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "%s">%s]><definitions xmlns="%s" name="&z;"/>"""


def model(chance: Random) -> bytes:
    """A model whose parts refer to each other, in circles too, with FEEL of any kind in it."""
    parts = [_item(chance, name) for name in ("tA", "tB", "tC") if chance.random() < 0.6]
    parts += [_part(chance, ident) for ident in _IDS[: chance.randint(1, 6)]]
    version = chance.choice(list(xml.NAMESPACES))
    return f'<definitions xmlns="{version}" name="m" namespace="urn:m">{"".join(parts)}</definitions>'.encode(
        "utf-8", "replace"
    )


def spoilt(chance: Random) -> bytes:
    """A model whose text was cut, doubled or overwritten somewhere."""
    data = model(chance)
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(data))
        kind = chance.randint(0, 3)
        if kind == 0:
            data = data[:at] + bytes(chance.randint(0, 255) for _ in range(3)) + data[at:]
        elif kind == 1:
            data = data[:at] + data[at + chance.randint(1, 40) :]
        elif kind == 2:
            data = data[:at] + data[at : at + 30] * chance.randint(2, 300) + data[at:]
        else:
            data = data[:at] + chance.choice(_WEDGES) + data[at:]
    return data


def bomb(chance: Random) -> bytes:
    """Files that fill the memory, read other files, or ask the network, of a reader that lets them."""
    return chance.choice(BOMBS)


def text(chance: Random) -> bytes:
    return chance.choice((model, model, model, spoilt, spoilt, bomb) if chance.random() < 0.1 else (model, spoilt))(
        chance
    )


_WEDGES = (
    b"<!DOCTYPE a>", b"<![CDATA[", b"]]>", b"<!--", b"--", b"<?xml version='1.0' encoding='utf-7'?>", b"<?x?>", b"\x00", b"&a;",
    b"&#0;", b"&#xD800;", b"&#x110000;", b"<a" + b" b=''" * 3, b"xmlns=''", b"<x:y/>", b"\xff\xfe", b"</definitions>", b"<text>",
)  # fmt: skip
_MODEL = xml.MODEL.encode()


def _declared(declaration: bytes, use: bytes = b"&a;") -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE d '
        + declaration
        + b'><definitions xmlns="%s">%s</definitions>' % (_MODEL, use)
    )


BOMBS = (
    _declared(b'[<!ENTITY a "x">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)) + b"]", b"&a9;"),
    _declared(b'[<!ENTITY a "%s">]' % (b"x" * 100_000), b"&a;" * 10_000),
    _declared(b'[<!ENTITY a SYSTEM "file:///etc/passwd">]'),
    _declared(b'SYSTEM "http://127.0.0.1:1/x.dtd"', b""),
    _declared(b'[<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]'),
    b'<definitions xmlns="%s">' % _MODEL + b"<a>" * 100_000,
    b'<definitions xmlns="%s">' % _MODEL + b"<a/>" * 2_000_000 + b"</definitions>",
    b'<definitions xmlns="%s" ' % _MODEL + b" ".join(b'a%d=""' % n for n in range(300_000)) + b"/>",
    b'<definitions xmlns="%s">' % _MODEL + b"<!---->" * 1_000_000 + b"</definitions>",
    b'<definitions xmlns="%s" name="%s"/>' % (_MODEL, b"x" * 10_000_000),
    '<?xml version="1.0" encoding="GB18030"?><definitions name="廊坊"/>'.encode("gb18030"),
    '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"), b"<?xml version='1.0' encoding='utf-7'?><a/>",
    b"", b"\x00" * 1000, b"PK\x03\x04", b"{}", b"<definitions/>", b"\xef\xbb\xbf",
)  # fmt: skip


def _attributes(**given: str) -> str:
    return "".join(f" {name}={quoteattr(_plain(value))}" for name, value in given.items() if value)


def _plain(text: str) -> str:
    """Without the characters that XML has no way to write."""
    return "".join(
        c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )


def _text(chance: Random) -> str:
    made = feel.cell(chance) if chance.random() < 0.2 else feel.text(chance)
    return f"<text>{escape(_plain(made))}</text>"


def _item(chance: Random, name: str) -> str:
    collection = chance.choice(("", "true", "false"))
    inner = chance.choice((
        f"<typeRef>{chance.choice(_REFERENCES)}</typeRef>",
        f"<typeRef>{chance.choice(_REFERENCES)}</typeRef><allowedValues>{_text(chance)}</allowedValues>",
        "".join(f'<itemComponent name="{each}"><typeRef>{chance.choice(_REFERENCES)}</typeRef></itemComponent>' for each in "ab"),
        f'<functionItem outputTypeRef="{chance.choice(_REFERENCES)}"><parameters name="x" typeRef="tA"/></functionItem>',
        "",
    ))  # fmt: skip
    return f"<itemDefinition{_attributes(name=name, isCollection=collection)}>{inner}</itemDefinition>"


def _part(chance: Random, ident: str) -> str:
    kind = chance.choice(("decision", "decision", "decision", "inputData", "businessKnowledgeModel", "decisionService"))
    name = chance.choice((ident[1:], chance.choice(_NAMES)))
    inner = f"<variable{_attributes(name=name, typeRef=chance.choice(('', *_REFERENCES)))}/>"
    for _ in range(chance.randint(0, 3)):
        tag = chance.choice(("Input", "Decision", "Knowledge"))
        wrap = "knowledgeRequirement" if tag == "Knowledge" else "informationRequirement"
        inner += f'<{wrap}><required{tag} href="{_href(chance)}"/></{wrap}>'
    if kind == "decision":
        inner += box(chance)
    elif kind == "businessKnowledgeModel":
        parameters = "".join(
            f"<formalParameter{_attributes(name=each, typeRef='tA')}/>"
            for each in chance.choice((("x",), ("a", "b"), ()))
        )
        inner += f"<encapsulatedLogic{_attributes(kind=chance.choice(('', '', 'FEEL', 'Java')))}>{parameters}{box(chance)}</encapsulatedLogic>"
    elif kind == "decisionService":
        inner += "".join(f'<{tag} href="{_href(chance)}"/>' for tag in ("outputDecision", "inputDecision", "inputData"))
    return f"<{kind}{_attributes(id=ident, name=name)}>{inner}</{kind}>"


def _href(chance: Random) -> str:
    return chance.choice((*("#" + each for each in _IDS), "#nothing", "urn:other#_a", "", "#"))


def box(chance: Random, depth: int = 3) -> str:
    """A boxed expression."""
    if depth <= 0 or chance.random() < 0.3:
        return f"<literalExpression>{_text(chance)}</literalExpression>"
    return chance.choice(_BOXES)(chance, depth - 1)


def _table(chance: Random, depth: int) -> str:
    columns, outputs, rows = chance.randint(0, 3), chance.randint(0, 2), chance.randint(0, 4)
    hit = chance.choice(("", "UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER", "NONE"))
    made = "".join(f"<input><inputExpression>{_text(chance)}</inputExpression></input>" for _ in range(columns))
    made += "".join(
        f'<output name="o{n}"><outputValues>{_text(chance)}</outputValues></output>' for n in range(outputs)
    )
    for _ in range(rows):
        cells = "".join(
            f"<inputEntry>{_text(chance)}</inputEntry>" for _ in range(columns if chance.random() < 0.9 else 1)
        )
        made += f"<rule>{cells}{''.join(f'<outputEntry>{_text(chance)}</outputEntry>' for _ in range(outputs))}</rule>"
    aggregation = chance.choice(("", "", "SUM", "MIN", "COUNT", "AVG"))
    return f"<decisionTable{_attributes(hitPolicy=hit, aggregation=aggregation)}>{made}</decisionTable>"


def _in(tag: str, chance: Random, depth: int) -> str:
    return f"<{tag}>{box(chance, depth)}</{tag}>"


_BOXES: tuple[Callable[[Random, int], str], ...] = (
    _table, _table,
    lambda c, d: "<context>" + "".join(f"<contextEntry><variable{_attributes(name=c.choice(_NAMES), typeRef=c.choice(('', 'tA')))}/>{box(c, d)}</contextEntry>" for _ in range(c.randint(0, 3))) + "</context>",
    lambda c, d: f"<invocation>{box(c, d)}<binding><parameter name='x'/>{box(c, d)}</binding></invocation>",
    lambda c, d: f"<functionDefinition><formalParameter name='x'/>{box(c, d)}</functionDefinition>",
    lambda c, d: f"<list>{box(c, d)}{box(c, d)}</list>",
    lambda c, d: f"<relation><column name='a'/><column name='b'/><row>{box(c, 0)}{box(c, 0)}</row><row>{box(c, 0)}</row></relation>",
    lambda c, d: f"<conditional>{_in('if', c, d)}{_in('then', c, d)}{_in('else', c, d)}</conditional>",
    lambda c, d: f"<filter>{_in('in', c, d)}{_in('match', c, d)}</filter>",
    lambda c, d: f"<for iteratorVariable='{c.choice('xab')}'>{_in('in', c, d)}{_in('return', c, d)}</for>",
    lambda c, d: f"<every iteratorVariable='x'>{_in('in', c, d)}{_in('satisfies', c, d)}</every>",
    lambda c, d: f"<some>{_in('in', c, d)}</some>",
)  # fmt: skip
