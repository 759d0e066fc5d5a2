local lines, words, counts, distinct = 0, 0, {}, {}
for line in io.lines() do
    lines = lines + 1
    for word in line:gmatch("%S+") do
        words = words + 1
        if not counts[word] then
            counts[word] = 0
            distinct[#distinct + 1] = word
        end
        counts[word] = counts[word] + 1
    end
end

table.sort(distinct, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return a < b
end)
print(lines .. " " .. words .. " " .. #distinct)
for i = 1, 5 do print(counts[distinct[i]] .. " " .. distinct[i]) end
