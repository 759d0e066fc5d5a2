def divide(first, second):
    try:
        result = float(first) / float(second)
    except ValueError as error:
        print("that is no number:", error)
    except ZeroDivisionError:
        print("nothing can be divided by zero")
    else:
        print(f"{first} / {second} = {result:g}")
    finally:
        print("done")


divide(input(), input())
divide("7", "2")
divide("seven", "2")
