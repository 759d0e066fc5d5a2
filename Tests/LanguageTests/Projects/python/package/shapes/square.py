from . import product


def area(side):
    return product(side, side)
