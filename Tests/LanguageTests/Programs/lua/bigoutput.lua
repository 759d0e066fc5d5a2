for number = 1, 150000 do print(number) end
