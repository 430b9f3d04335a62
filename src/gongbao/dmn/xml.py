"""DMN XML as a tree of elements, read safely and written canonically.

The tree itself is the model: what gongbao does not use (diagrams, a vendor's extensions, layout) stays where it stands,
so a file that comes in goes out equal. DMN 1.1 to 1.5 differ in the name of their namespace and in little that matters
here; elements are therefore asked for by their local name.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from gongbao.dmn.errors import DmnError

#: The namespaces of the DMN versions that are read.
NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"
#: Limits that keep a hostile file from costing memory; far above what a modeller draws.
MAX_BYTES = 20_000_000
MAX_DEPTH = 200
MAX_PARTS = 300_000


class DmnXmlError(DmnError):
    """The file is no DMN model; the message says in Chinese what it is instead."""


#: Comments and instructions before and after the outermost element of a file: a tree has nothing beside its root.
_BESIDE: WeakKeyDictionary[Element, tuple[list[Any], list[Any]]] = WeakKeyDictionary()


class _Builder:
    """Builds the tree, comments included, and counts how deep the elements stand and how many parts there are.

    The prefixes that a file declares stand at the root as it wrote them (``xmlns:kie``): texts may speak of them, such as
    ``typeRef="feel:number"``.
    """

    def __init__(self) -> None:
        self.tree = ElementTree.TreeBuilder(insert_comments=True, insert_pis=True)
        self._depth = 0
        self._parts = 0
        self._prefixes: dict[str, str] = {}
        # What stands before and after the outermost element.
        self._beside: dict[bool, list[Any]] = {False: [], True: []}
        self._opened = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count(1 + len(attributes))
        self._depth += 1
        self._opened = True
        if self._depth > MAX_DEPTH:
            raise DmnXmlError(f"DMN 文件嵌套过深（最多 {MAX_DEPTH} 层）")
        self.tree.start(_qualified(name), {_qualified(key): value for key, value in attributes.items()})

    def prefix(self, prefix: str | None, uri: str | None) -> None:
        self._count()
        if prefix and uri:
            self._prefixes.setdefault(f"xmlns:{prefix}", uri)

    def comment(self, text: str) -> None:
        self._count()
        if self._depth:
            self.tree.comment(text)
        else:
            self._beside[self._opened].append(ElementTree.Comment(text))

    def instruction(self, target: str, text: str) -> None:
        self._count()
        if self._depth:
            self.tree.pi(target, text)
        else:
            self._beside[self._opened].append(ElementTree.PI(target, text))

    def close(self) -> Element:
        root = self.tree.close()
        root.attrib.update(self._prefixes)
        _BESIDE[root] = (self._beside[False], self._beside[True])
        return root

    def _count(self, parts: int = 1) -> None:
        self._parts += parts
        if self._parts > MAX_PARTS:
            raise DmnXmlError(f"DMN 文件里的元素、属性和注释太多（最多 {MAX_PARTS} 个）")

    def end(self, name: str) -> None:
        self._depth -= 1
        self.tree.end(_qualified(name))

    @staticmethod
    def refuse(*_: object) -> None:
        raise DmnXmlError("DMN 文件里不能有 DOCTYPE 或实体声明")


def _qualified(name: str) -> str:
    return "{" + name if "}" in name else name


def read(data: bytes) -> Element:
    """The ``definitions`` element of a DMN file.

    ``DmnXmlError`` for text that is not XML, that is no DMN, or that declares entities or a document type: a model
    needs neither, and both are how XML reads other files or fills the memory.
    """
    if len(data) > MAX_BYTES:
        raise DmnXmlError(f"DMN 文件太大（{len(data)} 字节，最多 {MAX_BYTES} 字节）")
    data, encoding = _decoded(data)
    builder = _Builder()
    parser = expat.ParserCreate(encoding, "}")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.tree.data
    parser.StartNamespaceDeclHandler = builder.prefix
    parser.CommentHandler = builder.comment
    parser.ProcessingInstructionHandler = builder.instruction
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DmnXmlError(f"不是完整的 XML：第 {error.lineno} 行第 {error.offset + 1} 个字符处有错误") from None
    except (LookupError, ValueError) as error:
        raise DmnXmlError(f"读不懂 XML 的编码（{error}），请另存为 UTF-8") from None
    root = builder.close()
    if local(root) != "definitions" or namespace(root) not in NAMESPACES:
        raise DmnXmlError(f"不是 DMN 1.1 至 1.5 的模型：最外层是“{root.tag}”")
    return root


_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_CHINESE = ("gb18030", "gbk", "gb2312", "cp936")


def _decoded(data: bytes) -> tuple[bytes, str | None]:
    """A file in a Chinese encoding as UTF-8, which the parser can read, with the name to read it by."""
    found = _DECLARED.match(data[:400])
    declared = found[1].decode().lower() if found else ""
    if declared not in _CHINESE:
        return data, None
    try:
        return data.decode("gb18030").encode(), "utf-8"
    except UnicodeDecodeError as error:
        raise DmnXmlError(
            f"声明的编码是 {found[1].decode() if found else ''}，第 {error.start + 1} 个字节起却不是"
        ) from None


def write(root: Element) -> bytes:
    """The tree as an XML file in UTF-8: the model without prefix, all else with the prefixes it came with, or the usual."""
    declared = {uri: key.removeprefix("xmlns:") for key, uri in root.items() if key.startswith("xmlns:")}
    # Where something is in no namespace at all, none can be the one without prefix.
    bare = any(isinstance(each.tag, str) and not each.tag.startswith("{") for each in root.iter())
    prefixes = {namespace(root): (declared.get(namespace(root)) or "dmn") if bare else ""}
    for element in root.iter():
        for name in (element.tag, *element.keys()):
            if isinstance(name, str) and name.startswith("{"):
                uri = name[1:].partition("}")[0]
                is_attribute = name is not element.tag  # an attribute without prefix is in no namespace at all
                if uri not in prefixes or (is_attribute and not prefixes[uri]):
                    prefixes[uri] = declared.get(uri) or _prefix(uri, {*declared.values(), *prefixes.values()})
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    root_only = {f"xmlns:{prefix}": uri for uri, prefix in {**prefixes, **declared}.items() if prefix}
    if not prefixes[namespace(root)]:
        root_only["xmlns"] = namespace(root)
    before, after = _BESIDE.get(root, ([], []))
    for each in before:
        _write(each, prefixes, {}, out)
        out.append("\n")
    _write(root, prefixes, root_only, out)
    for each in after:
        out.append("\n")
        _write(each, prefixes, {}, out)
    return "".join(out).encode("utf-8", "surrogatepass")


def _write(element: Element, prefixes: dict[str, str], declarations: dict[str, str], out: list[str]) -> None:
    kind: Any = element.tag  # of a comment, the function that makes one
    if kind is ElementTree.Comment:
        out.append(f"<!--{element.text or ''}-->")
    elif kind is ElementTree.ProcessingInstruction:
        out.append(f"<?{element.text or ''}?>")
    else:
        name = _name(element.tag, prefixes)
        given = {_name(key, prefixes): value for key, value in element.items() if not key.startswith("xmlns:")}
        written = "".join(f' {key}="{_escaped(value, _QUOTED)}"' for key, value in {**declarations, **given}.items())
        out.append(f"<{name}{written}")
        if len(element) or element.text:
            out.append(f">{_escaped(element.text or '', _TEXT)}")
            for each in element:
                _write(each, prefixes, {}, out)
            out.append(f"</{name}>")
        else:
            out.append("/>")
    out.append(_escaped(element.tail or "", _TEXT))


def _name(name: str, prefixes: dict[str, str]) -> str:
    if not name.startswith("{"):
        return name
    uri, _, rest = name[1:].partition("}")
    if uri == _XML:
        return f"xml:{rest}"
    return f"{prefixes[uri]}:{rest}" if prefixes[uri] else rest


def _prefix(uri: str, taken: set[str]) -> str:
    usual = _PREFIXES.get(uri, "")
    if uri == _XML or (usual and usual not in taken):
        return usual
    return next(f"ns{n}" for n in range(len(taken) + 1) if f"ns{n}" not in taken)


_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_QUOTED = {**_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


def _escaped(text: str, letters: dict[str, str]) -> str:
    return text.translate({ord(letter): entity for letter, entity in letters.items()})


_XML = "http://www.w3.org/XML/1998/namespace"
_PREFIXES = {
    "https://www.omg.org/spec/DMN/20230324/DMNDI/": "dmndi",
    "http://www.omg.org/spec/DMN/20180521/DC/": "dc",
    "http://www.omg.org/spec/DMN/20180521/DI/": "di",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
}


def canonical(data: bytes) -> str:
    """The file in canonical form (C14N 2.0): equal for two files that differ in layout, prefixes and encoding alone."""
    read(data)  # refuses what must not be read
    plain, encoding = _decoded(data)
    if encoding is not None:
        plain = plain.partition(b"?>")[2]
    return str(ElementTree.canonicalize(from_file=io.BytesIO(plain), strip_text=True, rewrite_prefixes=True))


def local(element: Element) -> str:
    """The name of an element without its namespace; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """The elements directly below that have one of the names."""
    return (each for each in element if local(each) in names)


def child(element: Element, *names: str) -> Element | None:
    return next(children(element, *names), None)


def text_of(element: Element | None, name: str = "text") -> str:
    """The text of the child ``name``; empty where there is none."""
    found = None if element is None else child(element, name)
    return "" if found is None else "".join(found.itertext()).strip()


def type_of(element: Element | None) -> str:
    """The type an element names, as attribute (1.2 on) or child; empty where it names none."""
    if element is None:
        return ""
    named = element.get("typeRef") or text_of(element, "typeRef")
    return named.removeprefix("feel:")
