from heapq import heappop, heappush

ROADS = {
    ("Alder", "Birch"): 4,
    ("Alder", "Cedar"): 1,
    ("Cedar", "Birch"): 2,
    ("Birch", "Dogwood"): 5,
    ("Cedar", "Dogwood"): 8,
    ("Dogwood", "Elm"): 3,
}

neighbours = {}
for (one, other), minutes in ROADS.items():
    neighbours.setdefault(one, []).append((other, minutes))
    neighbours.setdefault(other, []).append((one, minutes))


def shortest(start, goal):
    """The minutes of the shortest way and the towns on it."""
    came_from = {}
    heap = [(0, start, None)]
    while heap:
        minutes, town, previous = heappop(heap)
        if town in came_from:
            continue
        came_from[town] = previous
        if town == goal:
            path = [town]
            while (town := came_from[town]) is not None:
                path.append(town)
            return minutes, path[::-1]
        for other, more in neighbours[town]:
            if other not in came_from:
                heappush(heap, (minutes + more, other, town))
    return None, []


minutes, path = shortest(input().strip(), input().strip())
print(" -> ".join(path))
print(minutes, "minutes")
