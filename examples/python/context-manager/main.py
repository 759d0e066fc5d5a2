from contextlib import contextmanager

settings = {"colour": "blue", "size": 3}


@contextmanager
def changed(**values):
    before = dict(settings)
    settings.update(values)
    try:
        yield settings
    finally:
        settings.clear()
        settings.update(before)


with changed(colour="red") as now:
    print("inside: ", now)
print("after:  ", settings)

try:
    with changed(size=0):
        print(12 / settings["size"])
except ZeroDivisionError as error:
    print("failed: ", error)
print("after:  ", settings)
