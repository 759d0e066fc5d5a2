require_relative "../lib/shapes"

File.readlines("#{__dir__}/../sides.txt", chomp: true).each do |side|
  puts "square of #{side}: #{Shapes.square(side.to_i)}"
end
