-- The Mandelbrot set in colours.
for y = 0, 23 do
  local row = {}
  for x = 0, 71 do
    local a, b, re, im, step = (x - 50) / 24, (y - 12) / 10, 0, 0, 0
    while step < 40 and re * re + im * im < 4 do
      re, im = re * re - im * im + a, 2 * re * im + b
      step = step + 1
    end
    row[#row + 1] = step == 40 and "\27[0m " or "\27[38;5;" .. 17 + step * 5 .. "m*"
  end
  print(table.concat(row) .. "\27[0m")
end
