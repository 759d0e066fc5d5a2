-- The driver of a live session for Lua. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
--
-- Lua can neither open a descriptor by its number nor catch a signal: perl, which every root has, hands the commands on and notes interrupts
-- in a file, at which a hook looks now and then; SIGINT is blocked (env --block-signal=INT), since lua itself would end at the second one.
-- Globals are the state of a session: `local` at the beginning of a line is taken out, or the variable would be gone with its cell.

os.remove(arg[0]) -- Nobody needs it any more, and a cell should find its folder empty.

local RECORD, TEXT, ROWS = 1 << 20, 64 << 10, 200
local note = os.tmpname()
os.remove(note)

local relay = [[
$SIG{INT} = "IGNORE"; $| = 1; binmode STDOUT;
open my $in, "<&=", 100 or exit 1;
sub exactly { my ($size, $data) = ($_[0], ""); while (length $data < $size) { sysread($in, $data, $size - length $data, length $data) or exit 0 } $data }
while (1) {
    my $head = exactly(4);
    my $size = unpack "N", $head;
    exit 1 if $size > 1 << 20;
    my $body = exactly($size);
    if ($body !~ /"type":\s*"interrupt"/) { print $head, $body; next }
    open my $file, ">", "NOTE.new"; print $file $body =~ /"id":\s*"([^"]*)"/; close $file; rename "NOTE.new", "NOTE";
    # Programs that the cell waits for have SIGINT blocked, too.
    my $out = readlink "/proc/$$/fd/101";
    for my $folder (glob "/proc/[0-9]*") {
        open my $file, "<", "$folder/stat" or next;
        my ($pid, $parent) = <$file> =~ /^(\d+) .*\) \S (\d+)/ or next;
        kill TERM => $pid if $parent == getppid && $pid != $$ && (readlink "$folder/fd/1") ne $out;
    }
}]]
local input = assert(io.popen("exec perl -e '" .. relay:gsub("NOTE", note) .. "'", "r"))
local output = assert(io.popen("exec bash -c 'exec cat >&101'", "w"))
io.stdout:setvbuf("line")

-- What a cell may replace and the driver needs. `_G` itself belongs to the cells.
local G = _G
local pcall, xpcall, load, pairs, next, type, tostring, rawget, select, getmetatable = pcall, xpcall, load, pairs, next, type, tostring, rawget, select, getmetatable
local string, table, math, utf8, debug, io, coroutine = {}, {}, {}, {}, {}, {}, {}
for mine, theirs in pairs({[string] = G.string, [table] = G.table, [math] = G.math, [utf8] = G.utf8, [debug] = G.debug, [io] = G.io, [coroutine] = G.coroutine}) do
    for name, value in pairs(theirs) do mine[name] = value end
end
local exit, rename, remove = os.exit, os.rename, os.remove
local meta = getmetatable("").__index

-- JSON. Strings are UTF-8; what is none is taken for Latin-1.

local function clean(text)
    return utf8.len(text) and text or (string.gsub(text, "[\128-\255]", function(byte) return utf8.char(string.byte(byte)) end))
end

