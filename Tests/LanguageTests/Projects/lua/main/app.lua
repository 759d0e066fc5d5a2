local shapes = require("lib.shapes")

for side in io.lines("sides.txt") do print("square of " .. side .. ": " .. shapes.square(math.tointeger(side))) end
