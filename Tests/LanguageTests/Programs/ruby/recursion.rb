def total(number)
  number.zero? ? 0 : number + total(number - 1)
end

puts total(5000)
