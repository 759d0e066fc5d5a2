local function total(number)
    if number == 0 then return 0 end
    return number + total(number - 1)
end

print(total(5000))
