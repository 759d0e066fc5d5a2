"""Runs tour.ipynb as it stands, with nbclient and with papermill: their own code, with kernels of a gateway."""
import sys
import tempfile
from pathlib import Path

import nbformat
from jupyter_server.gateway.managers import GatewayKernelManager
from nbclient import NotebookClient

import gateway

TOUR = Path(__file__).with_name("tour.ipynb")


def texts(cell, kind):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == kind)


def bundles(cell):
    return [output.data for output in cell.outputs if output.output_type in ("display_data", "execute_result")]


def errors(cell):
    return [(output.ename, output.evalue, "\n".join(output.traceback)) for output in cell.outputs if output.output_type == "error"]


#: What must be in each code cell afterwards.
CHECKS = {
    "stdout and stderr": lambda c: texts(c[0], "stdout") == "hello\n" and texts(c[0], "stderr") == "careful\n",
    "the value of the last expression": lambda c: bundles(c[1]) == [{"text/plain": "['HELLO', 42]"}] and c[1].outputs[0].execution_count == 2,
    "HTML beside text": lambda c: bundles(c[2])[0]["text/plain"] == "a table" and "<td>42</td>" in bundles(c[2])[0]["text/html"],
    "a figure": lambda c: bundles(c[3])[0]["image/png"].startswith("iVBORw0KGgo"),
    "a display that was updated": lambda c: [bundle["text/plain"] for bundle in bundles(c[4])] == ["'at last'"],
    "an exception with its traceback": lambda c: errors(c[5])[0][:2] == ("LookupError", "no such thing") and "fails" in errors(c[5])[0][2],
    "input() fails where nobody can answer": lambda c: len(errors(c[6])) == 1,
    "and the kernel goes on, with its variables": lambda c: bundles(c[7])[-1]["text/plain"] == "'hello'",
    "output of a child process": lambda c: "from a child process" in texts(c[7], "stdout"),
    "numbers of cells": lambda c: [cell.execution_count for cell in c] == list(range(1, len(c) + 1)),
}


def examine(cells, failures):
    passed = 0
    for name, check in CHECKS.items():
        try:
            fine = check(cells)
        except (IndexError, KeyError) as error:
            fine, name = False, f"{name} ({error!r})"
        passed += bool(fine)
        if not fine:
            failures.append(f"{name}: {[cell.outputs for cell in cells]}")
    return passed


def run(url: str, with_papermill: bool):
    """Returns (cases, passed, skipped, failures, failures that are allowed)."""
    gateway.use(url)
    failures: list[str] = []
    tour = nbformat.read(TOUR, 4)
    NotebookClient(tour, timeout=30, kernel_manager_class=GatewayKernelManager).execute()
    passed = examine([cell for cell in tour.cells if cell.cell_type == "code"], failures)
    count = len(CHECKS)
    if with_papermill:
        count += 1
        try:
            passed += papermill_runs(failures)
        except Exception as error:
            failures.append(f"papermill: {error!r}")
    return count, passed, 0, failures, []


def papermill_runs(failures) -> bool:
    """With a parameter, which papermill puts into a cell of its own."""
    import papermill
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

    class Remote(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man, kernel_name, **rest):
            return PapermillNotebookClient(nb_man, timeout=30, kernel_name=kernel_name, kernel_manager_class=GatewayKernelManager).execute()

    papermill_engines.register("remote", Remote)
    with tempfile.TemporaryDirectory() as folder:
        source = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            cells=[nbformat.v4.new_code_cell("factor = 1", metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell("print(factor * 7)")])
        nbformat.write(source, folder + "/in.ipynb")
        done = papermill.execute_notebook(
            folder + "/in.ipynb", folder + "/out.ipynb", {"factor": 6}, engine_name="remote", progress_bar=False, stdout_file=sys.stderr)
    written = texts(done.cells[-1], "stdout")
    if written != "42\n":
        failures.append(f"papermill: {done.cells[-1].outputs}")
    return written == "42\n"
