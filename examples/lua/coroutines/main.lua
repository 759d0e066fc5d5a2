local function task(name, steps)
  return coroutine.create(function()
    for step = 1, steps do
      print(name .. ": step " .. step .. " of " .. steps)
      coroutine.yield()
    end
    return name
  end)
end

local waiting = { task("wash", 3), task("cook", 1), task("read", 2) }
while #waiting > 0 do
  local current = table.remove(waiting, 1)
  local ok, result = coroutine.resume(current)
  if not ok then error(result) end
  if coroutine.status(current) == "dead" then
    print(result .. " is done")
  else
    table.insert(waiting, current)
  end
end
