local disks = io.read("n")
local towers = { {}, {}, {} }
for size = disks, 1, -1 do table.insert(towers[1], size) end

local moves = 0
local function move(count, from, to, spare)
  if count == 0 then return end
  move(count - 1, from, spare, to)
  local disk = table.remove(towers[from])
  table.insert(towers[to], disk)
  moves = moves + 1
  print(("%2d. disk %d: %d -> %d"):format(moves, disk, from, to))
  move(count - 1, spare, to, from)
end

move(disks, 1, 3, 2)
print(moves .. " moves, tower 3: " .. table.concat(towers[3], " "))
