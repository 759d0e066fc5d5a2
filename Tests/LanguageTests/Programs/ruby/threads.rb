workers = 4.times.map do |worker|
  Thread.new { (1000 * worker + 1..1000 * (worker + 1)).reduce(:+) }
end

sums = workers.map(&:value)
sums.each_with_index { |sum, worker| puts "worker #{worker}: #{sum}" }
puts "total: #{sums.sum}"
