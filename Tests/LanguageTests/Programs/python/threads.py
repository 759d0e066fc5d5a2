from concurrent.futures import ThreadPoolExecutor


def work(worker):
    return sum(range(1000 * worker + 1, 1000 * (worker + 1) + 1))


with ThreadPoolExecutor(4) as pool:
    sums = list(pool.map(work, range(4)))
for worker, sum_of_worker in enumerate(sums):
    print(f"worker {worker}: {sum_of_worker}")
print("total:", sum(sums))
