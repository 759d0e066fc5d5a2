"""What the interpreter that is forked for every run has done before, and what must not be the same in two runs."""

import io
import os

# It boots with few of the variables of a run, and these are read once. They are those of image.yaml.
os.environ.update(
    MPLBACKEND="module://nestbox_figures", MPLCONFIGDIR="/usr/lib/nestbox/matplotlib", OPENBLAS_NUM_THREADS="1"
)

import matplotlib.backends.backend_agg
import matplotlib.figure
import matplotlib.pyplot
import numpy
import pandas

# numpy seeds its global generator when it is imported.
os.register_at_fork(after_in_child=numpy.random.seed)


def _use():
    """Fonts, the encoder of PNG and much else are loaded when they are first needed."""
    figure = matplotlib.figure.Figure()
    axes = figure.subplots()
    axes.plot(numpy.linspace(0, 1, 9), label="line")
    axes.bar([1, 2], [1, 2])
    axes.set_title("title")
    axes.legend()
    matplotlib.backends.backend_agg.FigureCanvasAgg(figure).print_png(io.BytesIO())
    table = pandas.DataFrame({"kind": ["a", "b", "a"], "value": [1.5, 2.0, 3.0]})
    str(table.groupby("kind").mean()) + str(table.describe())
    numpy.linalg.solve(numpy.eye(2), numpy.ones(2))


_use()
