"""What the interpreter that is forked for every run has imported before, and what must not be the same in two runs."""

import os

# It boots with few of the variables of a run, and these are read once. They are those of image.yaml.
os.environ.update(
    MPLBACKEND="module://nestbox_figures", MPLCONFIGDIR="/usr/lib/nestbox/matplotlib", OPENBLAS_NUM_THREADS="1"
)

import matplotlib.pyplot
import numpy
import pandas

# numpy seeds its global generator when it is imported.
os.register_at_fork(after_in_child=numpy.random.seed)
