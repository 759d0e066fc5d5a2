for number in range(1, 150_001):
    print(number)
