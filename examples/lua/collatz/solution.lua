-- How many steps a number takes to become 1.
local function steps(number)
  local count = 0
  while number ~= 1 do
    number = number % 2 == 0 and number // 2 or 3 * number + 1
    count = count + 1
  end
  return count
end

print(steps(io.read("n")))
