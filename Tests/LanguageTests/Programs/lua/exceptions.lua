local function parse(text)
    return math.tointeger(tonumber(text)) or error({text = text, message = "not a number"})
end

local is_good, result = pcall(parse, "12x")
if not is_good then
    assert(result.text == "12x")
    print("caught")
    os.exit(3)
end
print(result)
