SIZE = 8


def solutions(columns=()):
    row = len(columns)
    if row == SIZE:
        yield columns
        return
    for column in range(1, SIZE + 1):
        if all(column != other and abs(column - other) != row - i for i, other in enumerate(columns)):
            yield from solutions((*columns, column))


found = list(solutions())
print(len(found))
print("".join(map(str, found[0])))
