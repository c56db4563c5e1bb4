"""How the house is built: `python -m benchmarks.rooms [CHECKOUT]` prints it for this checkout or another."""

import ast
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from statistics import median

APPS = ("notifications", "messaging")


def main(root: Path) -> None:
    """Print how many files there are, how high imports stand and in what circles, and how long things are."""
    for app in APPS:
        files = modules(app, root)
        arrows = {name: set(imported(path, files)) - {name, app} for name, path in files.items()}
        circles = [circle for circle in strongly_connected(arrows) if len(circle) > 1]
        lines = [len(path.read_text().splitlines()) for path in files.values()]
        functions = [size for path in files.values() for size in function_sizes(path)]
        print(f"{app}: {len(list((root / app).glob('*.py')))} files at the root, {len(files)} in all")
        print(f"  circles of imports: {len(circles)} {sorted(map(len, circles))}, levels: {levels(arrows, circles)}")
        print(f"  lines of a module: {shape(lines)}; of a function: {shape(functions)}")


def modules(app: str, root: Path) -> dict[str, Path]:
    """Return the files of an app by the names of their modules; migrations are history, not house."""
    files = (path for path in (root / app).rglob("*.py") if "migrations" not in path.parts)
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


def imported(path: Path, known: Collection[str]) -> Iterator[str]:
    """Yield what a file imports of the known modules, wherever in it: in functions and for types, too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [full if (full := f"{node.module}.{alias.name}") in known else node.module for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in names if name in known)


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


def function_sizes(path: Path) -> Iterator[int]:
    """Yield how many lines each function of a file has."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def shape(sizes: list[int]) -> str:
    """Return median, ninth tenth and greatest."""
    return f"{median(sizes):.0f} / {sorted(sizes)[len(sizes) * 9 // 10]} / {max(sizes)}"


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
