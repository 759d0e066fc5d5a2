-- How many steps a number takes to become 1.
local function steps(number)
  -- Replace this line: it counts only the first step.
  return number == 1 and 0 or 1
end

print(steps(io.read("n")))
