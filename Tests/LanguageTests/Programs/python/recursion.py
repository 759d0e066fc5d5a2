import sys


def total(number):
    return number + total(number - 1) if number else 0


sys.setrecursionlimit(6000)
print(total(5000))
