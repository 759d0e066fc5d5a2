local function withdraw(account, amount)
  assert(type(amount) == "number", "the amount has to be a number")
  if amount > account.balance then
    error({ code = "short", missing = amount - account.balance }, 0)
  end
  account.balance = account.balance - amount
  return account.balance
end

local account = { balance = 100 }
for _, amount in ipairs({ 30, 100, "ten" }) do
  local ok, result = pcall(withdraw, account, amount)
  if ok then
    print("left: " .. result)
  elseif type(result) == "table" then
    print("refused: " .. result.missing .. " missing")
  else
    print("error: " .. result:gsub("^.-:%d+: ", ""))
  end
end
