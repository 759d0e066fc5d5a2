File.open("lines.txt", "w") do |file|
  1.upto(1000) { |number| file.puts "line #{number}" }
end

puts File.foreach("lines.txt").count
