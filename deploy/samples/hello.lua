local name = io.read("l")
local answer = 1
for _, part in ipairs({2, 3, 7}) do answer = answer * part end
print(("hello %s from Lua: %d"):format(name, answer))
