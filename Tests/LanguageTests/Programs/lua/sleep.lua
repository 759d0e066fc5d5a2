-- The library has no sleep of its own, but a system to ask.
assert(os.execute("sleep 0.2"))
print("awake")
