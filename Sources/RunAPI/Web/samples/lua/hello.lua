-- Press Run, or Ctrl and Enter.
for number, colour in ipairs({ "red", "green", "blue" }) do
  print(number .. ". Hello, " .. colour .. " world!")
end
