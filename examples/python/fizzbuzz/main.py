def fizzbuzz(number):
    # Replace this line: it returns every number as it is.
    return str(number)


n = int(input())
for number in range(1, n + 1):
    print(fizzbuzz(number))
