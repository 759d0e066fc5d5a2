local temperatures = { 18, 21, 17, 25, 23 }
table.insert(temperatures, 20)
table.sort(temperatures)
print("sorted: " .. table.concat(temperatures, " "))

local person = { name = "Ada", languages = { "English", "French" } }
person.born = 1815
print(person.name .. ", born " .. person.born .. ", speaks " .. #person.languages .. " languages")

local counts = {}
for letter in ("mississippi"):gmatch(".") do
  counts[letter] = (counts[letter] or 0) + 1
end

-- pairs has no order: the keys are sorted first.
local letters = {}
for letter in pairs(counts) do letters[#letters + 1] = letter end
table.sort(letters)
for _, letter in ipairs(letters) do print(letter, counts[letter]) end
