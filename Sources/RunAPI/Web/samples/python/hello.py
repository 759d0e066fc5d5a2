# Press Run, or Ctrl and Enter.
colours = ["red", "green", "blue"]

for number, colour in enumerate(colours, start=1):
    print(f"{number}. Hello, {colour} world!")
