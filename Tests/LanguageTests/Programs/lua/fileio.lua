local file <close> = assert(io.open("lines.txt", "w"))
for number = 1, 1000 do file:write("line ", number, "\n") end
file:close()

local count = 0
for _ in io.lines("lines.txt") do count = count + 1 end
print(count)
