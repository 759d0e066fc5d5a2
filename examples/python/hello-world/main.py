# Reads a name and greets its owner.
name = input("Name: ").strip() or "world"
print()
print(f"Hello, {name}!")
print(f"Your name has {len(name)} letters.")
