local Vector = {}
Vector.__index = Vector

function Vector.new(x, y) return setmetatable({ x = x, y = y }, Vector) end
function Vector.__add(a, b) return Vector.new(a.x + b.x, a.y + b.y) end
function Vector.__mul(a, b)
  if type(a) == "number" then return Vector.new(a * b.x, a * b.y) end
  return a.x * b.x + a.y * b.y -- two vectors: the dot product
end
function Vector.__eq(a, b) return a.x == b.x and a.y == b.y end
function Vector.__tostring(v) return "(" .. v.x .. ", " .. v.y .. ")" end
function Vector:length() return math.sqrt(self * self) end

local a, b = Vector.new(3, 4), Vector.new(1, -2)
print(a + b, 2 * b, a * b)
print(a:length())
print(a + b == Vector.new(4, 2), a == b)
