local same <const> = "Grüße, мир! Ωμέγα 日本語 🦆"

local line = io.read("l")
local reversed = {}
for _, code in utf8.codes(line) do table.insert(reversed, 1, utf8.char(code)) end

print(line)
print(utf8.len(line))
print(#line)
print(table.concat(reversed))
print(line == same and "same" or "different")
