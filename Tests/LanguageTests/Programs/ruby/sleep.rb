sleep 0.2
puts "awake"
