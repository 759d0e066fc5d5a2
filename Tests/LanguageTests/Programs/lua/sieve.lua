local limit <const> = 100000

local composite = {}
local count, largest = 0, nil
for number = 2, limit - 1 do
    if not composite[number] then
        count, largest = count + 1, number
        for multiple = number * number, limit - 1, number do composite[multiple] = true end
    end
end
print(count .. " " .. largest)
