"""A matplotlib backend without a screen: what would be shown is saved as plot-1.png, plot-2.png, … in /box."""

import atexit
import itertools
import os

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

FOLDER = "/box"

_numbers = itertools.count(1)
# Figures shown by a call that did not wait for them: they stay open, and count as they are at the end.
_pending = []


def _save(figure):
    for number in _numbers:
        try:
            # Never over a file of the program's, nor over that of a process forked from this one.
            file = open(os.path.join(FOLDER, f"plot-{number}.png"), "xb")
        except FileExistsError:
            continue
        with file:
            figure.savefig(file, format="png")
        return


class FigureManager(FigureManagerBase):
    def show(self):
        """`figure.show()`: the figure stays open."""
        _save(self.canvas.figure)

    @classmethod
    def pyplot_show(cls, *, block=None):
        """`plt.show()`: all open figures, in order; as if their windows had been closed then."""
        if block is not None and not block:
            for manager in Gcf.get_all_fig_managers():
                if manager not in _pending:
                    _pending.append(manager)
            return
        for manager in Gcf.get_all_fig_managers():
            _save(manager.canvas.figure)
            Gcf.destroy(manager)


class FigureCanvas(FigureCanvasAgg):
    manager_class = FigureManager


show = FigureManager.pyplot_show


@atexit.register
def _save_pending():
    managers = Gcf.get_all_fig_managers()
    for manager in _pending:
        if manager in managers:
            _save(manager.canvas.figure)
