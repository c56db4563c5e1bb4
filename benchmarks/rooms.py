"""How the house is built: `python -m benchmarks.rooms [CHECKOUT]` prints it for each app of a checkout, this one or another."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

APPS = ("notifications", "messaging")


def main(root: Path) -> None:
    """Print what there is at each app's root, how high its imports stand and in what circles, and how long things are."""
    for app in APPS:
        files = {name_of(path, root): path for path in (root / app).rglob("*.py") if "migrations" not in path.parts}
        trees = {name: ast.parse(path.read_text()) for name, path in files.items()}
        arrows = {name: set(imports(tree, files)) & files.keys() - {name, app} for name, tree in trees.items()}
        circles = [circle for circle in strongly_connected(arrows) if len(circle) > 1]
        lines = [len(path.read_text().splitlines()) for path in files.values()]
        functions = [end - start + 1 for tree in trees.values() for start, end in spans(tree)]
        print(f"{app}: {len(list((root / app).glob('*.py')))} files at the root, {len(files)} in all")
        print(f"  circles of imports: {len(circles)} {sorted(map(len, circles))}, levels: {levels(arrows, circles)}")
        print(f"  lines of a module: {shape(lines)}; of a function: {shape(functions)}")


def name_of(path: Path, root: Path) -> str:
    """Return a module's dotted name."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports(tree: ast.AST, known: dict[str, Path]) -> Iterator[str]:
    """Yield the modules that one imports anywhere: in functions and for types, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield full if (full := f"{node.module}.{alias.name}") in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def strongly_connected(arrows: dict[str, set[str]]) -> list[frozenset[str]]:
    """Return the modules in groups, each of those that reach each other."""
    reached = {name: reach(name, arrows) for name in arrows}
    return list({frozenset({name, *(b for b in found if name in reached[b])}) for name, found in reached.items()})


def reach(start: str, arrows: dict[str, set[str]]) -> set[str]:
    """Return all that a module needs, directly or not."""
    found: set[str] = set()
    new = set(arrows[start])
    while new:
        found |= new
        new = {other for name in new for other in arrows[name]} - found
    return found


def levels(arrows: dict[str, set[str]], circles: list[frozenset[str]]) -> int:
    """Return how many modules stand on each other at most, where a circle counts as one."""
    box = {name: next((circle for circle in circles if name in circle), frozenset({name})) for name in arrows}

    def height(of: frozenset[str]) -> int:
        if of not in heights:
            below = {box[other] for name in of for other in arrows[name]} - {of}
            heights[of] = 1 + max(map(height, below), default=0)
        return heights[of]

    heights: dict[frozenset[str], int] = {}
    return max(map(height, set(box.values())))


def spans(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """Yield the first and last lines of all functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.end_lineno or node.lineno


def shape(sizes: list[int]) -> str:
    """Return median, ninth tenth and greatest."""
    return f"{median(sizes):.0f} / {sorted(sizes)[len(sizes) * 9 // 10]} / {max(sizes)}"


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
