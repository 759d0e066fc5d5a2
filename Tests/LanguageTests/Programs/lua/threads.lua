-- Lua's threads are coroutines: each works for a while and lets the next one go on.
local function work(worker)
    local sum = 0
    for number = 1000 * worker + 1, 1000 * (worker + 1) do
        sum = sum + number
        if number % 100 == 0 then coroutine.yield() end
    end
    return sum
end

local workers, sums = {}, {}
for worker = 0, 3 do workers[worker] = coroutine.create(work) end
local running = 4
while running > 0 do
    for worker = 0, 3 do
        local thread = workers[worker]
        if coroutine.status(thread) ~= "dead" then
            local _, sum = assert(coroutine.resume(thread, worker))
            if sum then
                sums[worker] = sum
                running = running - 1
            end
        end
    end
end

local total = 0
for worker = 0, 3 do
    print("worker " .. worker .. ": " .. sums[worker])
    total = total + sums[worker]
end
print("total: " .. total)
