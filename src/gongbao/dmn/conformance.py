"""Runs folders of the DMN Technology Compatibility Kit: ``python -m gongbao.dmn.conformance DIR``.

Each test case names a model, inputs and the results it expects. The results file is that of the kit (``tck_results.csv``:
folder, test file, case, SUCCESS or ERROR, message), written where the command runs unless ``--results`` says otherwise. The
exit code is 1 below 99 % passed.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from gongbao.dmn import xml
from gongbao.dmn.errors import DmnError, shown
from gongbao.dmn.model import Model, Result
from gongbao.feel import Value, temporal
from gongbao.feel.values import eq, is_context, is_list, is_number

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
#: Numbers are compared to this, as the kit's own runner does: expected values are printed with few digits.
TOLERANCE = Decimal("1e-8")
GOAL = Decimal("0.99")
#: How a model says that a function in another language is not supported.
_FOREIGN = re.compile("不支持(外部函数| Java 写的函数)")


@dataclass(frozen=True, slots=True)
class Case:
    """The result of one test case: ``failure`` is empty when every result node is as expected.

    A case that calls a function in Java passes when the model says that this is not supported; ``note`` then says so.
    """

    folder: str
    test: str
    case: str
    failure: str
    note: str = ""


def run(folder: Path) -> Iterator[Case]:
    """Every test case below ``folder``, in order."""
    for tests in sorted(folder.rglob("*.xml")):
        try:
            root = ElementTree.fromstring(tests.read_bytes())
        except (ElementTree.ParseError, LookupError, ValueError) as error:
            where = tests.parent.relative_to(folder.parent if tests.parent == folder else folder).as_posix()
            yield Case(where, tests.stem, "", f"不是完整的 XML：{error}")  # not passed over: its cases did not pass
            continue
        if xml.local(root) == "testCases":
            yield from _file(folder, tests, root)


def _file(folder: Path, tests: Path, root: Element) -> Iterator[Case]:
    where = tests.parent.relative_to(folder.parent if tests.parent == folder else folder).as_posix()
    model = opened(tests.parent / xml.text_of(root, "modelName"))
    for number, case in enumerate(xml.children(root, "testCase"), 1):
        failures = list(_failures(model, case))
        foreign = bool(failures) and all(_FOREIGN.search(each) for each in failures)
        failure = "；".join(failures)
        ident = case.get("id") or str(number)
        yield Case(where, tests.stem, ident, "", failure) if foreign else Case(where, tests.stem, ident, failure)


def opened(path: Path) -> Model | str:
    """The model in a file, with the models it imports from the same folder; what is wrong with it as text."""
    try:
        roots = {each: xml.read(each.read_bytes()) for each in sorted(path.parent.glob("*.dmn"))}
        files = {root.get("namespace", ""): root for root in roots.values()}
        return _model(roots[path], files, ())
    except KeyError:
        return f"没有模型文件 {path.name}"
    except DmnError as error:
        return str(error)


def _model(root: Element, files: Mapping[str, Element], open_: tuple[str, ...]) -> Model:
    imports: dict[str, Model] = {}
    for each in xml.children(root, "import"):
        wanted = each.get("namespace", "")
        if wanted in open_:
            raise DmnError(f"模型互相引用：{' → '.join([*open_, wanted])}")
        if wanted in files:
            imports[wanted] = _model(files[wanted], files, (*open_, root.get("namespace", "")))
    return Model(root, imports)


def _failures(model: Model | str, case: Element) -> Iterator[str]:
    if isinstance(model, str):
        yield model
        return
    inputs = {each.get("name", ""): value_of(each) for each in xml.children(case, "inputNode")}
    for node in xml.children(case, "resultNode"):
        name = node.get("name", "")
        wanted = value_of(xml.child(node, "expected"))
        try:
            got = _result(model, case, name, inputs)
        except DmnError as error:
            got = Result(error, ())
        if not same(got.value, wanted):
            reasons = "；".join(str(problem) for problem in (*got.problems, *_problems(model, name)))
            yield f"{name}：应为 {shown(wanted)}，得 {shown(got.value)}" + (f"（{reasons}）" if reasons else "")


def _result(model: Model, case: Element, name: str, inputs: Mapping[str, Value]) -> Result:
    if case.get("type") in ("bkm", "decisionService"):
        found = model.call(case.get("invocableName", ""), inputs)
        if is_context(found.value) and name in found.value:
            return Result(found.value[name], found.problems)
        return found
    return model.evaluate(name, inputs)


def _problems(model: Model, name: str) -> Iterable[str]:
    return (problem.reason for problem in model.problems if problem.place == name)


def value_of(element: Element | None) -> Value:
    """The value that an input node or an expected result states."""
    if element is None:
        return None
    components = list(xml.children(element, "component"))
    if components:
        return {each.get("name", ""): None if _is_nil(each) else value_of(each) for each in components}
    listed = xml.child(element, "list")
    if listed is not None:
        return None if _is_nil(listed) else [value_of(item) for item in xml.children(listed, "item")]
    stated = xml.child(element, "value")
    return None if stated is None or _is_nil(stated) else _simple(stated)


def _is_nil(element: Element) -> bool:
    return element.get(_XSI + "nil") == "true"


def _simple(element: Element) -> Value:
    kind = element.get(_XSI + "type", "").rpartition(":")[2]
    text = element.text or ""
    if kind in ("decimal", "double", "integer", "int", "float", "long"):
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text
        return int(number) if number.is_finite() and number == number.to_integral_value() else number
    if kind == "boolean":
        return text == "true"
    read = {
        "date": temporal.read_date,
        "dateTime": temporal.read_moment,
        "time": temporal.read_time,
        "duration": temporal.read_duration,
    }.get(kind)
    found = None if read is None else read(text)
    return text if found is None else found


def same(got: Value, wanted: Value) -> bool:
    """Whether a result is the expected one."""
    if got is None or wanted is None:
        return got is wanted
    if is_list(got) and is_list(wanted):
        return len(got) == len(wanted) and all(same(a, b) for a, b in zip(got, wanted, strict=True))
    if is_context(got) and is_context(wanted):
        return got.keys() == wanted.keys() and all(same(got[key], wanted[key]) for key in wanted)
    if is_number(got) and is_number(wanted):
        return abs(Decimal(got) - Decimal(wanted)) <= TOLERANCE
    return not isinstance(got, DmnError) and eq(got, wanted) is True


def main(arguments: list[str] | None = None) -> int:
    """The command; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m gongbao.dmn.conformance", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder of the kit, such as TestCases/compliance-level-3")
    parser.add_argument("--results", type=Path, default=Path("tck_results.csv"), help="the results file to write")
    parser.add_argument("--failures", action="store_true", help="print every failed case with its reason")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"no folder {given.folder}")
    cases = list(run(given.folder))
    with given.results.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for case in cases:
            outcome = "ERROR" if case.failure else "SUCCESS"
            writer.writerow([case.folder, case.test, case.case, outcome, case.failure or case.note])
    failed = [case for case in cases if case.failure]
    if given.failures:
        for case in failed:
            print(f"{case.folder} {case.case}: {case.failure}")
    print(f"{len(cases) - len(failed)} passed, {len(failed)} failed")
    return 0 if cases and Decimal(len(cases) - len(failed)) >= GOAL * len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
