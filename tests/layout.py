"""The rules of the house, checked on its source: who may import whom, what, and when; and what no file holds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

FLOORS = ("app", "agent", "retrieval", "reco_core")
"""Each imports only to its right."""
OUTSIDE = ("benchmarks", "tests")
"""They may import everything, and no floor imports them."""
OFFLINE = ("train", "evaluate", "simulator")
"""Files of these names are for making and measuring models, not for serving."""
FIRST_RUN = {("agent.opening", "reco_core.train")}
"""The one place that makes a model while serving: a shop's first start has none yet."""
HEAVY: dict[str, tuple[str, ...]] = {
    "chromadb": ("retrieval/vectors.py",),
    "gradio": ("agent/web/mounting.py", *(f"agent/web/pages/{name}.py" for name in ("parts", "desk", "demo"))),
    "langchain_core": tuple(
        f"agent/{name}.py"
        for name in (
            "call_parsing", "chat_format", "hf_chat", "hf_model", "local_model", "model", "scripted_model", "tools",
            "understanding/state", "web/pages/demo_models",
        )
    ),
    "langchain_openai": ("agent/model.py",),
    "onnx": ("retrieval/int8_bert.py", "retrieval/int8_scan.py"),
    "onnxruntime": ("retrieval/int8_bert.py",),
    "sentence_transformers": (),
    "sklearn": ("agent/understanding/intents.py", "reco_core/fitting.py"),
    "torch": ("agent/hf_model.py",),
    "transformers": ("agent/hf_model.py",),
    "pandas": (),
    "joblib": (),
    "pickle": (),
    "langchain": (),
    "langchain_community": (),
}  # fmt: skip
"""Who may import what is slow to import, large, or unsafe (pickle runs code that a file brings); () is nobody."""
AT_IMPORT = ("gradio", "langchain_core", "pickle")
"""Of these, what may stand at the top of a file that may have it at all; the rest belongs inside functions."""
LONGEST = 330
LOUD = ("*/__main__.py", "agent/cli/*", "benchmarks/*", "tests/*")
"""Files that may print."""
_MARKS = ("TO" + "DO", "FIX" + "ME", "X" * 3)


@dataclass(frozen=True, slots=True)
class Import:
    """One import: of what, and whether it happens when the file is imported, in a function, or never (a type)."""

    of: str
    line: int
    when: str  # "import", "call", "never"


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    path: str
    tree: ast.Module
    text: str
    imports: tuple[Import, ...] = field(default=())

    @property
    def floor(self) -> str:
        return self.name.partition(".")[0]


def read(root: Path) -> list[Module]:
    """Every module of the floors and of what stands beside them."""
    files = [
        root / "app.py",
        *(p for top in (*FLOORS[1:], *OUTSIDE, "prompts") for p in sorted((root / top).rglob("*.py"))),
    ]
    return [_module(root, path) for path in files if path.exists()]


def _module(root: Path, path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    relative = path.relative_to(root)
    parts = relative.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    tree = ast.parse(text)
    return Module(name, relative.as_posix(), tree, text, tuple(_imports(tree, "import")))


def _imports(node: ast.AST, when: str) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, when) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module and not child.level:
            yield Import(child.module, child.lineno, when)
            yield from (Import(f"{child.module}.{alias.name}", child.lineno, when) for alias in child.names)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _imports(child, "never")
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _imports(child, when if when == "never" else "call")
        else:
            yield from _imports(child, when)


def floors(modules: list[Module]) -> Iterator[str]:
    """Types too: whoever names a type of the floor above knows of that floor."""
    for module in (m for m in modules if m.floor in FLOORS):
        right = FLOORS[FLOORS.index(module.floor) :]
        for found in module.imports:
            top = found.of.partition(".")[0]
            if top in (*FLOORS, *OUTSIDE) and top not in right:
                yield f"{module.path}:{found.line} imports {found.of}, which is not below it"


def cycles(modules: list[Module]) -> Iterator[str]:
    """What is imported while a file is imported; types and imports within functions cannot make it fail."""
    names = {m.name for m in modules}
    graph = {
        m.name: {i.of for i in m.imports if i.when == "import" and i.of in names and i.of != m.name} for m in modules
    }
    for module in modules:  # a package is not kept from importing its own parts
        if module.path.endswith("__init__.py"):
            graph[module.name] = {n for n in graph[module.name] if not n.startswith(module.name + ".")}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "these import each other: " + " → ".join(error.args[1])


def offline(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        if module.floor in OUTSIDE or module.name.rpartition(".")[2] in (*OFFLINE, "__main__"):
            continue
        for found in module.imports:
            is_offline = found.of.rpartition(".")[2] in OFFLINE and any(m.name == found.of for m in modules)
            if is_offline and (module.name, found.of) not in FIRST_RUN:
                yield f"{module.path}:{found.line} serves, and imports {found.of}, which is offline code"


def heavy(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        if module.floor in OUTSIDE:
            continue
        for found in module.imports:
            library = found.of.partition(".")[0]
            if library not in HEAVY or found.when == "never" or library in FLOORS:
                continue
            if module.path not in HEAVY[library]:
                yield f"{module.path}:{found.line} may not import {library}"
            elif found.when == "import" and library not in AT_IMPORT:
                yield f"{module.path}:{found.line} imports {library} at its top; do it in the function that needs it"


def unused_permissions(modules: list[Module]) -> Iterator[str]:
    """A permission that nobody uses any more is taken back."""
    used = {(i.of.partition(".")[0], m.path) for m in modules for i in m.imports if i.when != "never"}
    for library, paths in HEAVY.items():
        yield from (f"{path} does not import {library} any more" for path in paths if (library, path) not in used)
    imported = {(m.name, i.of) for m in modules for i in m.imports}
    yield from (f"{who} does not import {what} any more" for who, what in FIRST_RUN if (who, what) not in imported)


def lengths(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        lines = module.text.count("\n")
        if lines > LONGEST and "/migrations/" not in module.path:
            yield f"{module.path} has {lines} lines; {LONGEST} are the most"


def words(modules: list[Module]) -> Iterator[str]:
    """Unfinished work, prints, unsafe loading, and files that do not say what they are for."""
    for module in modules:
        quiet = not any(fnmatch(module.path, pattern) for pattern in LOUD)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called == "print" and quiet:
                    yield f"{module.path}:{node.lineno} prints"
                if called == "torch.load" or "allow_pickle=True" in map(ast.unparse, node.keywords):
                    yield f"{module.path}:{node.lineno} loads what may run code"
            if isinstance(node, ast.ExceptHandler) and node.type is None:
                yield f"{module.path}:{node.lineno} catches everything"
        yield from (f"{module.path} holds a {mark}" for mark in _MARKS if mark in module.text)
        if module.floor in FLOORS and module.tree.body and ast.get_docstring(module.tree) is None:
            yield f"{module.path} does not say what it is for"


def prompts_are_text(modules: list[Module]) -> Iterator[str]:
    for module in modules:
        code = [node for node in module.tree.body if not isinstance(node, ast.Expr)]
        if module.floor == "prompts" and code:
            yield f"{module.path} is Python among the prompts"


RULES: tuple[Callable[[list[Module]], Iterator[str]], ...] = (
    floors,
    cycles,
    offline,
    heavy,
    lengths,
    words,
    prompts_are_text,
)


def problems(root: Path) -> list[str]:
    """What breaks a rule, each with its place."""
    modules = read(root)
    return [problem for rule in RULES for problem in rule(modules)]
