"""The house keeps its rules: floors, no cycle, heavy libraries where they belong, files of bearable length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.layout import HEAVY, LONGEST, problems, read, unused_permissions

_ROOT = Path(__file__).parents[1]
CLEAN = {
    "app.py": '"""The shop."""\nfrom agent.web import serve\nserve()\n',
    "agent/__init__.py": "",
    "agent/web.py": '"""Web."""\nfrom retrieval.search import find\ndef serve(): find()\n',
    "agent/opening.py": '"""Opening."""\nfrom reco_core.train import train\n',
    "agent/types.py": (
        '"""T."""\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\n    from agent.web import a\n'
    ),
    "agent/train.py": '"""Offline."""\nfrom reco_core.train import train\n',
    "agent/__main__.py": '"""Commands."""\nfrom agent.train import train\nprint("hi")\n',
    "retrieval/__init__.py": "",
    "retrieval/search.py": '"""Search."""\nfrom reco_core.core import rank\ndef find(): return rank()\n',
    "retrieval/vectors.py": '"""Vectors."""\ndef open_store():\n    import chromadb\n    return chromadb\n',
    "reco_core/__init__.py": "",
    "reco_core/core.py": '"""Core."""\ndef rank(): return 1\n',
    "reco_core/train.py": '"""Offline."""\nfrom reco_core.core import rank\n',
    "prompts/__init__.py": "",
    "benchmarks/speed.py": '"""Speed."""\nfrom agent.train import train\nimport torch\nprint(1)\n',
    "tests/test_web.py": "from agent.web import serve\nimport torch\n",
}
FAULTS = {
    "a floor looks up": ("reco_core/core.py", '"""C."""\nfrom retrieval.search import find\n', "not below it"),
    "a floor looks up for a type": (
        "retrieval/search.py",
        '"""S."""\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from agent.web import serve\n',
        "not below it",
    ),
    "a floor looks up within a function": (
        "reco_core/core.py",
        '"""C."""\ndef f():\n    import agent.web\n',
        "not below it",
    ),
    "the agent imports the app": ("agent/web.py", '"""W."""\nimport app\n', "not below it"),
    "a floor imports a benchmark": ("agent/web.py", '"""W."""\nfrom benchmarks.speed import x\n', "not below it"),
    "a floor imports a test": ("agent/web.py", '"""W."""\nimport tests.test_web\n', "not below it"),
    "two files import each other": ("agent/types.py", '"""T."""\nfrom agent import web\n', "import each other"),
    "serving code trains": ("agent/web.py", '"""W."""\nfrom agent.train import train\n', "offline code"),
    "serving code trains in a function": (
        "agent/web.py",
        '"""W."""\ndef f():\n    from reco_core import train\n',
        "offline code",
    ),
    "another file than the opening trains": (
        "retrieval/search.py",
        '"""S."""\nimport reco_core.train\n',
        "offline code",
    ),
    "chroma in the wrong place": (
        "agent/web.py",
        '"""W."""\ndef f():\n    import chromadb\n',
        "may not import chromadb",
    ),
    "torch in the core": (
        "reco_core/core.py",
        '"""C."""\ndef f():\n    from torch import nn\n',
        "may not import torch",
    ),
    "chroma at the top": ("retrieval/vectors.py", '"""V."""\nimport chromadb.config\n', "at its top"),
    "chroma in a class body": ("retrieval/vectors.py", '"""V."""\nclass V:\n    import chromadb\n', "at its top"),
    "pickle": ("reco_core/core.py", '"""C."""\nimport pickle\n', "may not import pickle"),
    "torch.load": ("agent/web.py", '"""W."""\ntorch.load("x")\n', "may run code"),
    "allow_pickle": ("agent/web.py", '"""W."""\nload("x", allow_pickle=True)\n', "may run code"),
    "a long file": ("agent/web.py", '"""W."""\n' + "x = 1\n" * LONGEST, "lines"),
    "a long test": ("tests/test_web.py", "x = 1\n" * (LONGEST + 1), "lines"),
    "a print": ("agent/web.py", '"""W."""\ndef f():\n    print("here")\n', "prints"),
    "unfinished work": ("agent/web.py", '"""W."""\n# TO' + "DO: later\n", "holds a"),
    "a bare except": ("agent/web.py", '"""W."""\ntry:\n    f()\nexcept:\n    g()\n', "catches everything"),
    "no docstring": ("agent/web.py", "x = 1\n", "what it is for"),
    "code among the prompts": ("prompts/__init__.py", "x = 1\n", "among the prompts"),
}


def build(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_the_house_keeps_its_rules() -> None:
    assert problems(_ROOT) == []


def test_no_permission_is_left_that_nobody_uses() -> None:
    assert list(unused_permissions(read(_ROOT))) == []


def test_a_clean_house_has_no_problem(tmp_path: Path) -> None:
    assert problems(build(tmp_path, CLEAN)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(tmp_path: Path, fault: str) -> None:
    """For `two files import each other`: web imports types too."""
    path, text, told = FAULTS[fault]
    files = {**CLEAN, path: text}
    if fault == "two files import each other":
        files["agent/web.py"] += "from agent.types import t\n"
    found = problems(build(tmp_path, files))
    assert len(found) >= 1
    assert any(told in problem for problem in found), found


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    """All of it is imported, but for the two pages that Gradio draws, in a process of its own."""
    lazily = [library for library in HEAVY if library not in ("langchain_core", "pickle")]
    names = [m.name for m in read(_ROOT) if m.floor in ("app", "agent", "retrieval", "reco_core")]
    names = [n for n in names if "__main__" not in n and "migrations" not in n and not draws(n)]
    code = f"""
import importlib, sys
for name in {names!r}: importlib.import_module(name)
print([library for library in {lazily!r} if library in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    assert len(names) > 80


def draws(name: str) -> bool:
    return f"{name.replace('.', '/')}.py" in HEAVY["gradio"] and name != "agent.web.mounting"
