def is_balanced(text):
    # Replace this line: it only compares how many there are.
    return text.count("(") == text.count(")")


print("yes" if is_balanced(input()) else "no")
