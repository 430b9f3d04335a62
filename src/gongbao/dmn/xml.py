"""DMN XML as a tree of elements, read safely and written canonically.

The tree itself is the model: what gongbao does not use (diagrams, a vendor's extensions, layout) stays where it stands,
so a file that comes in goes out equal. DMN 1.1 to 1.5 differ in the name of their namespace and in little that matters
here; elements are therefore asked for by their local name.
"""

from __future__ import annotations

from collections.abc import Iterator
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


class DmnXmlError(DmnError):
    """The file is no DMN model; the message says in Chinese what it is instead."""


class _Builder:
    """Builds the tree, comments included, and counts how deep the elements stand."""

    def __init__(self) -> None:
        self.tree = ElementTree.TreeBuilder(insert_comments=True, insert_pis=True)
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise DmnXmlError(f"DMN 文件嵌套过深（最多 {MAX_DEPTH} 层）")
        self.tree.start(_qualified(name), {_qualified(key): value for key, value in attributes.items()})

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
    builder = _Builder()
    parser = expat.ParserCreate(None, "}")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.tree.data
    parser.CommentHandler = builder.tree.comment
    parser.ProcessingInstructionHandler = builder.tree.pi
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DmnXmlError(f"不是完整的 XML：第 {error.lineno} 行第 {error.offset + 1} 个字符处有错误") from None
    except (LookupError, ValueError) as error:
        raise DmnXmlError(f"读不懂 XML 的编码：{error}") from None
    root = builder.tree.close()
    if local(root) != "definitions" or namespace(root) not in NAMESPACES:
        raise DmnXmlError(f"不是 DMN 1.1 至 1.5 的模型：最外层是“{root.tag}”")
    return root


def write(root: Element) -> bytes:
    """The tree as an XML file, in UTF-8, with the usual prefixes."""
    for prefix, uri in _PREFIXES.items():
        ElementTree.register_namespace(prefix, uri)
    ElementTree.register_namespace("", namespace(root))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


_PREFIXES = {
    "dmndi": "https://www.omg.org/spec/DMN/20230324/DMNDI/",
    "dc": "http://www.omg.org/spec/DMN/20180521/DC/",
    "di": "http://www.omg.org/spec/DMN/20180521/DI/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


def canonical(data: bytes) -> str:
    """The file in canonical form (C14N 2.0): equal for two files that differ in layout, prefixes and encoding alone."""
    text = ElementTree.tostring(read(data), encoding="unicode")
    return str(ElementTree.canonicalize(text, strip_text=True, rewrite_prefixes=True))


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
