def is_balanced(text):
    closes = {")": "(", "]": "[", "}": "{"}
    open_brackets = []
    for character in text:
        if character in closes.values():
            open_brackets.append(character)
        elif character in closes:
            if not open_brackets or open_brackets.pop() != closes[character]:
                return False
    return not open_brackets


print("yes" if is_balanced(input()) else "no")