local escapes = {['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t"}

local function quote(text)
    return '"' .. string.gsub(clean(text), '[%c"\\]', function(c)
        local byte = string.byte(c)
        return escapes[c] or (byte < 32 and string.format("\\u%04x", byte) or c)
    end) .. '"'
end

-- The JSON of a value that is that as it stands; nothing for another. `{}` is neither a list nor an object.
local function json(value, depth, budget)
    budget.left = budget.left - 1
    if budget.left < 0 or depth > 32 then return nil end
    local kind = math.type(value) or type(value)
    if kind == "boolean" then return tostring(value) end
    if kind == "integer" then return value > -(1 << 53) and value < 1 << 53 and string.format("%d", value) or nil end
    if kind == "float" then return value - value == 0 and string.format("%.17g", value) or nil end
    if kind == "string" then return #value <= TEXT and utf8.len(value) and quote(value) or nil end
    if kind ~= "table" or getmetatable(value) or next(value) == nil then return nil end
    local parts, count = {}, 0
    for _ in next, value do count = count + 1 end
    if rawget(value, count) ~= nil then
        for index = 1, count do parts[index] = json(rawget(value, index), depth + 1, budget) end
        return #parts == count and "[" .. table.concat(parts, ",") .. "]" or nil
    end
    for key, item in next, value do
        local encoded = type(key) == "string" and json(item, depth + 1, budget)
        if not encoded then return nil end
        parts[#parts + 1] = quote(key) .. ":" .. encoded
    end
    return "{" .. table.concat(parts, ",") .. "}"
end

local letters = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}

local function unquote(text)
    text = string.gsub(text, "\\u([dD][89abAB]%x%x)\\u([dD][c-fC-F]%x%x)", function(high, low)
        return utf8.char(0x10000 + ((tonumber(high, 16) & 1023) << 10) + (tonumber(low, 16) & 1023))
    end)
    return (string.gsub(text, "\\(.)(%x?%x?%x?%x?)", function(c, hex)
        if c == "u" then return utf8.char(tonumber(hex, 16)) end
        return (letters[c] or c) .. hex
    end))
end

-- A command: an object of strings, numbers and booleans.
local function decode(text)
    local record, place = {}, 1
    while true do
        local _, after, name = string.find(text, '^[%s{,]*"([^"\\]*)"%s*:%s*', place)
        if not after then return record end
        place = after + 1
        if string.sub(text, place, place) == '"' then
            local stop = place + 1
            while true do
                stop = string.find(text, '["\\]', stop)
                if string.sub(text, stop, stop) == '"' then break end
                stop = stop + 2
            end
            record[name], place = unquote(string.sub(text, place + 1, stop - 1)), stop + 1
        else
            local _, stop, word = string.find(text, "^([%w.+-]+)", place)
            record[name], place = tonumber(word) or word == "true", stop + 1
        end
    end
end

-- At most so many bytes, by whole characters.
local function cut(text, limit)
    text = clean(text)
    if #text <= limit then return text end
    return (string.gsub(string.sub(text, 1, limit), "[\xc0-\xff][\x80-\xbf]*$", ""))
end

-- Pairs of names and JSON.
local function send(...)
    local fields = {...}
    local parts = {}
    for index = 1, #fields, 2 do parts[#parts + 1] = quote(fields[index]) .. ":" .. fields[index + 1] end
    local data = "{" .. table.concat(parts, ",") .. "}"
    if #data > RECORD then G.error("record too large") end
    output:write(string.pack(">s4", data))
    output:flush()
end

-- Cells

local running, current, asked, number

local function noted()
    if not running then return end
    if asked then G.error("interrupted", 0) end -- It was caught: an interrupt means the whole cell.
    local file = io.open(note)
    if not file then return end
    local id = file:read("a")
    file:close()
    if id ~= running then return end
    remove(note)
    asked = true
    G.error("interrupted", 0)
end

-- A program that the cell waits for may have had its SIGINT before the note was written.
local run = os.execute
G.os.execute = function(...)
    local result = table.pack(run(...))
    if result[2] == "signal" then
        for _ = 1, 5 do
            noted()
            run("sleep 0.02")
        end
    end
    return table.unpack(result, 1, result.n)
end

-- A hook belongs to one coroutine.
G.coroutine.create = function(body)
    local made = coroutine.create(body)
    debug.sethook(made, noted, "", 100000)
    return made
end
G.coroutine.wrap = function(body)
    local made = G.coroutine.create(body)
    return function(...)
        local function result(fine, ...)
            if not fine then G.error((...), 0) end
            return ...
        end
        return result(coroutine.resume(made, ...))
    end
end

-- Makes globals of locals at the beginning of lines.
local function globals(code)
    local lines = {}
    for line in string.gmatch(code .. "\n", "(.-)\n") do
        line = string.gsub(line, "^local%s+function%s", "function ")
        line = string.gsub(line, "^local%s+([%w_,%s<>]-)%s*=([^=])", function(names, after) return string.gsub(names, "%s*<%s*%w+%s*>", "") .. " =" .. after end)
        line = string.gsub(line, "^local%s+([%a_][%w_,%s]*)$", "%1 = nil")
        lines[#lines + 1] = line
    end
    return table.concat(lines, "\n"), lines
end

-- The function of a cell: what it ends in is its value, if that is an expression.
local function compile(code, name)
    local lines
    code, lines = globals(code)
    local whole = load("return " .. code, name, "t")
    if whole then return whole end
    local plain, problem = load(code, name, "t")
    for first = #lines, math.max(2, #lines - 20), -1 do
        local tail = table.concat(lines, "\n", first)
        if string.find(tail, "%S") and load("return " .. tail, name, "t") then
            local both = load(table.concat(lines, "\n", 1, first - 1) .. "\nreturn " .. tail, name, "t")
            if both then return both end
        end
    end
    return plain, problem
end

local function shown(value, depth, budget)
    budget.left = budget.left - 1
    local kind = type(value)
    if kind == "string" then return '"' .. string.gsub(string.gsub(value, '[\\"]', "\\%0"), "%c", function(c) return escapes[c] or string.format("\\%d", string.byte(c)) end) .. '"' end
    local own = getmetatable(value)
    if kind ~= "table" or (type(own) == "table" and (rawget(own, "__tostring") or rawget(own, "__name"))) or depth > 3 or budget.left < 0 then return (tostring(value)) end
    local parts, count = {}, 0
    for index = 1, #value do
        if #parts >= 100 then break end
        parts[index], count = shown(rawget(value, index), depth + 1, budget), index
    end
    local keys = {}
    for key in next, value do
        if not (math.type(key) == "integer" and key >= 1 and key <= count) then keys[#keys + 1] = key end
        if #keys >= 100 then break end
    end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, key in pairs(keys) do
        local left = type(key) == "string" and string.find(key, "^[%a_][%w_]*$") and key or "[" .. shown(key, depth + 1, budget) .. "]"
        parts[#parts + 1] = left .. " = " .. shown(rawget(value, key), depth + 1, budget)
    end
    return "{" .. table.concat(parts, ", ") .. "}"
end

local function flush()
    pcall(function() G.io.stdout:flush() end)
    pcall(function() io.stderr:flush() end)
end

-- What is in the bundle of a display or a result: pairs of a type and a text, as nestbox.html() and its like make them.
local function bundle(value)
    local own = type(value) == "table" and getmetatable(value)
    local data = type(own) == "table" and rawget(own, "__mime")
    if type(data) == "function" then data = data(value) end
    local parts, room = {}, RECORD - (160 << 10)
    for mime, content in pairs(type(data) == "table" and data or {}) do
        local text = quote(tostring(content))
        if #text <= room then
            parts[#parts + 1], room = quote(cut(mime, 100)) .. ":" .. text, room - #text
        else
            parts[#parts + 1] = '"text/plain":' .. quote("<" .. mime .. ", " .. #text .. " bytes: too large to show>")
        end
    end
    return parts
end

local function report(id, values)
    local texts = {}
    for index = 1, values.n do texts[index] = tostring(shown(values[index], 0, {left = 5000})) end
    local text = clean(table.concat(texts, "\t"))
    local fields = {"type", '"result"', "id", quote(id), "repr", quote(cut(text, TEXT)), "truncated", tostring(#text > TEXT)}
    local value = values.n == 1 and json(values[1], 0, {left = 20000})
    if value and #value <= TEXT then table.move({"value", value}, 1, 2, #fields + 1, fields) end
    local data = values.n == 1 and bundle(values[1]) or {}
    if #data > 0 then table.move({"data", "{" .. table.concat(data, ",") .. "}"}, 1, 2, #fields + 1, fields) end
    send(table.unpack(fields))
end

local function failed(id, problem)
    local lines = {}
    for line in string.gmatch(problem.trace .. "\n", "(.-)\n") do
        if string.find(line, "session.lua:", 1, true) or string.find(line, "in function 'xpcall'", 1, true) then break end
        if #lines < 200 then lines[#lines + 1] = quote(cut(line, 600)) end
    end
    send("type", '"error"', "id", quote(id), "exception", problem.stopped and '"Interrupted"' or '"error"', "message", quote(cut(problem.message, 8000)), "traceback", "[" .. table.concat(lines, ",") .. "]")
end

local function handler(problem)
    local fine, message = pcall(tostring, problem)
    message = fine and type(message) == "string" and message or "the error cannot be printed"
    return {message = message, trace = debug.traceback(message, 2), stopped = asked}
end

local function execute(record)
    local id, status, values = record.id, "ok", nil
    running, current, asked = id, id, false
    local fine, problem = xpcall(function()
        local body, wrong = compile(record.code, "=cell " .. id)
        if not body then G.error(wrong, 0) end
        values = table.pack(body())
        noted()
        local empty = true
        for index = 1, values.n do empty = empty and values[index] == nil end
        if not empty and not record.silent then report(id, values) end
    end, handler)
    running = nil
    if not fine then
        if type(problem) ~= "table" then problem = {message = tostring(problem), trace = tostring(problem)} end -- An error in the handler.
        status = asked and "interrupted" or "error"
        failed(id, problem)
    end
    flush()
    debug.sethook(noted, "", 100000)
    send("type", '"done"', "id", quote(id), "status", quote(status))
end

-- os.exit in a cell.
G.os.exit = function(code)
    flush()
    local id = running
    running = nil
    if id then send("type", '"done"', "id", quote(id), "status", '"ok"') end
    output:close()
    exit(code == nil and true or code) -- Without closing the state: that would wait for the relay.
end

-- For cells.
local rich = {}
for name, mime in pairs({html = "text/html", svg = "image/svg+xml", markdown = "text/markdown"}) do
    rich[name] = function(content) return setmetatable({}, {__mime = {[mime] = content}, __name = "nestbox." .. name}) end
end
function rich.display(value, id, update)
    flush()
    local parts = bundle(value)
    if #parts == 0 then parts = {'"text/plain":' .. quote(cut(shown(value, 0, {left = 5000}), TEXT))} end
    local fields = {"type", '"display"', "id", quote(current), "data", "{" .. table.concat(parts, ",") .. "}"}
    if id then table.move({"display_id", quote(cut(tostring(id), 200)), "update", tostring(update == true)}, 1, 4, #fields + 1, fields) end
    send(table.unpack(fields))
end
function rich.update(value, id) rich.display(value, id, true) end
function rich.clear(wait)
    flush()
    send("type", '"clear"', "id", quote(current), "wait", tostring(wait == true))
end
G.nestbox = rich

-- Questions, while no cell runs. Metamethods are not called.

local words = {}
for word in string.gmatch("and break do else elseif end false for function goto if in local nil not or repeat return then true until while", "%a+") do words[word] = true end

local function upto(code, cursor)
    local stop = utf8.offset(code, cursor + 1)
    return stop and string.sub(code, 1, stop - 1) or code
end

local function index(value, name)
    for _ = 1, 8 do
        if type(value) == "string" then return rawget(meta, name) end
        if type(value) ~= "table" then return nil end
        local found = rawget(value, name)
        if found ~= nil then return found end
        local own = debug.getmetatable(value)
        value = type(own) == "table" and rawget(own, "__index")
    end
end

local function resolve(path)
    local value = G
    for name in string.gmatch(path, "[^.:]+") do value = index(value, name) end
    return value
end

local questions = {}

function questions.complete(record)
    local before = upto(record.code, record.cursor)
    local path = string.match(before, "[%w_.:]*$")
    local head, prefix = string.match(path, "^(.-)[.:]?([%w_]*)$")
    local value, found, list = head == "" and G or resolve(head), {}, {}
    if head == "" then for word in pairs(words) do found[word] = "keyword" end end
    if type(value) == "string" then value = meta end
    for _ = 1, 8 do
        if type(value) ~= "table" then break end
        for name, item in next, value do
            if type(name) == "string" and not found[name] then found[name] = type(item) == "function" and "function" or type(item) == "table" and "module" or "instance" end
        end
        local own = debug.getmetatable(value)
        value = type(own) == "table" and rawget(own, "__index")
    end
    for name in pairs(found) do
        if string.sub(name, 1, #prefix) == prefix and string.find(name, "^[%a_][%w_]*$") then list[#list + 1] = name end
    end
    table.sort(list)
    for place, name in pairs(list) do list[place] = '{"text":' .. quote(name) .. ',"type":' .. quote(found[name]) .. "}" end
    local start = record.cursor - #prefix
    return "matches", "[" .. table.concat(list, ",", 1, math.min(#list, ROWS)) .. "]", "start", string.format("%d", start), "end", string.format("%d", record.cursor)
end

local function short(value, depth)
    local kind = type(value)
    if kind == "string" then return shown(string.sub(value, 1, 200), 0, {left = 1}) end
    if kind ~= "table" or depth > 1 or debug.getmetatable(value) then return kind == "table" and "{…}" or kind == "userdata" and "<userdata>" or (tostring(value)) end
    local parts, count = {}, #value
    for key, item in next, value do
        if #parts >= 10 then parts[#parts + 1] = "…" break end
        parts[#parts + 1] = (math.type(key) == "integer" and key <= count and "" or (type(key) == "string" and key or short(key, 2)) .. " = ") .. short(item, depth + 1)
    end
    return "{" .. table.concat(parts, ", ") .. "}"
end

function questions.inspect(record)
    local before = upto(record.code, record.cursor)
    local path = string.match(before, "([%w_.:]*)%(?$") .. string.match(string.sub(record.code, #before + 1), "^[%w_]*")
    local value = path ~= "" and resolve(path)
    if value == nil or value == false or path == "" then return "found", "false", "data", "{}" end
    local text = path .. ": " .. type(value) .. (type(value) == "function" and "" or " = " .. short(value, 0))
    if type(value) == "function" then
        local about, names = debug.getinfo(value, "Su"), {}
        for place = 1, about.nparams do names[place] = debug.getlocal(value, place) end
        if about.isvararg then names[#names + 1] = "..." end
        text = "function " .. path .. "(" .. table.concat(names, ", ") .. ")" .. (about.what == "Lua" and ", in " .. about.short_src .. " line " .. about.linedefined or "")
    end
    return "found", "true", "data", '{"text/plain":' .. quote(cut(text, TEXT)) .. "}"
end

function questions.is_complete(record)
    local body, problem = compile(record.code, "=cell")
    if body then return "status", '"complete"' end
    if not string.find(problem, "<eof>", 1, true) then return "status", '"invalid"' end
    local line = string.match(record.code, "([^\n]*)$")
    local deeper = string.find(line, "%f[%w]do%s*$") or string.find(line, "%f[%w]then%s*$") or string.find(line, "function.*%)%s*$") or string.find(line, "[{(]%s*$") or string.find(line, "else%s*$")
    return "status", '"incomplete"', "indent", quote(string.match(line, "^%s*") .. (deeper and "    " or ""))
end

local initial = {}

function questions.variables()
    local names, rows = {}, {}
    for name in next, G do if type(name) == "string" and not initial[name] then names[#names + 1] = name end end
    table.sort(names)
    for place = 1, math.min(#names, ROWS) do
        local value = rawget(G, names[place])
        local size = (type(value) == "string" or type(value) == "table" and not debug.getmetatable(value)) and #value or 0
        rows[place] = '{"name":' .. quote(cut(names[place], 200)) .. ',"type":' .. quote(math.type(value) or type(value)) .. ',"repr":' .. quote(cut(short(value, 0), 200)) .. ',"size":' .. string.format("%d", size) .. "}"
    end
    return "variables", "[" .. table.concat(rows, ",") .. "]"
end

for name in next, G do initial[name] = true end
arg = nil
debug.sethook(noted, "", 100000)
send("type", '"ready"', "protocol", "1", "language", '"lua"', "version", quote(string.match(_VERSION, "[%d.]+")), "features", '["complete","inspect","is_complete","variables","interrupt","rich"]')
while true do
    local head = input:read(4)
    if not head or #head < 4 then exit(0) end -- The service is gone, has closed the session, or sent what is no record.
    local record = decode(input:read((string.unpack(">I4", head))))
    if record.type == "execute" then
        execute(record)
    else
        local question = questions[record.type] or function() return "error", '"unknown type"' end
        local answer = table.pack(pcall(question, record))
        if not answer[1] then answer = {true, "error", quote(cut(tostring(answer[2]), 500))} end
        send("type", '"answer"', "id", quote(record.id), table.unpack(answer, 2))
    end
end
