local size <const> = 8

local function is_safe(columns, row, column)
    for i = 1, row - 1 do
        local other = columns[i]
        if other == column or math.abs(other - column) == row - i then return false end
    end
    return true
end

local function place(columns, row)
    if row > size then return coroutine.yield(table.concat(columns)) end
    for column = 1, size do
        if is_safe(columns, row, column) then
            columns[row] = column
            place(columns, row + 1)
            columns[row] = nil
        end
    end
end

local count, first = 0, nil
for solution in coroutine.wrap(function() place({}, 1) end) do
    count = count + 1
    first = first or solution
end
print(count)
print(first)
