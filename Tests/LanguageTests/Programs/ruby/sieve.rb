LIMIT = 100_000

prime = Array.new(LIMIT, true)
prime[0] = prime[1] = false
2.upto(Integer.sqrt(LIMIT)) do |number|
  (number * number).step(LIMIT - 1, number) { |multiple| prime[multiple] = false } if prime[number]
end

puts "#{prime.count(true)} #{prime.rindex(true)}"
